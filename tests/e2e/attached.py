"""What attach and shell lead into on the lab, a kind each, and what of it runs there."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from subprocess import TimeoutExpired

from tests.e2e.gpuws import COMMAND, Gpuws
from tests.keeper.serving import until
from tests.lab import faults
from tests.terminal import ScreenTerminal

HOST, CONTAINER = "alpha", "alpha/torch-dev"
ME = f"at{time.time_ns() % 10**5}"
SOON = 35.0
"""Seconds after a cut within which nothing of it is left."""
STAYS = ("sshd", "gpuws-probe")
"""What serves all that a keeper does there."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`words` of gpuws lead to `place`: to its session ME, but for a shell, which ends with its link. Where they only
    look on, somebody else types."""

    place: str
    words: tuple[str, ...]
    shell: bool = False
    looks: bool = False

    @contextmanager
    def made(self, gpuws: Gpuws) -> Iterator[None]:
        """The session, there meanwhile."""
        session = f"{self.place}:{ME}"
        gpuws.ok("tmux", "new", session)
        try:
            yield
        finally:
            gpuws.ok("tmux", "kill", "--yes", session)

    def opened(self, gpuws: Gpuws, columns: int = 120, rows: int = 36) -> ScreenTerminal:
        """As a user of a terminal with all colours opens it."""
        argv, env = [COMMAND, *self.words], {**gpuws.env, "COLORTERM": "truecolor"}
        terminal = ScreenTerminal(argv, env, columns, rows)
        try:
            terminal.wait_for(r"[#$]\s*\Z" if self.shell else "d leaves(?!,)")  # what is typed before may be lost
        except BaseException:
            terminal.close()
            raise
        return terminal

    def write(self, gpuws: Gpuws, terminal: ScreenTerminal, line: str) -> None:
        """Type a line for the shell there."""
        if self.looks:
            gpuws.ok("exec", self.place, "--", "tmux", "send-keys", "-t", f"={ME}:", line, "Enter")
        else:
            terminal.send(f"{line}\r")

    def leave(self, terminal: ScreenTerminal) -> int:
        if self.shell:
            terminal.send("exit\r")
            return terminal.wait_exit(20)
        until(lambda: left(terminal), "the end of the attach", 20)
        return terminal.wait_exit(0)


def left(terminal: ScreenTerminal) -> bool:
    """After the keys that leave tmux, which takes those within a millisecond of others for pasted ones."""
    terminal.press("ctrl+b", "d")
    with suppress(TimeoutExpired):
        terminal.wait_exit(1)
        return True
    return False


KINDS = {
    "host tmux": Kind(HOST, ("attach", f"{HOST}:{ME}")),
    "container tmux": Kind(CONTAINER, ("attach", f"{CONTAINER}:{ME}")),
    "container shell": Kind(CONTAINER, ("shell", CONTAINER), shell=True),
    "host, looked on": Kind(HOST, ("attach", "--read-only", f"{HOST}:{ME}"), looks=True),
    "container, looked on": Kind(CONTAINER, ("attach", "--read-only", f"{CONTAINER}:{ME}"), looks=True),
}


def running() -> set[tuple[int, str]]:
    """On the host and in its containers."""
    there = faults.processes(HOST)
    return {(one.pid, one.args) for one in there if not any(word in one.args for word in STAYS)}


def gone(left: set[tuple[int, str]], what: str) -> None:
    until(lambda: not left & running(), f"the end of {what} among {left}", SOON)


def kill_keeper(gpuws: Gpuws) -> None:
    os.kill(gpuws.json("keeper", "status")["keeper"]["pid"], signal.SIGKILL)
