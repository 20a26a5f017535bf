"""Which modes a program switched on in the terminal, so that they can be switched off when it was cut off. Pure.

Switching off what was never on is no remedy: leaving the alternate screen, for one, moves the cursor."""

from __future__ import annotations

import re

_SEQUENCE = re.compile(rb"\x1b(?:\[\?([0-9;]+)([hl])|\[([<>])([0-9;]*)u|([=>c]))")
_UNFINISHED = re.compile(rb"\x1b(?:\[[?<>]?[0-9;]*)?\Z")
TAIL = 32  # bytes: no sequence that counts is longer

# DEC private modes that spoil a shell: mouse, focus, paste, application cursor keys, alternate screens.
SPOILING = {1, 9, 47, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1049, 2004, 2026}
CURSOR = 25


class Modes:
    def __init__(self) -> None:
        self._tail = b""
        self._reset()

    def _reset(self) -> None:
        self._on: set[int] = set()
        self._cursor_hidden = False
        self._keyboards = 0  # kitty keyboard modes pushed
        self._keypad = False

    def feed(self, data: bytes) -> None:
        data = self._tail + data
        for match in _SEQUENCE.finditer(data):
            self._apply(match)
        unfinished = _UNFINISHED.search(data, max(len(data) - TAIL, 0))
        self._tail = unfinished[0] if unfinished else b""

    def undo(self) -> bytes:
        """The sequences that bring a usable terminal back; plain colours in any case."""
        out = [b"\x1b[<u"] * self._keyboards
        out += [b"\x1b[?%dl" % mode for mode in sorted(self._on)]
        if self._keypad:
            out.append(b"\x1b>")
        if self._cursor_hidden:
            out.append(b"\x1b[?25h")
        return b"".join([*out, b"\x1b[0m"])

    def _apply(self, match: re.Match[bytes]) -> None:
        numbers, switch, push_or_pop, count, single = match.groups()
        if numbers is not None:
            for number in (int(part) for part in numbers.split(b";") if part):
                self._switch(number, switch == b"h")
        elif push_or_pop == b">":
            self._keyboards = min(self._keyboards + 1, 16)
        elif push_or_pop == b"<":
            self._keyboards = max(self._keyboards - (int(count) if count.isdigit() else 1), 0)
        elif single == b"c":
            self._reset()
        else:
            self._keypad = single == b"="

    def _switch(self, number: int, on: bool) -> None:
        if number == CURSOR:
            self._cursor_hidden = not on
        elif number in SPOILING:
            (self._on.add if on else self._on.discard)(number)
