"""The signs that gpuws draws and the colours it gives, each with what it means: `?` and the glossary read it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gpuws.present.line import Role

UP, PARTIAL, NOTHING, DOWN, LOOK, IDLE, RUNS = "●", "◐", "○", "✗", "⚠", "◔", "▸"
WELL, NEXT, TICKED, UNTICKED, CURSOR, FOLDED, ERRORS = "✓", "→", "☑", "☐", "▌", "+", "▏"


@dataclass(frozen=True, slots=True)
class Glyph:
    """`signs`: how it looks, several where they are steps of one thing. `role`: its usual colour. `about`: what it
    stands beside."""

    signs: str
    means: str
    role: Role
    about: str


@dataclass(frozen=True, slots=True)
class Colour:
    """`role`: which one. `means`: what it says of the text that has it."""

    role: Role
    means: str


GLYPHS = (
    Glyph(UP, "up: reached, with GPUs", "ok", "hosts"),
    Glyph(PARTIAL, "connecting, or its values are old", "warn", "hosts"),
    Glyph(NOTHING, "up, but without GPUs to show", "muted", "hosts"),
    Glyph(DOWN, "not reached or refused; a check that failed", "error", "hosts"),
    Glyph(LOOK, "look here: a fault, a warning, a question", "warn", "hosts"),
    Glyph(IDLE, "idle: it holds a GPU, and has done nothing on it for a while", "idle", "who lives there"),
    Glyph(RUNS, "what runs inside: torch-dev ▸ train.py", "muted", "who lives there"),
    Glyph("└", "an instance of the GPU above (MIG)", "muted", "who lives there"),
    Glyph("+2", "so many more than there is room for", "muted", "who lives there"),
    Glyph(
        "▄▄▁", "how much of its memory is in use: warm where that deserves a look, red in trouble", "calm", "figures"
    ),
    Glyph("┄", "not known how much", "faint", "figures"),
    Glyph("⣀⣤⣶⣿", "utilization of the last minutes, the newest at the right", "spark", "figures"),
    Glyph("⠒", "dots over an area: the highest sample of that time", "faint", "figures"),
    Glyph("│", "the moment of a chart that is read out; ← and → move it", "faint", "figures"),
    Glyph("▁▃▅▆", "a folded host: how busy each of its GPUs is", "text", "figures"),
    Glyph("▕██▍", "how far something in the background is", "mine", "figures"),
    Glyph("–", "not known, or not there; never zero", "muted", "figures"),
    Glyph("≥", "at least: a part of it is not known", "muted", "figures"),
    Glyph("×", "so many: 4×A100-80", "muted", "figures"),
    Glyph("↓↑", "sorted by; received and sent", "key", "figures"),
    Glyph(CURSOR, "the row that keys act on", "key", "rows"),
    Glyph(WELL, "marked; a check that is well", "key", "rows"),
    Glyph(FOLDED, "a row that has others under it: → shows them", "key", "rows"),
    Glyph(TICKED, "ticked", "key", "rows"),
    Glyph(UNTICKED, "not ticked", "muted", "rows"),
    Glyph(NEXT, "what to do about it; what leads where", "key", "rows"),
    Glyph(ERRORS, "in a log: written to stderr", "warn", "rows"),
    Glyph("▼▲", "a choice: ⏎ opens it, or takes what stands in it", "muted", "rows"),
    Glyph("…", "more than there is room for", "muted", "rows"),
    Glyph("❯", "a tmux session", "muted", "places to jump to"),
    Glyph("▣", "a container", "muted", "places to jump to"),
    Glyph("▤", "a notebook", "muted", "places to jump to"),
    Glyph("⏎", "the enter key", "key", "keys"),
    Glyph("← →", "the arrow keys", "key", "keys"),
    Glyph("esc", "the escape key: always back, never harms", "key", "keys"),
)
"""Every sign, in the order in which they are told."""

COLOURS = (
    Colour("free", "free: nobody holds it"),
    Colour("mine", "mine"),
    Colour("idle", "held, and idle"),
    Colour("ok", "all is well"),
    Colour("warn", "worth a look"),
    Colour("error", "trouble"),
    Colour("key", "a key to press"),
    Colour("muted", "more to know, less to mind"),
    Colour("faint", "can't be done now: the key says why"),
)
"""What the colours say; each has a word or a sign beside it, since not everybody sees colours."""


def meaning(sign: str) -> str:
    """What this one character says; "" where it is none of the signs."""
    return "" if sign.isascii() else next((glyph.means for glyph in GLYPHS if sign in glyph.signs), "")
