"""Text with SGR sequences as text and looks: what colours and weights a program gave to which part of a line. Pure.

Only that is kept; every other sequence is dropped, as is what is hidden (SGR 8): text that is there can be seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from gpuws.model.text import ESCAPES, harmless

Colour = int | tuple[int, int, int]
"""One of a terminal's 256, the first 16 of which are its own; or red, green, blue."""


class Look(NamedTuple):
    """None: the terminal's usual colour."""

    foreground: Colour | None = None
    background: Colour | None = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False


class Part(NamedTuple):
    text: str
    look: Look


PLAIN = Look()
TAB = 8
_SGR = re.compile(r"\x1b\[([0-9;:]*)m\Z")
_ON = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike", 21: "underline"}
_BASIC = {first + step: base + step for first, base in ((30, 0), (40, 0), (90, 8), (100, 8)) for step in range(8)}
_OFF = {22: ("bold", "dim"), 23: ("italic",), 24: ("underline",), 27: ("reverse",), 29: ("strike",)}


def parts(line: str, look: Look = PLAIN) -> list[Part]:
    """A line, begun with `look`; tabs are blanks, and nothing of it steers a terminal."""
    if "\x1b" not in line:
        text = harmless(line.expandtabs(TAB)).replace("\n", " ")
        return [Part(text, look)] if text else []
    found: list[Part] = []
    at, column = 0, 0
    for match in (*ESCAPES.finditer(line), None):
        piece = harmless(line[at : match.start() if match else None]).replace("\n", " ")
        if piece:
            text = (" " * column + piece).expandtabs(TAB)[column:]
            found.append(Part(text, look))
            column += len(text)
        if match:
            at = match.end()
            if told := _SGR.match(match[0]):
                look = after(look, told[1])
    return found


@lru_cache(maxsize=1024)
def after(look: Look, codes: str) -> Look:
    """`look` once this SGR sequence was read: `1;38;5;208`."""
    numbers = iter(_numbers(codes))
    for number in numbers:
        look = _changed(look, number, numbers)
    return look


def _numbers(codes: str) -> list[int]:
    """Colons part the numbers of one colour, which may have an empty one for its colour space; a line under text may
    have its kind behind one."""
    codes = re.sub(r"(?<![0-9])4:([0-9])[0-9:]*", lambda kind: "24" if kind[1] == "0" else "4", codes)
    codes = re.sub(r"([345]8):2:[0-9]*:(?=[0-9]+:[0-9]+:[0-9]+)", r"\1:2:", codes)
    return [min(int(word[:4] or 0), 999) for word in codes.replace(":", ";").split(";")]


def _changed(look: Look, number: int, more: Iterator[int]) -> Look:
    if number == 0:
        return PLAIN
    if name := _ON.get(number):
        return look._replace(**{name: True})
    if number in _OFF:
        return look._replace(**dict.fromkeys(_OFF[number], False))
    colour = _extended(more) if number in (38, 48, 58) else _BASIC.get(number)
    if number in (38, 39) or 30 <= number < 38 or 90 <= number < 98:
        return look._replace(foreground=colour)
    if number in (48, 49) or 40 <= number < 48 or 100 <= number < 108:
        return look._replace(background=colour)
    return look


def _extended(more: Iterator[int]) -> Colour | None:
    """What follows 38 and 48."""
    kind = next(more, 0)
    if kind == 5:
        return min(next(more, 0), 255)
    if kind != 2:
        return None
    red, green, blue = (min(next(more, 0), 255) for _ in range(3))
    return (red, green, blue)
