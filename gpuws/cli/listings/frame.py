"""A frame of what is watched: what stands at the top, rows of which as many are shown as fit, and the keys. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.present.line import Line, Span

FEWEST_NOTES = 3  # lines
KEYS: tuple[tuple[str, str], ...] = (("q", "quit"), ("j k", "scroll"))
SORTING: tuple[tuple[str, str], ...] = (("r", "order"), ("< >", "by column"))


@dataclass(frozen=True, slots=True)
class Frame:
    """`top`: the first row that is shown, `hidden`: whether others are not."""

    lines: tuple[Line, ...]
    top: int


def framed(
    head: Sequence[Line], rows: Sequence[Line], notes: Sequence[Line], keys: Sequence[tuple[str, str]], height: int,
    top: int,
) -> Frame:  # fmt: skip
    """In `height` lines, the rows from number `top` on, or as far as there are rows; of the notes at least a few."""
    room = max(height - len(head) - 1, 0)
    kept = _notes(notes, max(room - len(rows), min(FEWEST_NOTES, room)))
    room -= len(kept)
    top = max(min(top, len(rows) - room), 0)
    shown = rows[top : top + room]
    foot = _foot(keys, top, len(shown), len(rows))
    return Frame((*head[:height], *shown, *kept, foot)[:height], top)


def _notes(notes: Sequence[Line], most: int) -> list[Line]:
    if len(notes) <= most:
        return [*notes]
    return [*notes[: most - 1], (Span(f"and {len(notes) - most + 1} more", "muted"),)] if most else []


def _foot(keys: Sequence[tuple[str, str]], top: int, shown: int, number: int) -> Line:
    spans = [part for key, word in keys for part in (Span(f" {key}", "key"), Span(f" {word}  ", "muted"))]
    if shown < number:
        spans.append(Span(f"{top + 1}–{top + shown} of {number}; --filter shows less", "muted"))
    return tuple(spans)
