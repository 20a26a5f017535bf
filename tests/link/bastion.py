"""A jump host whose login takes one-time codes: it forwards connections, opens no session, counts what it asked."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import paramiko
from paramiko import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED, OPEN_SUCCEEDED
from paramiko.server import InteractiveQuery

PROMPT = "One-time code: "


class Bastion:
    """`port` on the loopback. `codes`: those that are still good. `accepted` connections, `prompts` sent, and the
    `logins` that succeeded."""

    def __init__(self, host_key: str, codes: set[str]) -> None:
        self.codes = codes
        self.accepted = self.prompts = self.logins = 0
        self._key = paramiko.Ed25519Key.from_private_key_file(host_key)
        self._lock = threading.Lock()
        self._transports: list[paramiko.Transport] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def take(self, code: str) -> bool:
        """Each is good once."""
        with self._lock:
            good = code in self.codes
            self.codes.discard(code)
            self.logins += good
            return good

    def prompted(self) -> None:
        with self._lock:
            self.prompts += 1

    def cut(self) -> None:
        """End the connections there are; new ones are taken."""
        with self._lock:
            transports, self._transports = self._transports, []
        for transport in transports:
            transport.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(sock)
            with self._lock:
                self.accepted += 1
                self._transports.append(transport)
            transport.add_server_key(self._key)
            visit = _Visit(self, transport)
            transport.start_server(event=threading.Event(), server=visit)
            threading.Thread(target=visit.join, daemon=True).start()


class _Visit(paramiko.ServerInterface):
    """One connection."""

    def __init__(self, bastion: Bastion, transport: paramiko.Transport) -> None:
        self._bastion = bastion
        self._transport = transport
        self._ways: dict[int, socket.socket] = {}

    def get_allowed_auths(self, username: str) -> str:
        return "keyboard-interactive"

    def check_auth_interactive(self, username: str, submethods: str) -> InteractiveQuery:
        self._bastion.prompted()
        return InteractiveQuery("", "", (PROMPT, False))

    def check_auth_interactive_response(self, responses: list[str]) -> int:
        return AUTH_SUCCESSFUL if self._bastion.take("".join(responses)) else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_direct_tcpip_request(
        self,
        chanid: int,
        origin: tuple[str, int],
        destination: tuple[str, int],
    ) -> int:
        try:
            way = socket.create_connection(destination, 5)
        except OSError:
            return paramiko.OPEN_FAILED_CONNECT_FAILED
        self._ways[chanid] = way
        return OPEN_SUCCEEDED

    def join(self) -> None:
        """Each channel with its connection, until the transport ends."""
        while self._transport.is_active():
            if channel := self._transport.accept(1):
                way = self._ways.pop(channel.get_id())
                for pair in ((channel, way), (way, channel)):
                    threading.Thread(target=_pump, args=pair, daemon=True).start()
        for way in self._ways.values():
            way.close()


def _pump(source: socket.socket | paramiko.Channel, sink: socket.socket | paramiko.Channel) -> None:
    """Until either ends; then both are over."""
    with contextlib.suppress(OSError, EOFError):
        while data := source.recv(1 << 15):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError, EOFError):
            end.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError, EOFError):
            end.close()


@contextmanager
def bastion(host_key: str, *codes: str) -> Iterator[Bastion]:
    server = Bastion(host_key, set(codes))
    try:
        yield server
    finally:
        server.close()
