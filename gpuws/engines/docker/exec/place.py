"""The inside of a running container, as a Place."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.errors import Rejected
from gpuws.engines.docker.api.frames import Frames, Which
from gpuws.engines.docker.exec.process import Deadline, ExecProcess, ExecTerminal
from gpuws.engines.docker.exec.session import SIZED, Request, Session, start
from gpuws.engines.docker.exec.ways import Ways
from gpuws.link.place import Process, Stream, Terminal
from gpuws.model.consent.shell_command import SHELL
from gpuws.model.errors import GpuwsError, HostError
from gpuws.model.session.terminal import Completed, Size

LARGEST_OUTPUT = 64 << 20
LOOPBACK = ("localhost", "127.0.0.1", "::1", "")


@dataclass(frozen=True, slots=True)
class ContainerPlace:
    """`ways`: how ports of the containers of this engine are reached."""

    client: Client
    container: str
    ways: Ways
    user: str | None = None
    cwd: str | None = None
    env: tuple[str, ...] = ()

    def run(self, argv: Sequence[str], *, input: bytes | None = None, timeout: float = 30.0) -> Completed:  # noqa: A002
        deadline = Deadline(timeout)
        session = start(self.client, self._request(argv, stdin=input is not None))
        if input is not None:
            threading.Thread(target=_feed, args=(session, input), name="docker-stdin", daemon=True).start()
        try:
            with self.client.errors():
                output = _collect(session, deadline)
        except BaseException as error:
            session.end()
            if not isinstance(error.__cause__, TimeoutError):
                raise
            text = f"`{shlex.join(argv)[:80]}` did not end within {timeout:g} s in a container of {self.client.host}"
            raise GpuwsError(text) from error
        session.close()
        return Completed(session.status(), bytes(output["stdout"]), bytes(output["stderr"]))

    def popen(self, argv: Sequence[str]) -> Process:
        return ExecProcess(start(self.client, self._request(argv)))

    def interactive(self, argv: Sequence[str], size: Size, term: str = "xterm-256color") -> Terminal:
        session = start(self.client, self._request(argv or SHELL, size=size, extra=(f"TERM={term}",)))
        return ExecTerminal(session, None if self.client.server.at_least(SIZED) else size)

    def dial_tcp(self, host: str, port: int) -> Stream:
        """Dialled from the container's host: a loopback address means the container's own.

        What can't be reached so, as what listens on the container's loopback only, is reached by a relay inside."""
        if host not in LOOPBACK:
            return self.client.link.dial_tcp(host, port)
        return self.ways.dial(self.container, port, lambda: self._dial_inside(port))

    def dial_unix(self, path: str) -> Stream:
        """By a relay inside: no address leads there."""
        try:
            return self.ways.relay(self.container, self.user, self.popen).dial_unix(path)
        except (Rejected, HostError):
            raise
        except GpuwsError as error:
            text = f"nothing answers at {path} in that container on {self.client.host}"
            raise GpuwsError(text, "a socket there is reached by a Python inside: are both there?") from error

    def _dial_inside(self, port: int) -> Stream:
        try:
            return self.ways.relay(self.container, self.user, self.popen).dial_tcp("localhost", port)
        except (Rejected, HostError):
            raise
        except GpuwsError as error:
            text = f"nothing answers on port {port} of that container on {self.client.host}"
            raise GpuwsError(text, "is the server inside up?") from error

    def _request(
        self, argv: Sequence[str], *, stdin: bool = True, size: Size | None = None, extra: tuple[str, ...] = ()
    ) -> Request:
        return Request(self.container, tuple(argv), self.user, self.cwd, (*extra, *self.env), stdin, size)


def _collect(session: Session, deadline: Deadline) -> dict[Which, bytearray]:
    output: dict[Which, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
    frames = Frames()
    while True:
        session.reply.stream.settimeout(deadline.left())
        data = session.reply.recv()
        if not data:
            return output
        for which, piece in frames.feed(data):
            output[which] += piece
            if len(output[which]) > LARGEST_OUTPUT:
                raise GpuwsError(f"a command in a container printed more than {LARGEST_OUTPUT >> 20} MiB")


def _feed(session: Session, data: bytes) -> None:
    try:
        session.reply.stream.sendall(data)
        session.reply.stream.shutdown_write()
    except (GpuwsError, OSError):
        return  # the program stopped reading: what it printed tells why
