"""An SSH server that asks for what OpenSSH can't be made to ask for here: codes, passwords, several in a row."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import paramiko
from paramiko import AUTH_FAILED, AUTH_PARTIALLY_SUCCESSFUL, AUTH_SUCCESSFUL, OPEN_SUCCEEDED, InteractiveQuery


@dataclass
class Rules(paramiko.ServerInterface):
    """`methods`: what is wanted, in this order; each once, all of them."""

    methods: list[str]
    password: str = "sesame"
    code: str = "123456"
    tried: list[str] = field(default_factory=list)

    def get_allowed_auths(self, username: str) -> str:
        return self.methods[0]

    def _passed(self, method: str, right: bool) -> int:
        self.tried.append(method)
        if not right or method != self.methods[0]:
            return AUTH_FAILED
        if len(self.methods) == 1:
            return AUTH_SUCCESSFUL
        self.methods.pop(0)
        return AUTH_PARTIALLY_SUCCESSFUL

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return self._passed("publickey", True)

    def check_auth_password(self, username: str, password: str) -> int:
        return self._passed("password", password == self.password)

    def check_auth_interactive(self, username: str, submethods: str) -> int | InteractiveQuery:
        return InteractiveQuery("Two\x1b[31m factors", "From your phone", ("Code: ", True), ("PIN: ", False))

    def check_auth_interactive_response(self, responses: list[str]) -> int:
        return self._passed("keyboard-interactive", responses == [self.code, "0000"])

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED


@contextmanager
def odd_server(rules: Rules, host_key: str, disabled: dict[str, list[str]] | None = None) -> Iterator[int]:
    """Its port. `disabled`: algorithms by paramiko's kinds of them."""
    key = paramiko.Ed25519Key.from_private_key_file(host_key)
    transports: list[paramiko.Transport] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                transport = paramiko.Transport(sock, disabled_algorithms=disabled)
                transports.append(transport)
                transport.add_server_key(key)
                transport.start_server(event=threading.Event(), server=rules)

        threading.Thread(target=serve, daemon=True).start()
        yield int(listener.getsockname()[1])
        listener.shutdown(
            socket.SHUT_RDWR
        )  # closing alone leaves the thread in `accept`, on whatever gets the number next
        for transport in transports:
            transport.close()
