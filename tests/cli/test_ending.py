"""The terminal vanishes, or gpuws is ended, at any moment: it is gone within two seconds, with all that it started."""

from __future__ import annotations

import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, environment
from tests.terminal import ScreenTerminal

LIMIT = 2.0
MARK = "GPUWS_TEST_MARK"


@dataclass(frozen=True)
class State:
    """How to come there: the command, then what to wait for and what to type, in turns. `here`: on this machine's own
    files, not the demo. `ignores`: SIGHUP, as under nohup."""

    name: str
    words: tuple[str, ...] = ()
    road: tuple[str, ...] = ()
    here: bool = False
    ignores: bool = False

    def __str__(self) -> str:
        return self.name


HOME = (r"▌ +0 .*torch-dev",)
SCREENS = (
    State("home", ("demo",), HOME),
    State("filter", ("demo",), (*HOME, "/al", r"/ al")),
    State("jump", ("demo",), (*HOME, "t", "a few letters")),
    State("palette", ("demo",), (*HOME, ":", "a few letters of what to do")),
    State("confirm", ("demo",), (*HOME, "S", "Stop torch-dev on alpha")),
    State("name", ("demo",), (*HOME, "jjS", "to go on")),
    State("launch", ("demo",), (*HOME, "n", "docker run")),
    State("logs", ("demo",), (*HOME, "l", "log · torch-dev")),
    State("inspect", ("demo",), (*HOME, "i", "alpha · torch-dev[\\s\\S]*LAST EVENTS")),
)
HANDED_OVER = (
    State("attached", ("demo",), (*HOME, "a", r"\[main\]")),
    State("shell", ("demo",), (*HOME, "s", r"alice@torch-dev:\S+\$")),
    State("editor", (), ("Add a host", "n", r"Profile +[\w.-]+  \w", "\x0f", "in the editor"), here=True),
)
COMMANDS = (
    State("attach", ("attach", "alpha/torch-dev"), (r"\[main\]",)),
    State("logs -f", ("logs", "-f", "alpha/torch-dev"), (r"step|epoch|loss",)),
    State("gpus --watch", ("gpus", "--watch"), ("torch-dev",)),
    State("wait", ("wait", "--gpus", "4", "--host", "alpha"), ("of 4|free|wait",)),
    State("tunnel", ("tunnel", "local:22"), ("open until",), here=True),
)
IGNORING = replace(SCREENS[0], name="home, SIGHUP ignored", ignores=True)
STATES = {state.name: state for state in (*SCREENS, *HANDED_OVER, *COMMANDS, IGNORING)}
ENDS: dict[str, Callable[[ScreenTerminal], None]] = {
    "closed": ScreenTerminal.hang_up,
    "SIGHUP": lambda terminal: terminal.process.send_signal(signal.SIGHUP),
    "SIGTERM": lambda terminal: terminal.process.send_signal(signal.SIGTERM),
}


def started(mark: str) -> list[str]:
    """What runs and was started under this mark, however far down."""
    found = []
    for directory in Path("/proc").iterdir():
        try:
            if f"{MARK}={mark}".encode() in (directory / "environ").read_bytes().split(b"\0"):
                found.append((directory / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


@dataclass
class Rig:
    home: Path
    stack: ExitStack = field(default_factory=ExitStack)

    def opened(self, state: State, mark: str) -> ScreenTerminal:
        env = environment(self.home, **{MARK: mark, "EDITOR": str(self.home / "ed"), "VISUAL": ""})
        if state.here:
            env |= {"GPUWS_DEMO": "", "GPUWS_KEEPER": "0"}
        argv = [COMMAND, *state.words]
        if state.ignores:
            argv = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *argv]
        terminal = self.stack.enter_context(ScreenTerminal(argv, env, 120, 36))
        for number, step in enumerate(state.road):
            if number % 2:
                terminal.send(step)
            else:
                terminal.wait_for(step, 30)
        return terminal

    def ended(self, state: State, end: str) -> str:
        """What is wrong with how it ended; nothing: all is well."""
        mark = uuid.uuid4().hex
        terminal = self.opened(state, mark)
        begun = time.monotonic()
        ENDS[end](terminal)
        try:
            terminal.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            return f"{state}, {end}: it lives on"
        while (left := started(mark)) and time.monotonic() - begun < LIMIT:
            pass
        if left:
            return f"{state}, {end}: it left {left}"
        if end != "closed" and not terminal.restored:
            return f"{state}, {end}: the terminal was not put back"
        return ""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    editor = tmp_path / "ed"
    editor.write_text("#!/bin/sh\necho in the editor\nread line\n")
    editor.chmod(0o700)
    rig = Rig(tmp_path)
    with rig.stack:
        yield rig


def wrong(rig: Rig, cases: Sequence[tuple[State, str]]) -> list[str]:
    with ThreadPoolExecutor(3) as pool:
        return [said for said in pool.map(lambda case: rig.ended(*case), cases) if said]


@pytest.mark.alone
def test_what_is_open_ends_with_its_terminal(rig: Rig) -> None:
    ends = ("attached", "closed"), ("editor", "closed"), ("editor", "SIGTERM")
    ends += ("home", "SIGTERM"), ("home, SIGHUP ignored", "closed")
    ends += ("attach", "closed"), ("logs -f", "closed"), ("gpus --watch", "SIGTERM"), ("tunnel", "closed")
    assert wrong(rig, [(STATES[name], end) for name, end in ends]) == []


@pytest.mark.soak
@pytest.mark.alone
@pytest.mark.timeout(400)
def test_whatever_is_open_ends_with_its_terminal(rig: Rig) -> None:
    cases = [(state, end) for state in STATES.values() for end in ENDS if not (state.ignores and end == "SIGHUP")]
    cases += [(replace(state, ignores=True), "closed") for state in (*SCREENS, *HANDED_OVER, STATES["attach"])]
    said = wrong(rig, cases)
    assert not said, "\n".join(said)


@pytest.mark.alone
def test_a_hang_up_that_is_ignored_ends_nothing(rig: Rig) -> None:
    waiting = replace(STATES["wait"], ignores=True)
    terminal = rig.opened(waiting, uuid.uuid4().hex)
    terminal.process.send_signal(signal.SIGHUP)
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.wait_exit(LIMIT) == -signal.SIGTERM
