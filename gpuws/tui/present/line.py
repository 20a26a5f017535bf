"""A line of the screen: spans of text, each with a role that the theme gives a colour. Widths are terminal cells."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from rich.cells import cell_len, set_cell_size

from gpuws.model.text import plain

Role = Literal[
    "text", "strong", "muted", "faint", "head", "title", "key",  # plain text, from loud to quiet
    "free", "mine", "idle",  # who lives here
    "ok", "warn", "error",  # states
    "calm", "warm", "hot", "track", "spark",  # bars
]  # fmt: skip

ELLIPSIS = "…"


class Span(NamedTuple):
    text: str
    role: Role = "text"


Line = tuple[Span, ...]


def cells(text: str) -> int:
    """Width of `text` on a terminal."""
    return len(text) if text.isascii() else cell_len(text)


def width(line: Iterable[Span]) -> int:
    return sum(cells(span.text) for span in line)


def cut(text: str, limit: int) -> str:
    """`text` in at most `limit` cells; … stands for what is left out."""
    if cells(text) <= limit:
        return text
    if limit < 1:
        return ""
    return set_cell_size(text, limit - 1).rstrip() + ELLIPSIS


def left(text: str, size: int) -> str:
    """Exactly `size` cells, text at the left."""
    text = cut(text, size)
    return text + " " * (size - cells(text))


def right(text: str, size: int) -> str:
    """Exactly `size` cells, text at the right."""
    text = cut(text, size)
    return " " * (size - cells(text)) + text


def trim(line: Line, limit: int) -> Line:
    """`line` in at most `limit` cells; … stands for what is left out."""
    if width(line) <= limit:
        return line
    kept: list[Span] = []
    room = limit
    for span in line:
        size = cells(span.text)
        if size < room:
            kept.append(span)
            room -= size
            continue
        kept.append(Span(cut(span.text + " ", room) if size == room else cut(span.text, room), span.role))
        break
    return tuple(kept)


def fit(line: Line, size: int) -> Line:
    """Exactly `size` cells."""
    line = trim(line, size)
    room = size - width(line)
    return (*line, Span(" " * room)) if room > 0 else line


def spread(start: Line, end: Line, size: int, filler: str = " ") -> Line:
    """`start` at the left edge, `end` at the right one; `start` is cut first."""
    end = trim(end, size)
    start = trim(start, size - width(end))
    return (*start, Span(filler * (size - width(end) - width(start)), "faint"), *end)


def text_of(line: Iterable[Span]) -> str:
    return "".join(span.text for span in line)


def joined(parts: Iterable[str | None], separator: str = " · ") -> str:
    """The parts that say something."""
    return separator.join(part for part in parts if part)


def clean(text: str | None, limit: int = 200) -> str:
    """Text from a host, made harmless; "" where there is none."""
    return plain(text, limit) if text else ""


def count(number: int, word: str) -> str:
    """`1 GPU`, `2 GPUs`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
