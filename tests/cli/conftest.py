"""The installed `gpuws`, run as a person runs it: on the demo lab, with directories of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.forked import Commands
from tests.terminal import ScreenTerminal

COMMAND = str(Path(sys.executable).with_name("gpuws"))
DEADLINE = 20.0


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GPUWS_", "XDG_", "SSH_"))}
    own = {"HOME": str(home), "GPUWS_DEMO": "1", "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    return kept | own | more


@dataclass(frozen=True)
class Gpuws:
    """`gpuws(words…)` runs the command without any terminal; `demo` False: on the files in `home`."""

    home: Path
    commands: Commands

    def __call__(
        self, *words: str, typed: str | None = None, demo: bool = True, **env: str
    ) -> subprocess.CompletedProcess[str]:
        env = environment(self.home, **({} if demo else {"GPUWS_DEMO": ""}), **env)
        return self.commands.run([COMMAND, *words], env, typed, DEADLINE)

    def start(self, *words: str, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [COMMAND, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(self.home, **env),
            start_new_session=True,
        )


@pytest.fixture(scope="session")
def commands() -> Iterator[Commands]:
    commands = Commands()
    yield commands
    commands.end()


@pytest.fixture
def gpuws(tmp_path: Path, commands: Commands) -> Gpuws:
    return Gpuws(tmp_path, commands)


@pytest.fixture
def on_terminal(tmp_path: Path) -> Iterator[Callable[..., ScreenTerminal]]:
    """Any program on a terminal of its own."""
    opened: list[ScreenTerminal] = []

    def open_one(argv: Sequence[str], columns: int = 120, rows: int = 36, **env: str) -> ScreenTerminal:
        opened.append(ScreenTerminal(argv, environment(tmp_path, **env), columns, rows))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def terminal(on_terminal: Callable[..., ScreenTerminal]) -> Callable[..., ScreenTerminal]:
    """`gpuws words…` on a terminal of its own."""
    return lambda *words, **more: on_terminal([COMMAND, *words], **more)
