"""The page of signs and colours in the documentation, from the table that `?` reads: `python -m scripts.glyphs` writes
it."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from gpuws.present.glyphs import COLOURS, GLYPHS, Glyph

PAGE = Path(__file__).parent.parent / "docs" / "glyphs.md"
INTRODUCTION = """# Signs and colours

What gpuws draws, and what it means. `?` shows the same on the screen. Nothing is said by a colour alone: beside each
stands a word or a sign, so `NO_COLOR=1 gpuws` shows as much. This page is written by `python -m scripts.glyphs`.
"""


def page() -> str:
    """All signs, those beside one thing under its words, and the colours."""
    parts = [INTRODUCTION]
    for about, found in groupby(GLYPHS, key=lambda glyph: glyph.about):
        parts += [f"## {about.capitalize()}", "", "| sign | means |", "|---|---|", *map(_row, found), ""]
    parts += ["## Colours", "", "| role | says |", "|---|---|"]
    parts += [f"| {colour.role} | {colour.means} |" for colour in COLOURS]
    return "\n".join([*parts, ""])


def _row(glyph: Glyph) -> str:
    return f"| `{glyph.signs}` | {glyph.means} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
