"""The inside of a workspace whose programs are the host's: its environment and directory, over the host's link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.engines.process import scripts
from gpuws.link.place import Link, Process, Stream, Terminal
from gpuws.model.session.terminal import Completed, Size


@dataclass(frozen=True, slots=True)
class ProcessPlace:
    """`env`: NAME=VALUE besides."""

    link: Link
    workspace: str
    cwd: str | None = None
    env: tuple[str, ...] = ()

    def run(self, argv: Sequence[str], *, input: bytes | None = None, timeout: float = 30.0) -> Completed:  # noqa: A002
        return self.link.run(self._words(argv), input=input, timeout=timeout)

    def popen(self, argv: Sequence[str]) -> Process:
        return self.link.popen(self._words(argv))

    def interactive(self, argv: Sequence[str], size: Size, term: str = "xterm-256color") -> Terminal:
        return self.link.interactive(self._words(argv), size, term)

    def dial_tcp(self, host: str, port: int) -> Stream:
        return self.link.dial_tcp(host, port)

    def dial_unix(self, path: str) -> Stream:
        return self.link.dial_unix(path)

    def _words(self, argv: Sequence[str]) -> list[str]:
        given = ["env", *self.env, *(argv or ["bash", "-i"])] if self.env else argv
        return scripts.argv("inside", scripts.ENTER, [self.workspace, self.cwd or "", *given])
