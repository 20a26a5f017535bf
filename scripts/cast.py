"""Record the road through the demo, from the first frame to a GPU that is free again: `screenshots/road.cast`, an
asciicast (version 2), and `road.svg`, the same as a picture that moves."""

from __future__ import annotations

import codecs
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.animation import animated
from tests.terminal import ScreenTerminal

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "screenshots"
COLUMNS, ROWS = 100, 30
LONGEST = 3.0  # seconds in which nothing changes: a longer wait is cut to that
TYPING = 0.12  # seconds between two letters

Event = tuple[float, str]
"""Seconds since the beginning, and what the program wrote."""


@dataclass(frozen=True)
class Step:
    """`keys` are pressed, `then` awaited, and for `rest` seconds somebody reads."""

    keys: tuple[str, ...]
    then: str
    rest: float = 1.5


ROAD = (
    Step((), r"(?s)torch-dev.*Yours", 2.5),
    Step(("j", "j"), "Held, not used", 2.0),
    Step(("j",), "nobody has reserved it", 2.0),
    Step(("n",), r"docker run", 2.5),
    Step(("ctrl+l",), r"is up on alpha", 2.0),
    Step(("a",), r"alice@", 1.0),
    Step((*"nvidia-smi", "enter"), r"GPU 3: .*", 2.0),
    Step(("ctrl+b", "d"), r"HELD BY", 1.5),
    Step(("o",), r"opened http://127.0.0.1", 1.5),
    Step(("5",), r"(?s)\bup\b.*[KM]", 3.0),
    Step(("escape", "S"), r"docker stop", 2.5),
    Step(("y",), r"(?s)3 +▁+ +0/80G.*free", 3.0),
)


class Recorder(ScreenTerminal):
    """A terminal that remembers when it was told what."""

    def __init__(self, argv: Sequence[str], environ: dict[str, str]) -> None:
        self.events: list[Event] = []
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        super().__init__(argv, environ, COLUMNS, ROWS)

    def take(self, data: bytes) -> None:
        self.events.append((time.monotonic() - self.started, self._decode(data)))
        super().take(data)


def record() -> list[Event]:
    """Walk the road. What would be opened in a browser is opened in none."""
    with tempfile.TemporaryDirectory() as home:
        environ = os.environ | {"HOME": home, "XDG_STATE_HOME": home, "COLORTERM": "truecolor", "BROWSER": "true"}
        terminal = Recorder([str(Path(sys.executable).with_name("gpuws")), "demo"], environ)
        with terminal:
            for step in ROAD:
                for key in step.keys:
                    terminal.press(key)
                    time.sleep(TYPING)
                terminal.wait_for(step.then)
                print(f"{time.monotonic() - terminal.started:5.1f} s  {' '.join(step.keys) or 'gpuws demo'}")
                time.sleep(step.rest)
            ended = list(terminal.events)
            terminal.press("q")
            terminal.wait_exit()
    return ended


def paced(events: Sequence[Event]) -> Iterator[Event]:
    """Nobody waits longer than is worth seeing."""
    at = before = 0.0
    for moment, text in events:
        at += min(moment - before, LONGEST)
        before = moment
        yield round(at, 3), text


def asciicast(events: Sequence[Event]) -> str:
    """https://docs.asciinema.org/manual/asciicast/v2/"""
    head = {
        "version": 2,
        "width": COLUMNS,
        "height": ROWS,
        "title": "gpuws: from a free GPU to a notebook and back",
        "env": {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
    }
    lines = [head, *([at, "o", text] for at, text in events)]
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)


def read(cast: str) -> tuple[int, int, list[Event]]:
    """Width, height and what was written."""
    head, *events = (json.loads(line) for line in cast.splitlines())
    return head["width"], head["height"], [(at, text) for at, kind, text in events if kind == "o"]


def main(arguments: Sequence[str]) -> None:
    """`--draw`: only the picture, from the cast that is there."""
    cast = PICTURES / "road.cast"
    if "--draw" not in arguments:
        cast.write_text(asciicast(list(paced(record()))), "utf-8")
    picture = PICTURES / "road.svg"
    picture.write_text(animated(*read(cast.read_text("utf-8"))), "utf-8")
    for path in (cast, picture):
        print(f"screenshots/{path.name} {path.stat().st_size >> 10} KiB")


if __name__ == "__main__":
    main(sys.argv[1:])
