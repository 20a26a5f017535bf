"""The server's end of one connection: who may enter, which channels are opened, how many."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from paramiko import Message, PKey, ServerInterface
from paramiko.common import (
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_FAILED_RESOURCE_SHORTAGE,
    OPEN_FAILED_UNKNOWN_CHANNEL_TYPE,
    cMSG_CHANNEL_OPEN_FAILURE,
    cMSG_CHANNEL_OPEN_SUCCESS,
)

from gpuws.link.paramiko.channel import told_to
from gpuws.link.paramiko.transport import SshTransport
from gpuws.sshserver.channel import ServerCarrier, ServerChannel

MOST_CHANNELS = 256
"""At once. An editor forwards a port for each of its connections; a client that asks for more is not one."""

WINDOW = 2 << 20  # bytes on the way to us; OpenSSH's own
PACKET = 1 << 17  # bytes of one packet to us: OpenSSH fills it, and each costs the same whatever is in it

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Entrance(ServerInterface):
    """Everybody who can speak to us is let in, without proof.

    There is no port: the other end of our descriptors is in the hands of the process that started this one, so it runs
    as the same user, and could start any other command of gpuws. A key or a password would prove nothing more, and
    would have to be kept somewhere. `none` is what every client tries first; clients that don't have their key taken,
    whichever it is."""

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002 - as paramiko calls it
        return "none,publickey"

    def check_auth_none(self, username: str) -> int:  # noqa: ARG002
        return AUTH_SUCCESSFUL

    def check_auth_publickey(self, username: str, key: PKey) -> int:  # noqa: ARG002
        return AUTH_SUCCESSFUL


class ServerTransport(SshTransport, ServerCarrier):
    """`sessions` takes each session channel; `forward` one that leads to a port there, and answers it when it is known
    whether it does. Agent, X11 and remote forwarding do not exist here."""

    _channel_handler_table = told_to(ServerChannel)

    def __init__(
        self,
        sock: Any,
        session: Callable[[ServerChannel], None],
        forward: Callable[[ServerChannel, int], None],
    ) -> None:
        super().__init__(sock)
        self._session = session
        self._forward = forward
        self._ending: deque[threading.Thread] = deque(maxlen=MOST_CHANNELS)
        self._alive: dict[int, ServerChannel] = {}  # paramiko keeps weak references only
        self._working: set[ServerChannel] = set()  # ended, but what was begun for them is not over
        self._kinds: Mapping[str, Callable[[Message, ServerChannel], None]] = {
            "session": self._open_session,
            "direct-tcpip": self._open_forward,
        }

    def serve(self, key: PKey) -> None:
        """Begin; returns at once."""
        self.add_server_key(key)
        self.start_server(event=threading.Event(), server=Entrance())

    def endings(self) -> list[threading.Thread]:
        """Those that still end what a channel of theirs had opened."""
        return [thread for thread in tuple(self._ending) if thread.is_alive()]

    def ends(self, channel: ServerChannel) -> None:
        """A channel ended, perhaps on this very thread. Ending what it had opened may take a moment."""
        thread = threading.Thread(target=channel.gone, name="ssh channel ends", daemon=True)
        thread.start()
        self._ending.append(thread)

    def confirm(self, channel: ServerChannel) -> None:
        """Tell the client that its channel is open."""
        message = Message()
        message.add_byte(cMSG_CHANNEL_OPEN_SUCCESS)
        for number in (channel.remote_chanid, channel.chanid, WINDOW, PACKET):
            message.add_int(number)
        self._send_user_message(message)

    def refuse(self, channel: ServerChannel, code: int, reason: str) -> None:
        """Tell the client why its channel is not opened."""
        channel.drop()
        self._unlink_channel(channel.chanid)
        message = Message()
        message.add_byte(cMSG_CHANNEL_OPEN_FAILURE)
        message.add_int(channel.remote_chanid)
        message.add_int(code)
        message.add_string(reason)
        message.add_string("en")
        self._send_user_message(message)

    def rests(self, channel: ServerChannel) -> None:
        with self.lock:
            self._working.discard(channel)

    def _unlink_channel(self, chanid: int) -> None:
        super()._unlink_channel(chanid)
        with self.lock:
            channel = self._alive.pop(chanid, None)
            if channel is not None and channel.working:
                self._working.add(channel)

    def _parse_channel_open(self, m: Message) -> None:
        """paramiko: answers before it can be known whether a port answers, and refuses without a reason."""
        kind, remote, window, packet = m.get_text(), m.get_int(), m.get_int(), m.get_int()
        with self.lock:
            channel = ServerChannel(self._next_channel())
            channel._set_transport(self)
            channel._set_window(WINDOW, PACKET)
            channel._set_remote_channel(remote, window, packet)
            room = len(self._alive) + len(self._working) < MOST_CHANNELS
        if not room:
            self.refuse(channel, OPEN_FAILED_RESOURCE_SHORTAGE, f"{MOST_CHANNELS} channels are open")
        elif kind not in self._kinds:
            self.refuse(channel, OPEN_FAILED_UNKNOWN_CHANNEL_TYPE, "only sessions and ports of the workspace")
        else:
            self._kinds[kind](m, channel)

    def _admit(self, channel: ServerChannel) -> None:
        with self.lock:
            self._alive[channel.chanid] = channel
            self._channels.put(channel.chanid, channel)
            self.channels_seen[channel.chanid] = True

    def _open_session(self, _m: Message, channel: ServerChannel) -> None:
        self._admit(channel)
        self._session(channel)
        self.confirm(channel)

    def _open_forward(self, m: Message, channel: ServerChannel) -> None:
        host, port = m.get_text(), m.get_int()
        if host not in LOOPBACK or not 0 < port < 65536:
            said = "only ports of the workspace itself: 127.0.0.1, localhost"
            self.refuse(channel, OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED, said)
            return
        self._admit(channel)
        self._forward(channel, port)
