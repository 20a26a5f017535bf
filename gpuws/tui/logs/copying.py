"""What of a log goes to the clipboard."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model.units import count
from gpuws.tui.base import AppBase
from gpuws.tui.dialogs.choose import ChooseScreen, Option
from gpuws.tui.logs.text import LogLine
from gpuws.tui.logs.view import LogView

MOST = 70_000
"""Characters. Terminals take no more by OSC 52: 100,000 bytes in base64."""


def copy(app: AppBase, view: LogView, command: str) -> None:
    """Asked which: the lines are taken when the key is pressed, not when it is answered."""
    seen, held = view.in_sight(), view.held()
    kept = _last(held)
    how = count(len(kept), "line") if len(kept) == len(held) else f"the last {len(kept)} of {len(held)}"
    options = [
        Option("the lines in sight", count(len(seen), "line"), _text(seen)),
        Option("all that is shown", how, _text(kept)),
        Option("the command", command, command),
    ]
    app.push_screen(ChooseScreen("Copy", options), lambda text: _copied(app, text, command))


def _copied(app: AppBase, text: str | None, command: str) -> None:
    if text is None:
        return
    if text == command:
        app.copy(command)
        return
    app.copy_to_clipboard(text)
    app.say(f"copied {count(text.count(chr(10)), 'line')}")


def _text(lines: Sequence[LogLine]) -> str:
    return "".join(f"{line.text}\n" for line in lines)


def _last(lines: Sequence[LogLine]) -> Sequence[LogLine]:
    """As many as there is room for."""
    size = 0
    for number, line in enumerate(reversed(lines)):
        size += len(line.text.encode()) + 1
        if size > MOST:
            return lines[len(lines) - number :]
    return lines
