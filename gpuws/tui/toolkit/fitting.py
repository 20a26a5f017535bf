"""Lines of the screen cut and filled to so many terminal cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size

from gpuws.present.glyphs import LOOK
from gpuws.present.line import Line, Role, Span

ELLIPSIS = "…"


def cells(text: str) -> int:
    """Width of `text` on a terminal."""
    return len(text) if text.isascii() else cell_len(text)


def width(line: Iterable[Span]) -> int:
    total = 0
    for text, _ in line:  # called most of all: no generator
        total += len(text) if text.isascii() else cell_len(text)
    return total


def sign_at(line: Iterable[Span], cell: int) -> str:
    """The character in that cell; "" where there is none."""
    at = 0
    for text, _ in line:
        for sign in text:
            at += cells(sign)
            if cell < at:
                return sign
    return ""


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
    used = width(line)
    if used > size:
        line = trim(line, size)
        used = width(line)
    return (*line, Span(" " * (size - used))) if used < size else line


def spread(start: Line, end: Line, size: int, filler: str = " ") -> Line:
    """`start` at the left edge, `end` at the right one; `start` is cut first."""
    end = trim(end, size)
    start = trim(start, size - width(end))
    return (*start, Span(filler * (size - width(end) - width(start)), "rule"), *end)


def fitted(parts: Sequence[Line], room: int, separator: str = " · ") -> Line:
    """As many parts as fit, in order; +n stands for those left out, in the colour of the worst of them.

    The first is always there."""
    kept: list[Span] = list(parts[0]) if parts else []
    for number, part in enumerate(parts[1:], start=1):
        rest = len(parts) - number - 1
        more = len(separator) + len(f"+{rest}") if rest else 0
        if width(kept) + len(separator) + width(part) + more > room:
            room -= width(kept) + len(separator)
            return (*kept, Span(separator, "muted"), _left_out(parts[number:], room))
        kept += [Span(separator, "muted"), *part]
    return tuple(kept)


def _left_out(parts: Sequence[Line], room: int) -> Span:
    """A fault among them has its glyph too, where there is room: not everybody sees colours."""
    role, text = _worst(parts), f"+{len(parts)}"
    marked = f"{LOOK} {text}"
    return Span(marked if role == "error" and cells(marked) <= room else text, role)


def _worst(parts: Iterable[Line]) -> Role:
    roles = {span.role for part in parts for span in part}
    return "error" if "error" in roles else "warn" if roles & {"warn", "idle"} else "muted"
