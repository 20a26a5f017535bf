"""What is waited for once a workspace was started, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from gpuws.model.workspace.verification import Verification
from gpuws.model.workspace.workspace import Ref

HEALTHY = "healthy"
PORTS = range(1, 65536)


@dataclass(frozen=True, slots=True)
class Follow:
    """`watch`: seconds in which an end of it is the launch's own failure; None: as long as its program deserves.

    `ready`: what must be so before the launch is done: `healthy`, as its health check says, or a port that must answer;
    "" nothing. `within`: seconds for that. `verify`: torch is tried inside."""

    watch: float | None = None
    ready: str = ""
    within: float = 300.0
    verify: bool = False


@dataclass(frozen=True, slots=True)
class Launched:
    """What became of a launch that did not fail. `ended`: it has ended already, with status 0, so many seconds after
    its start; None: it runs. `lines`: what such a one wrote last. `verification`: where one was wanted."""

    ref: Ref
    ended: float | None = None
    lines: tuple[str, ...] = ()
    verification: Verification | None = None

    @property
    def ending(self) -> str:
        """`ended 0.3 s after its start, with status 0`; "" where it runs."""
        return "" if self.ended is None else f"ended {self.ended:.1f} s after its start, with status 0"


def ready_problem(word: str) -> str:
    """Why that can't be waited for; "" where it can."""
    if word in ("", HEALTHY) or (word.isascii() and word.isdecimal() and int(word) in PORTS):
        return ""
    return f"{word!r} is neither a port nor {HEALTHY!r}"
