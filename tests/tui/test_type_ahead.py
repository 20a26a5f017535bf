"""Keys that come faster than the screen: in a real terminal, many in one write, and while the program stands still.

Pilot waits between keys, and so proves nothing here."""

from __future__ import annotations

import importlib
import os
import pkgutil
import random
import re
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gpuws import tui
from gpuws.tui.dialogs.dialog import Dialog
from tests.terminal import KEYS, ScreenTerminal

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

    def taken_back(self) -> None:
        """Another program had the terminal, and it is ours again."""

        def again(_: str) -> bool:
            _, other, after = bytes(self.terminal.raw).rpartition(b"another program")
            return bool(other) and b"\x1b[?1049h" in after

        self.terminal.wait_for(again)
        self.terminal.raw.clear()

    def home(self) -> None:
        """Back from wherever, to my first GPU; a dialog that is just being shown may not hear it at once."""
        self.terminal.send(ESCAPE * 4 + "gj")
        try:
            self.terminal.wait_for(at_home, 2)
        except AssertionError:
            self.terminal.send(ESCAPE * 4 + "gj")
            self.terminal.wait_for(at_home, 5)


def at_home(text: str) -> bool:
    return re.search(MINE, text) is not None and "╭" not in text


@pytest.fixture(scope="module")
def keyboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyboard]:
    asked = tmp_path_factory.mktemp("typed") / "asked"
    asked.touch()
    argv = [sys.executable, str(SCRIPT), "records", str(asked)]
    with ScreenTerminal(argv, dict(os.environ), 100, 26) as terminal:
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
    Field("palette", ":", r"│ %s +│"),
    Field("log", "l/", r"(?m)^ / %s *$"),
    Field("inspect", "ii/", r"(?m)^ / %s *$"),
    Field("tunnel", "fn\x15", r"Leads to +%s "),
    Field("launch", "n\t\t", r"Name +%s "),
    Field("profile", "n\x0e", r"Name +%s "),
)


def type_at_random(keyboard: Keyboard, field: Field, rounds: int) -> None:
    dice = random.Random(field.name)
    for _ in range(rounds):
        text = "".join(dice.choices(LETTERS, k=dice.randint(2, 12)))
        keys = field.keys + text
        keyboard.burst(keys, dice.choice([None, *range(len(keys))]))
        keyboard.terminal.wait_for(field.shows % re.escape(text), 10)
        keyboard.home()
        assert keyboard.asked() == []


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_no_letter_is_lost_and_none_does_anything_else(keyboard: Keyboard, field: Field) -> None:
    type_at_random(keyboard, field, 1)


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_none_is_lost_however_often_one_types(keyboard: Keyboard, field: Field) -> None:
    type_at_random(keyboard, field, 40)


@pytest.mark.parametrize(
    ("keys", "stopped_at"), [("/Dynamo", None), ("/Sample", 0), ("/Dynamo", 1), ("/\x1b[200~Dynamo\x1b[201~", None)]
)
def test_a_filter_is_no_verb(keyboard: Keyboard, keys: str, stopped_at: int | None) -> None:
    keyboard.burst(keys, stopped_at)
    keyboard.terminal.wait_for(r"(?m)^ / (Dynamo|Sample) *$", 10)
    keyboard.home()
    assert keyboard.asked() == []


def below(kind: type) -> Iterator[type]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


def test_every_dialog_that_begins_at_cancel_asks() -> None:
    for module in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        importlib.import_module(module.name)
    asking = {dialog for dialog in below(Dialog) if dialog.AUTO_FOCUS == "#cancel"}
    assert {"ConfirmScreen", "SignalScreen", "TrustScreen"} <= {dialog.__name__ for dialog in asking}
    assert all(dialog.asks for dialog in asking)


@pytest.mark.alone
@pytest.mark.parametrize(
    ("opens", "verb", "done", "yes"), [("S", "Stop", "stopped", "y"), ("D", "Remove", "removed", "y\r")]
)
def test_a_dialog_hears_nothing_that_was_typed_before_it_was_seen(
    keyboard: Keyboard, opens: str, verb: str, done: str, yes: str
) -> None:
    title = f"{verb} torch-dev on alpha"
    for stopped_at in (None, 1):
        keyboard.burst(f"{opens}y\r{KEYS['right']}\r", stopped_at)
        keyboard.terminal.wait_for(title)
        keyboard.home()
        assert keyboard.asked() == []
    keyboard.burst(opens)
    keyboard.terminal.wait_for(title)
    keyboard.burst(yes)
    keyboard.terminal.wait_for(f"torch-dev {done}")
    (said,) = keyboard.asked()
    assert verb.lower() in said


@pytest.mark.parametrize("stopped_at", [None, 1])
def test_what_is_picked_is_what_the_letters_found(keyboard: Keyboard, stopped_at: int | None) -> None:
    keyboard.burst("tvllm\r", stopped_at)
    keyboard.taken_back()
    (said,) = keyboard.asked()
    assert said.startswith("attach (PlaceRef(host='foxtrot'")
    keyboard.home()


@pytest.mark.parametrize("stopped_at", [None, 1])
def test_the_palette_runs_what_it_found(keyboard: Keyboard, stopped_at: int | None) -> None:
    keyboard.burst(":who holds\r", stopped_at)
    keyboard.terminal.wait_for("╭─ +Who ")
    keyboard.home()
    assert keyboard.asked() == []


def test_what_was_typed_for_another_program_is_not_ours(keyboard: Keyboard) -> None:
    keyboard.burst("aSy\rDy\r")
    keyboard.taken_back()
    keyboard.home()
    assert [said.split()[0] for said in keyboard.asked()] == ["attach"]
