"""The SSH agent: any socket, not only $SSH_AUTH_SOCK's."""

from __future__ import annotations

import contextlib
import socket

from paramiko import SSHException

from gpuws.link.paramiko.typed import TypedAgent, TypedAgentKey

LIST_TIMEOUT = 5.0  # seconds
SIGN_TIMEOUT = 120.0  # seconds: a human may have to touch or confirm


class SshAgent(TypedAgent):
    """No keys where the agent does not answer."""

    def __init__(self, path: str | None) -> None:
        super().__init__()
        if path is None:
            return
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(LIST_TIMEOUT)
            connection.connect(path)
            self._connect(connection)
            connection.settimeout(SIGN_TIMEOUT)
        except (OSError, SSHException, ValueError):
            connection.close()

    def held(self) -> list[HeldKey]:
        return [HeldKey(self, key.blob, key.comment) for key in self.get_keys()]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._close()


class HeldKey(TypedAgentKey):
    """A key in the agent. paramiko: a certificate there is shown as its plain key."""

    def asbytes(self) -> bytes:
        return self.blob
