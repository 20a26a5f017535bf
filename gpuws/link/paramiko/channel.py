"""paramiko's Channel with its faults cured, and the streams, processes and terminals made of one."""

from __future__ import annotations

import contextlib
import signal
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from paramiko import Message, SSHException
from paramiko.common import cMSG_CHANNEL_REQUEST

from gpuws.link.paramiko.buffer import ChannelBuffer
from gpuws.link.paramiko.typed import TypedChannel, TypedTransport
from gpuws.link.streams import StreamBroken
from gpuws.model.session.terminal import Size

REQUEST_TIMEOUT = 15.0  # seconds for the answer to a pty, exec or shell request
STATUS_TIMEOUT = 2.0  # seconds between the end of the output and the exit status


FAILURES = (SSHException, OSError, EOFError)
"""What paramiko raises where a connection dies under it."""


class RequestRefused(Exception):
    """The server refused a request (pty, exec, shell) on an open channel."""


class Carrier(TypedTransport):
    """The transport below a channel. `gives_terminals`: its server did so before."""

    gives_terminals: bool

    @abstractmethod
    def free(self) -> bool:
        """Nobody is sending, and a small packet would not have to wait."""

    @abstractmethod
    def post(self, messages: Sequence[Message]) -> None:
        """Send without ever waiting."""


class SshChannel(TypedChannel):
    """Closes without waiting for the peer, knows how it ended, keeps the exit signal, bounds what a server sends."""

    transport: Carrier
    closed_here = False
    refused = False
    exit_signal: str | None = None
    _unheeded = 0  # requests whose answer nobody waits for

    def __init__(self, chanid: int) -> None:
        super().__init__(chanid)
        self.in_buffer, self.in_stderr_buffer = ChannelBuffer(), ChannelBuffer()

    def close(self) -> None:
        """paramiko: waits for a dead peer, because it sends two messages itself."""
        self._close(())

    def end(self) -> None:
        """Close, and have sshd end the program's process group first (RFC 4254 §6.9): without a PTY it would live on.

        sshd does so for ordinary users; before OpenSSH 9.8 not for root."""
        request = Message()
        request.add_byte(cMSG_CHANNEL_REQUEST)
        request.add_int(self.remote_chanid)
        request.add_string("signal")
        request.add_boolean(False)
        request.add_string("TERM")
        self._close(() if self.status_event.is_set() else (request,))

    def _close(self, before: tuple[Message, ...]) -> None:
        with self.lock:
            first = self.active and not self.closed
            self.closed_here = self.closed_here or first
            if first:
                self._post(*before, *self._close_internal())

    def shutdown(self, how: int) -> None:
        """paramiko: sends the end of file after it let go of the lock, so that the answer to a close may overtake it.
        sshd ends the whole connection for an end of file on a channel that is closed."""
        if how in (0, 2):
            super().shutdown(0)
        if how in (1, 2):
            with self.lock:
                self._post(self._send_eof())

    def _handle_close(self, m: Message) -> None:  # noqa: ARG002
        """As paramiko does, in order with what else is sent of this channel."""
        with self.lock:
            messages = self._close_internal()
            self.transport._unlink_channel(self.chanid)
            self._post(*messages)

    def _post(self, *messages: Message | None) -> None:
        """Under the lock."""
        self.transport.post([message for message in messages if message is not None])

    @property
    def largest(self) -> int:
        """Bytes that go into one packet."""
        return max(self.out_max_packet_size - 64, 1)  # as paramiko reckons

    @property
    def broken(self) -> bool:
        """It ended neither by the other side's end of file nor by our closing: the link broke, or the server cut it."""
        return self.closed and not self.eof_received and not self.closed_here

    def _feed(self, m: Message | bytes) -> None:
        super()._feed(m)
        self._check_window()

    def _feed_extended(self, m: Message) -> None:
        super()._feed_extended(m)
        self._check_window()

    def _check_window(self) -> None:
        """paramiko: a server that ignores the window fills our memory."""
        if len(self.in_buffer) + len(self.in_stderr_buffer) > 2 * self.in_window_size:
            self.close()

    def _handle_request(self, m: Message) -> None:
        """paramiko: `exit-signal` is thrown away."""
        position = m.packet.tell()
        if m.get_text() == "exit-signal":
            m.get_boolean()
            self.exit_signal = m.get_text()
            self.status_event.set()
            return
        m.packet.seek(position)
        super()._handle_request(m)

    def get_pty(
        self,
        term: Any = "vt100",
        width: int = 80,
        height: int = 24,
        width_pixels: int = 0,
        height_pixels: int = 0,
    ) -> None:
        """paramiko: waits for the answer, a round trip. A server that gave one terminal gives the next: there the
        program is asked for in the same breath. Of one that refuses nothing more is asked: it would run without a
        terminal."""
        if not self.transport.gives_terminals:
            super().get_pty(term, width, height, width_pixels, height_pixels)
            self.transport.gives_terminals = True
            return
        request = Message()
        request.add_byte(cMSG_CHANNEL_REQUEST)
        request.add_int(self.remote_chanid)
        request.add_string("pty-req")
        request.add_boolean(True)
        request.add_string(term)
        for number in (width, height, width_pixels, height_pixels):
            request.add_int(number)
        request.add_string(b"")  # no modes
        self._unheeded += 1
        self.transport._send_user_message(request)

    def _request_success(self, m: Message) -> None:
        """Answers come in the order of their requests."""
        if self._unheeded:
            self._unheeded -= 1
        else:
            super()._request_success(m)

    def _request_failed(self, m: Message) -> None:
        self.refused = True
        super()._request_failed(m)

    def _wait_for_event(self) -> None:
        """paramiko: no time limit, and the reason may be another channel's."""
        if not self.event.wait(REQUEST_TIMEOUT):
            self.close()
            raise TimeoutError
        if not self.event_ready:
            raise RequestRefused

    def status(self) -> int | None:
        """Exit status, 128 + signal, or None when it was never told."""
        if self.exit_signal is not None:
            number = getattr(signal, f"SIG{self.exit_signal}", None)
            return 128 + number if isinstance(number, int) else 255
        return self.exit_status if self.exit_status >= 0 else None


def told_to(channel: type[SshChannel]) -> dict[int, Callable[..., None]]:
    """What a transport calls for each message of a channel. paramiko: its own table names the methods of its base
    class, whatever the channel's class overrides."""
    table = TypedTransport._channel_handler_table
    return {message: getattr(channel, handler.__name__) for message, handler in table.items()}


class ChannelStream:
    """A forwarded connection as a Stream."""

    def __init__(self, channel: SshChannel, what: str) -> None:
        self._channel = channel
        self._what = what

    def recv(self, limit: int = 65536) -> bytes:
        data = receive(self._channel.recv, limit, self._what)
        if not data and self._channel.broken:
            raise StreamBroken(f"{self._what}: the connection broke")
        return data

    def sendall(self, data: bytes) -> None:
        send_all(self._channel, data, self._what)

    def shutdown_write(self) -> None:
        with contextlib.suppress(*FAILURES):
            self._channel.shutdown_write()

    def settimeout(self, seconds: float | None) -> None:
        self._channel.settimeout(seconds)

    def close(self) -> None:
        self._channel.close()


class SshProcess:
    """A program without a PTY on the other side. Closing it ends its stdin and sends it SIGTERM."""

    def __init__(self, channel: SshChannel, what: str) -> None:
        self._channel = channel
        self._what = what

    def read(self, limit: int = 65536) -> bytes:
        return self._unbroken(receive(self._channel.recv, limit, self._what))

    def read_stderr(self, limit: int = 65536) -> bytes:
        return self._unbroken(receive(self._channel.recv_stderr, limit, self._what))

    def write(self, data: bytes) -> None:
        send_all(self._channel, data, self._what)

    def close_stdin(self) -> None:
        with contextlib.suppress(*FAILURES):
            self._channel.shutdown_write()

    def wait(self, timeout: float | None = None) -> int | None:
        if not self._channel.status_event.wait(timeout):
            raise TimeoutError
        return self._channel.status()

    def settimeout(self, seconds: float | None) -> None:
        self._channel.settimeout(seconds)

    def close(self) -> None:
        self._channel.end()

    def _unbroken(self, data: bytes) -> bytes:
        if not data and self._channel.broken and self._channel.status() is None:
            raise StreamBroken(f"{self._what}: the connection was lost")
        return data


class SshTerminal:
    """A program on a PTY of the other side."""

    def __init__(self, channel: SshChannel, what: str) -> None:
        self._channel = channel
        self._what = what

    def recv(self, limit: int = 65536) -> bytes:
        with contextlib.suppress(StreamBroken):
            return receive(self._channel.recv, limit, self._what)
        return b""

    def sendall(self, data: bytes) -> None:
        send_all(self._channel, data, self._what)

    def resize(self, size: Size) -> None:
        with contextlib.suppress(*FAILURES):
            self._channel.resize_pty(size.columns, size.rows)

    def exit_status(self) -> int | None:
        self._channel.status_event.wait(STATUS_TIMEOUT)
        return self._channel.status()

    def close(self) -> None:
        self._channel.close()


def receive(read: Callable[[int], bytes], limit: int, what: str) -> bytes:
    """Reading sends, too: it makes room for more."""
    try:
        return read(limit)
    except TimeoutError:
        raise
    except FAILURES as error:
        raise StreamBroken(f"{what}: the connection was lost") from error


def send_all(channel: SshChannel, data: bytes, what: str) -> None:
    """paramiko's own `sendall` spins for ever once our own end of file was sent."""
    view = memoryview(data)
    while view:
        try:
            sent = channel.send(bytes(view[: channel.largest]))
        except TimeoutError:
            raise
        except FAILURES as error:
            raise StreamBroken(f"{what}: the other side closed the connection") from error
        if sent == 0:
            raise StreamBroken(f"{what}: the other side closed the connection")
        view = view[sent:]


def start(channel: SshChannel, command: str, environment: Sequence[tuple[str, str]] = ()) -> None:
    """Run `command` by the login shell; "" is the login shell itself. RequestRefused, also of what was asked before."""
    try:
        for name, value in environment:
            channel.set_environment_variable(name, value)
        if command:
            channel.exec_command(command)
        else:
            channel.invoke_shell()
    except SSHException as error:
        raise RequestRefused if channel.refused else error from error
