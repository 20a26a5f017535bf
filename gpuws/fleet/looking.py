"""What there is to see: hosts, their state and their past, and the questions that they wait for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gpuws.fleet.crossing import shown, view
from gpuws.fleet.events import Listener
from gpuws.model.checkup.mend import Mend
from gpuws.model.host.busiest import Busiest
from gpuws.model.host.question import Answer, Question
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Check
from gpuws.model.timeline import Subject, Timeline, Window
from gpuws.model.workspace.actions import Signal


class Looking(Protocol):
    """Calls that name a host raise `TargetError` where there is none of that name."""

    @view
    def start(self) -> None:
        """Begin to connect; returns at once. What becomes of it is seen in the snapshots. Called once."""
        ...

    @view
    def close(self) -> None:
        """End links, probes and tunnels; under a second, however many hosts hang. Nothing else is called afterwards."""
        ...

    @view
    def snapshots(self) -> tuple[HostSnapshot, ...]:
        """One a host, in the configuration's order, as last told; never blocks."""
        ...

    @view
    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` from any thread on every change; it must return at once. Returns the way to stop."""
        ...

    @view
    def questions(self) -> tuple[Question, ...]:
        """What waits for a person, oldest first; never blocks."""
        ...

    @view
    def answer(self, question_id: str, answer: Answer | None) -> None:
        """Answer or decline (None); never blocks. An unknown id was answered already: nothing happens."""
        ...

    @view
    def reconnect(self, host: str) -> None:
        """Try now, also where a login was refused; never blocks. What becomes of it is seen in the snapshots."""
        ...

    @view
    def hurry(self, host: str) -> None:
        """Somebody waits for this host, as holds for ten seconds: while it is away it is tried at once and then often,
        never where only a person leads on; never blocks."""
        ...

    @view
    def watch(self, host: str | None) -> None:
        """Read what only a detailed look needs for this host, and for no other; never blocks. None: for none.

        While it is away it is tried often.

        tmux sessions inside my workspaces, notebooks of my servers, clocks and PCIe of its GPUs."""
        ...

    def history(self, host: str, subject: Subject, window: Window) -> Timeline:
        """The figures of `subject`, as far as they were watched; from memory, the host is not asked."""
        ...

    def busiest(self, host: str) -> Busiest:
        """Which processes take most of its processors and memory, and whose they are; who waits for a mount that hangs.

        The host is asked now, and only now: nothing of it is read on a clock. `HostError` where it does not tell."""
        ...

    @shown
    def signal(self, host: str, pid: int, signal: Signal) -> None:
        """Send it to a process that a GPU of `host` shows, inside its workspace through the engine.

        `Refused` on a read-only host, where the pid is another process by now, and where it is not mine to end;
        `TargetError` where no GPU shows it. Confirming is the caller's duty."""
        ...

    def checkup(self, host: str, *, idle_after: float) -> tuple[Check, ...]:
        """What is missing or risky there, each with its fix; only asks, as long as the slowest question takes.

        A host that is not reached: why. `idle_after`: seconds from which on a GPU of mine that does nothing is worth a
        row."""
        ...

    @shown
    def mend(self, host: str, mend: Mend) -> str:
        """Carry out what a row of `checkup` offers, once that is agreed to; what was done, in some words.

        What it is about is looked at anew: `Refused` where it is not what it was, or not mine, and on a read-only host.
        Confirming is the caller's duty."""
        ...
