"""Lines of the screen cut and filled to so many terminal cells."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size

from gpuws.present.line import Line, Span

ELLIPSIS = "…"


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
