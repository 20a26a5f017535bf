"""The colour that each role has, in any theme and on any background: text in it can be read there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from gpuws.present.line import Line, Role
from gpuws.tui.toolkit.contrast import GRAPHIC, TEXT, lifted, nearest
from gpuws.tui.toolkit.themes import FAINT, FOCUSED, MUTED

if TYPE_CHECKING:
    from textual.app import App

FADES = (0.0, 0.38, 0.55, 0.68)
"""How far values of a host sink into the background, by their age (`present.host_state.fade`); text only so far that it
can still be read, when bold and colours are gone."""

# role: theme variable, part of the foreground it keeps (the rest is background), bold
_ROLES: dict[Role, tuple[str, float, bool]] = {
    "text": ("foreground", 0.88, False),
    "strong": ("foreground", 1.0, True),
    "muted": ("foreground", MUTED, False),
    "faint": ("foreground", FAINT, False),
    "head": ("foreground", 0.60, False),
    "title": ("primary", 1.0, True),
    "key": ("primary", 1.0, True),
    "free": ("success", 1.0, True),
    "mine": ("accent", 1.0, True),
    "idle": ("warning", 1.0, False),
    "ok": ("success", 0.9, False),
    "warn": ("warning", 1.0, False),
    "error": ("error", 1.0, False),
    "calm": ("calm", 0.80, False),
    "warm": ("warm", 0.80, False),
    "hot": ("hot", 0.80, False),
    "track": ("foreground", 0.20, False),
    "spark": ("calm", 0.70, False),
    "rule": ("foreground", 0.34, False),
}

# role: the terminal's own colour on a dark and on a light background, bold; two words: text on a background
_OWN: dict[Role, tuple[str, str, bool]] = {
    "text": ("default", "default", False),
    "strong": ("default", "default", True),
    "muted": ("white", "default", False),
    "faint": ("white", "default", False),
    "head": ("white", "default", False),
    "title": ("bright_cyan", "default", True),
    "key": ("bright_cyan", "default", True),
    "free": ("bright_green", "black on bright_green", True),
    "mine": ("bright_magenta", "blue", True),
    "idle": ("bright_yellow", "black on bright_yellow", False),
    "ok": ("bright_green", "default", False),
    "warn": ("bright_yellow", "black on bright_yellow", False),
    "error": ("bright_red", "red", False),
    "calm": ("white", "default", False),
    "warm": ("bright_yellow", "red", False),
    "hot": ("bright_red", "red", False),
    "track": ("bright_black", "white", False),
    "spark": ("white", "default", False),
    "rule": ("bright_black", "white", False),
}

SHAPES: frozenset[Role] = frozenset({"calm", "warm", "hot", "spark"})
"""Bars: what they tell is told by a figure beside them, too."""

DECORATION: frozenset[Role] = frozenset({"track", "rule"})
"""What could be left out: the part of a bar that is not filled, lines and dots between things."""

_FALLBACKS = {"calm": "secondary", "warm": "warning", "hot": "error"}

CURSOR, CURSOR_ELSEWHERE = Color(0, 0, 0, ansi=-2), Color(0, 0, 0, ansi=-3)
"""Behind the row under the cursor where the terminal's own colours can't be mixed: reversed; underlined while the focus
is elsewhere."""

Paint = Callable[[Role, Color, int], Style]

_made: dict[tuple[str, bool, bool], Paint] = {}


def paint(app: App[Any]) -> Paint:
    """role, background, fade → style, for the app's theme and its terminal."""
    key = (app.theme, app.no_color, in_256(app))
    if key not in _made:
        theme = app.current_theme
        if theme.ansi:
            _made[key] = _own(dark=theme.dark, colourless=app.no_color)
        else:
            _made[key] = _mixed(app.theme_variables, in_256(app))
    return _made[key]


def in_256(app: App[Any]) -> bool:
    """The terminal has 256 colours and no more."""
    return app.console.color_system == "256"


def behind_cursor(app: App[Any], background: Color, *, focused: bool) -> Color:
    """What lies behind the row under the cursor, in place of `background`."""
    if background.ansi is not None:
        return CURSOR if focused else CURSOR_ELSEWHERE
    variables, part = app.theme_variables, FOCUSED if focused else FOCUSED / 2
    if in_256(app):  # mixed with a colour it would come out as something else
        return nearest(background.blend(Color.parse(variables["foreground"]), part * 0.8, alpha=1.0))
    return background.blend(Color.parse(variables["primary"]), part, alpha=1.0)


def segments(paint: Paint, line: Line, background: Color, fade: int = 0) -> list[Segment]:
    """The line's segments; blank spans join the one before, which saves a third of the bytes."""
    found: list[Segment] = []
    ground = paint("text", background, fade).bgcolor
    for text, role in line:
        joins = bool(found) and text.isspace() and found[-1].style.bgcolor == ground  # type: ignore[union-attr]
        style = found[-1].style if joins else paint(role, background, fade)
        if found and found[-1].style == style:
            found[-1] = Segment(found[-1].text + text, style)
        elif text:
            found.append(Segment(text, style))
    return found


def _mixed(variables: Mapping[str, str], in_256: bool) -> Paint:
    colours = {
        name: Color.parse(variables.get(name) or variables[_FALLBACKS.get(name, name)])
        for name in dict.fromkeys(name for name, _, _ in _ROLES.values())
    }

    @lru_cache(maxsize=1024)
    def style(role: Role, background: Color, fade: int) -> Style:
        name, strength, bold = _ROLES[role]
        colour = background.blend(colours[name], strength * (1 - FADES[fade]), alpha=1.0)
        if role not in DECORATION:
            colour = lifted(colour, background, GRAPHIC if role in SHAPES else TEXT, in_256=in_256)
        return Style(color=colour.rich_color, bgcolor=background.rich_color, bold=bold and not fade)

    return style


def _own(*, dark: bool, colourless: bool) -> Paint:
    """Of the terminal's own colours, or of none: then bold and reversed are left to tell by."""

    @lru_cache(maxsize=256)
    def style(role: Role, background: Color, fade: int) -> Style:
        on_dark, on_light, bold = _OWN["muted" if fade and role not in SHAPES | DECORATION else role]
        if background in (CURSOR, CURSOR_ELSEWHERE):
            return Style(reverse=background == CURSOR, underline=background == CURSOR_ELSEWHERE, bold=bold)
        if colourless:
            return Style(bold=bold)
        return Style.parse(on_dark if dark else on_light) + Style(bold=bold)

    return style
