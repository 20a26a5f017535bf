"""What a screen looks like, as text: its characters, then the style of every cell.

Text, not the SVG of pytest-textual-snapshot: that plugin binds syrupy 4.8, which ends at pytest 8; a picture of 160×45
is 100 kB and more, where this is 10; and what differs between two of them no reviewer can read."""

from __future__ import annotations

import os
from itertools import groupby
from pathlib import Path
from string import ascii_lowercase
from zlib import crc32

from rich.color import Color
from rich.style import Style
from textual.app import App
from textual.color import Color as Colour
from textual.geometry import Region

from gpuws.tui.toolkit.contrast import TEXT, ratio

FOLDER = Path(__file__).with_name("golden")
WRITING = bool(os.environ.get("GPUWS_GOLDEN"))
"""`make golden`: what is seen becomes what is expected."""
ATTRIBUTES = ("bold", "dim", "italic", "underline", "strike", "reverse", "blink")


def dump(app: App) -> str:
    """Rows of characters; then, for each, runs of cells: how many, and the name of their style; then the styles."""
    strips = app.screen._compositor.render_strips(app.size)
    names: dict[str, str] = {}
    runs = []
    for strip in strips:
        cells = [(_told(each.style), each.cell_length) for each in strip if each.cell_length]
        row = [(style, sum(width for _, width in run)) for style, run in groupby(cells, key=lambda cell: cell[0])]
        runs.append(" ".join(f"{width}{_named(style, names)}" for style, width in row))
    rows = [strip.text.rstrip() for strip in strips]
    styles = sorted(f"{name} {style}" for name, style in names.items())
    return "\n".join([*rows, "", *runs, "", *styles, ""])


def _named(style: str, names: dict[str, str]) -> str:
    """Three letters that follow from the style itself, so that one style more changes no other one's name."""
    number = crc32(style.encode())
    while names.setdefault(name := _letters(number), style) != style:
        number += 1
    return name


def _letters(number: int) -> str:
    return "".join(ascii_lowercase[number // 26**place % 26] for place in range(3))


def _told(style: Style | None) -> str:
    if style is None:
        return "plain"
    on = [name for name in ATTRIBUTES if getattr(style, name)]
    return " ".join([_colour(style.color), "on", _colour(style.bgcolor), *on])


def _colour(color: Color | None) -> str:
    return color.get_truecolor().hex if color else "default"


def unread(app: App) -> list[str]:
    """Text whose contrast is less than WCAG asks, as it is drawn; what lies under a dialog is not looked at."""
    screen = app.screen
    box = Region.from_union([child.region for child in screen.displayed_children]) if screen.is_modal else screen.region
    found = []
    for strip in screen._compositor.render_strips(app.size)[box.y : box.bottom]:
        for text, style, _ in strip.crop(box.x, box.right):
            if (told := "".join(filter(_is_text, text)).strip()) and style and (least := _contrast(style)) < TEXT:
                found.append(f"{told!r} {_told(style)}: {least:.1f}")
    return found


def _is_text(sign: str) -> bool:
    """Not what bars, charts, lines and frames are made of."""
    return not "\u2500" <= sign <= "\u259f" and not "\u2800" <= sign <= "\u28ff" and sign not in "·›"


def _contrast(style: Style) -> float:
    return ratio(*(Colour(*colour.get_truecolor()) for colour in (style.color, style.bgcolor)))


def expected(name: str) -> str:
    path = FOLDER / f"{name}.txt"
    return path.read_text("utf-8") if path.exists() else ""


def write(name: str, text: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.txt").write_text(text, "utf-8")
