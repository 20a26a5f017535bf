"""Keys that come faster than the screen: in a real terminal, many in one write, and many while the program stands still.

Pilot waits between keys, and so proves nothing here."""

from __future__ import annotations

import os
import random
import re
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.terminal import ScreenTerminal

SCRIPT = Path(__file__).with_name("pty_app.py")
MINE = r"▌ +0 .*torch-dev"
LETTERS = "SRKDyanxsloSRKDyanxsloqtifpmvrwzIGgjk123456ABCbdeu"  # most do something on the home screen
ESCAPE = "\x1b[27u"  # as terminals send it that can tell it from the start of a sequence
ROUNDS = 3


class Keyboard:
    """The screen on the demo fleet, and what it was asked to do."""

    def __init__(self, terminal: ScreenTerminal, asked: Path) -> None:
        self.terminal = terminal
        self._asked = asked

    def burst(self, keys: str, stopped_at: int | None = None) -> None:
        """In one write; or so many keys, and the others while the program stands still."""
        process = self.terminal.process
        if stopped_at is None:
            self.terminal.send(keys)
            return
        if stopped_at:
            self.terminal.send(keys[:stopped_at])
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        self.terminal.send(keys[stopped_at:])
        process.send_signal(signal.SIGCONT)

    def asked(self) -> list[str]:
        """What the fleet was asked to do since the last time."""
        said = self._asked.read_text().splitlines()
        self._asked.write_text("")
        return said

    def home(self) -> None:
        """Back from wherever, to my first GPU."""
        self.terminal.send(ESCAPE * 4 + "gj")
        self.terminal.wait_for(at_home, 5)


def at_home(text: str) -> bool:
    return re.search(MINE, text) is not None and "╭" not in text and "? keys" in text


@pytest.fixture(scope="module")
def keyboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyboard]:
    asked = tmp_path_factory.mktemp("typed") / "asked"
    asked.touch()
    argv = [sys.executable, str(SCRIPT), "records", str(asked)]
    with ScreenTerminal(argv, dict(os.environ), 120, 40) as terminal:
        terminal.wait_for(at_home)
        yield Keyboard(terminal, asked)


@dataclass(frozen=True)
class Field:
    """A line to type in: the keys that lead there from home, and the line that shows what was typed (`%s`)."""

    name: str
    keys: str
    shows: str

    def __str__(self) -> str:
        return self.name


FIELDS = (
    Field("filter", "/", r"(?m)^ / %s *$"),
    Field("filter of a panel", "2/", r"(?m)^ / %s *$"),
    Field("jump", "t", r"│ %s +│"),
    Field("palette", ":", r"(?m)^\W*%s\W*$"),
    Field("log", "l/", r"(?m)^ / %s *$"),
    Field("inspect", "i/", r"(?m)^ / %s *$"),
    Field("tunnel", "fn\x15", r"Leads to +%s "),
    Field("launch", "n\t\t", r"Name +%s "),
    Field("profile", "n\x0e", r"Name +%s "),
)


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_no_letter_is_lost_and_none_does_anything_else(keyboard: Keyboard, field: Field) -> None:
    dice = random.Random(field.name)
    for _ in range(ROUNDS):
        text = "".join(dice.choices(LETTERS, k=dice.randint(2, 12)))
        keys = field.keys + text
        keyboard.burst(keys, dice.choice([None, dice.randint(0, len(keys))]))
        keyboard.terminal.wait_for(field.shows % re.escape(text), 10)
        keyboard.home()
        assert keyboard.asked() == []
