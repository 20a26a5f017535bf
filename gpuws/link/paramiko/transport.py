"""paramiko's Transport with its faults cured. It touches private names of paramiko 5, which
`tests/link/test_private_names.py` looks for."""

from __future__ import annotations

import logging
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from paramiko import Message, SSHException
from paramiko.common import (
    MSG_USERAUTH_BANNER,
    cMSG_CHANNEL_OPEN,
    cMSG_GLOBAL_REQUEST,
    cMSG_REQUEST_FAILURE,
)

from gpuws.link.paramiko.channel import Carrier, SshChannel, told_to
from gpuws.link.paramiko.outgoing import FAILURES, LONGEST_QUEUE, Outgoing
from gpuws.link.paramiko.read_ahead import ReadAhead
from gpuws.link.paramiko.typed import TypedPacketizer, TypedTransport
from gpuws.model.text import plain

OPEN_TIMEOUT = 10.0  # seconds for a channel to open
LARGEST_PACKET = 1 << 17  # bytes of a channel's packet: each costs the same, whatever is in it
LONGEST_PACKET = 1 << 20  # bytes; OpenSSH's are a quarter of it
LONGEST_BANNERS = 1 << 14  # letters of all that a server says to greet us
MOST_GREETINGS = 5  # lines in front of a server's version; what is no SSH server may say any number
LOGIN_PACKETS = 1000  # from the server until we are in: a long login takes a tenth of them
_OLDER = "@libssh.org"

# Without a handler of its own, paramiko's log goes to stderr, over the screen.
logging.getLogger("paramiko").addHandler(logging.NullHandler())
logging.getLogger("paramiko").propagate = False


class OpenRefused(Exception):
    """The server refused a channel. `code` is RFC 4254's, `reason` the server's own words."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class LinkDead(Exception):
    """The transport ended; its argument says why."""


class SshPacketizer(TypedPacketizer):
    """Knows when the peer was last heard, and gives the transport a turn after each packet and ten times a second."""

    def __init__(self, sock: Any) -> None:
        ahead: Any = ReadAhead(sock)
        super().__init__(ahead)
        self.sock = sock
        self.heard = time.monotonic()
        self.packets = 0
        self.greetings: list[str] = []
        self.banners = ""
        self.turn: Callable[[], None] = lambda: None

    def read_all(self, n: int, check_rekey: bool = False) -> bytes:
        """paramiko: of a packet the peer may say any length, and all of it is waited for and kept."""
        if n > LONGEST_PACKET:
            raise SSHException(f"a packet of {n} bytes")
        return super().read_all(n, check_rekey)

    def readline(self, timeout: float) -> str:
        """paramiko: what stands in front of the version is dropped, and a letter that is not UTF-8 ends it."""
        try:
            line = super().readline(timeout)
        except UnicodeDecodeError as error:
            line = error.object.decode(errors="replace")
        if not line.startswith("SSH-") and len(self.greetings) < MOST_GREETINGS:
            self.greetings.append(plain(line, 200))
        return line

    def read_message(self) -> tuple[int, Message]:
        kind, message = super().read_message()
        self.heard = time.monotonic()
        self.packets += 1
        if kind == MSG_USERAUTH_BANNER and len(self.banners) < LONGEST_BANNERS:  # paramiko: only the last is kept
            self.banners += message.get_binary().decode(errors="replace")[:LONGEST_BANNERS] + "\n"
            message.rewind()
        self.turn()
        return kind, message

    def free(self) -> bool:
        """Nobody is sending, and a small packet would not have to wait."""
        lock = self._Packetizer__write_lock
        if not lock.acquire(blocking=False):
            return False
        lock.release()
        if isinstance(self.sock, SshChannel):
            return self.sock.out_window_size > 0 and self.sock.transport.free()
        try:
            poll = select.poll()
            poll.register(self.sock, select.POLLOUT)
            return bool(poll.poll(0))
        except (OSError, ValueError):  # closed meanwhile: sending ends at once, too
            return True

    def _check_keepalive(self) -> None:
        self.turn()


@dataclass(slots=True, eq=False)
class _Opening:
    channel: SshChannel
    done: threading.Event = field(default_factory=threading.Event)
    refusal: OpenRefused | None = None
    abandoned: bool = False


class SshTransport(Carrier):
    """One connection. `open` replaces `open_channel`: any kind of channel, its own error, a time limit."""

    packetizer: SshPacketizer
    packetizer_class: type[SshPacketizer] = SshPacketizer
    # GCM first: 1.6 times the throughput of CTR with a MAC.
    _preferred_ciphers = (
        *(cipher for cipher in TypedTransport._preferred_ciphers if "gcm" in cipher),
        *(cipher for cipher in TypedTransport._preferred_ciphers if "gcm" not in cipher),
    )
    # paramiko: of curve25519's two names (RFC 8731) it knows the older one only.
    _kex_info = {
        name.removesuffix(_OLDER): kex for name, kex in TypedTransport._kex_info.items()
    } | TypedTransport._kex_info
    _preferred_kex = tuple(
        dict.fromkeys(each for name in TypedTransport._preferred_kex for each in (name.removesuffix(_OLDER), name))
    )
    _channel_handler_table = told_to(SshChannel)

    def __init__(self, sock: Any) -> None:
        super().__init__(sock, packetizer_class=self.packetizer_class)
        self.packetizer.turn = self._turn
        self.latency: float | None = None
        self.gives_terminals = False  # it did so before
        self.host_key_algorithms: tuple[str, ...] = self._preferred_keys
        self.disconnect_text = ""
        self.offers: dict[str, list[str]] = {}
        self.reason = ""
        self.ended = threading.Event()
        self.on_end: Callable[[str], None] = _nothing
        self._openings: dict[int, _Opening] = {}
        self.outgoing = Outgoing(self)
        self._ping_wanted = False
        self._pings: deque[float] = deque()

    @property
    def preferred_keys(self) -> tuple[str, ...]:
        """paramiko: a certificate is never asked for before the plain key."""
        return self.host_key_algorithms

    # the end of it

    @property
    def alive(self) -> bool:
        return bool(self.active)

    @property
    def greetings(self) -> tuple[str, ...]:
        """Lines that came in front of the server's version, or instead of it."""
        return tuple(filter(None, self.packetizer.greetings))

    @property
    def banners(self) -> str:
        """What the server said during the login, unasked: any text, of any number of lines."""
        return self.packetizer.banners

    @property
    def heard(self) -> float:
        """Monotonic time of the last packet of the peer."""
        return self.packetizer.heard

    def fail(self, reason: str) -> None:
        """End it because of `reason`; returns at once."""
        self.reason = self.reason or reason
        self.close()
        self._end()

    def run(self) -> None:
        try:
            super().run()
        finally:
            self._end()

    def _end(self) -> None:
        with self.lock:
            first, openings = not self.ended.is_set(), list(self._openings.values())
            self.ended.set()
            self._openings.clear()
        for opening in openings:
            opening.done.set()
        if self.completion_event is not None:  # paramiko: `start_client` never learns that `close` was called
            self.completion_event.set()
        if first:
            self.on_end(self.why())

    def why(self) -> str:
        """Why it ended, in a few words."""
        error = self.saved_exception
        if self.reason or self.disconnect_text:
            return self.reason or f"the server said: {self.disconnect_text}"
        return "the server closed the connection" if error is None or isinstance(error, EOFError) else plain(str(error))

    def _parse_disconnect(self, m: Message) -> None:
        """paramiko: the server's reason is dropped."""
        m.get_int()
        self.disconnect_text = plain(m.get_text())

    def _parse_kex_init(self, m: Message) -> None:
        """Keep what the server offers, for the error where nothing of it will do."""
        self.offers = self._really_parse_kex_init(m)
        m.rewind()
        super()._parse_kex_init(m)

    # channels

    def open(self, kind: str, payload: Sequence[str | int] = (), *, timeout: float = OPEN_TIMEOUT) -> SshChannel:
        """Open a channel. OpenRefused, LinkDead or TimeoutError otherwise.

        paramiko: `direct-streamlocal` kills the connection, errors of concurrent opens get mixed up and lose the
        server's words, and a time-out leaves the channel behind."""
        opening, request = self._prepare(kind, payload)
        try:
            self._send_user_message(request)
        except FAILURES as error:
            raise LinkDead(self.reason or str(error) or self.why()) from error
        if not opening.done.wait(timeout):
            with self.lock:
                opening.abandoned = True
            raise TimeoutError(f"no answer within {timeout:g} s")
        if opening.refusal is not None:
            raise opening.refusal
        if not opening.channel.active:
            raise LinkDead(self.why())
        return opening.channel

    def _prepare(self, kind: str, payload: Sequence[str | int]) -> tuple[_Opening, Message]:
        size, packet = self._sanitize_window_size(None), LARGEST_PACKET
        with self.lock:
            if self.ended.is_set() or not self.active:
                raise LinkDead(self.why())
            number = self._next_channel()
            opening = self._openings[number] = _Opening(SshChannel(number))
            self._channels.put(number, opening.channel)
            self.channels_seen[number] = True
            opening.channel._set_transport(self)
            opening.channel._set_window(size, packet)
        request = _message(cMSG_CHANNEL_OPEN, kind, number, size, packet, *payload)
        return opening, request

    def _parse_channel_open_success(self, m: Message) -> None:
        number, remote, window, packet = m.get_int(), m.get_int(), m.get_int(), m.get_int()
        with self.lock:
            opening = self._openings.pop(number, None)
        if opening is None:
            return
        opening.channel._set_remote_channel(remote, window, packet)
        if opening.abandoned:
            opening.channel.close()
        opening.done.set()

    def _parse_channel_open_failure(self, m: Message) -> None:
        number, code, reason = m.get_int(), m.get_int(), m.get_text()
        with self.lock:
            opening = self._openings.pop(number, None)
            self._channels.delete(number)
        if opening is not None:
            opening.refusal = OpenRefused(code, reason)
            opening.done.set()

    # sending

    def _send_user_message(self, data: Message) -> None:
        """paramiko: during a key exchange this thread waits 30 s for itself, then the connection dies."""
        self.outgoing.wait(self.outgoing.put(data))

    def _parse_newkeys(self, m: Message) -> None:
        super()._parse_newkeys(m)
        self.outgoing.push()

    def _parse_global_request(self, m: Message) -> None:
        """Refuse everything. paramiko: answers in the middle of a key exchange."""
        m.get_text()
        if m.get_boolean():
            self._send_user_message(_message(cMSG_REQUEST_FAILURE))

    def free(self) -> bool:
        return bool(self.clear_to_send.is_set()) and self.packetizer.free()

    def _turn(self) -> None:
        """On the transport's own thread."""
        if not self.authenticated and self.packetizer.packets > LOGIN_PACKETS:  # banners, say, without an end
            self.reason = f"the server sent more than {LOGIN_PACKETS} packets before the login was done"
            raise SSHException(self.reason)
        if len(self.outgoing) > LONGEST_QUEUE:  # it asks for answers, and reads none
            self.reason = f"the server left more than {LONGEST_QUEUE} messages waiting"
            raise SSHException(self.reason)
        self.outgoing.push()
        if self._ping_wanted and self.authenticated:
            self._ping_wanted = False
            self._pings.append(time.monotonic())
            self._send_user_message(_message(cMSG_GLOBAL_REQUEST, "keepalive@openssh.com", True))

    # liveness

    def ping(self) -> None:
        """Have the peer answer soon; never waits. paramiko: keepalives want no reply, so a dead peer is never seen."""
        self._ping_wanted = True

    def _parse_request_success(self, m: Message) -> None:  # noqa: ARG002
        if self._pings:
            self.latency = time.monotonic() - self._pings.popleft()

    _parse_request_failure = _parse_request_success


def _nothing(_: str) -> None:
    pass


def _message(code: bytes, *fields: str | int | bool) -> Message:
    message = Message()
    message.add_byte(code)
    for item in fields:
        if isinstance(item, bool):
            message.add_boolean(item)
        elif isinstance(item, int):
            message.add_int(item)
        else:
            message.add_string(item)
    return message
