"""Lines on rows of a width: which part of which line each row shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gpuws.present.line import Line, Role, Span
from gpuws.tui.toolkit.fitting import cells


def chunks(text: str, size: int) -> list[str]:
    """`text` in pieces of at most `size` cells; an empty line is one empty piece."""
    if size < 1 or cells(text) <= size:
        return [text]
    found: list[str] = []
    piece, room = "", size
    for character in text:
        need = cells(character)
        if need > room:
            found.append(piece)
            piece, room = "", size
        piece += character
        room -= need
    return [*found, piece]


def rows_of(lines: Sequence[str], shown: Iterable[int], size: int, wrap: bool) -> list[str]:
    """The rows for these line numbers."""
    if not wrap:
        return [lines[index] for index in shown]
    return [piece for index in shown for piece in chunks(lines[index], size)]


def matching(lines: Sequence[str], query: str) -> Iterable[int]:
    """Numbers of the lines that contain `query`, whatever the case."""
    if not query:
        return range(len(lines))
    wanted = query.lower()
    return [index for index, line in enumerate(lines) if wanted in line.lower()]


def lit(text: str, query: str, role: Role = "text") -> Line:
    """`text` with every match of `query` lit."""
    if not query:
        return (Span(text, role),)
    spans: list[Span] = []
    low, wanted, at = text.lower(), query.lower(), 0
    while (found := low.find(wanted, at)) >= 0:
        spans += [Span(text[at:found], role), Span(text[found : found + len(wanted)], "key")]
        at = found + len(wanted)
    return (*spans, Span(text[at:], role))
