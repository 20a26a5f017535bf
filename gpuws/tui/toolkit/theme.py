"""Two themes, and the colour each role has in any theme."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.theme import Theme

from gpuws.present.line import Line, Role

if TYPE_CHECKING:
    from textual.app import App

DARK = Theme(
    name="gpuws-dark",
    primary="#6cb6ff",
    secondary="#4d8fcc",
    accent="#d3a4ff",
    success="#6bdd8f",
    warning="#e3b341",
    error="#ff7b72",
    foreground="#cdd5df",
    background="#0f1318",
    surface="#151b23",
    panel="#1d2530",
    dark=True,
    variables={"calm": "#8fa3bb", "warm": "#c9a544", "hot": "#d9775f", "border": "#3a4656", "scrollbar": "#2a3440",
               "scrollbar-background": "#0f1318", "scrollbar-hover": "#3a4656", "scrollbar-active": "#4d8fcc"},
)  # fmt: skip

LIGHT = Theme(
    name="gpuws-light",
    primary="#0a58b5",
    secondary="#2f6fbd",
    accent="#8a2fc9",
    success="#11803b",
    warning="#946200",
    error="#c5221f",
    foreground="#24292f",
    background="#fafbfc",
    surface="#f1f3f6",
    panel="#e4e8ee",
    dark=False,
    variables={"calm": "#54687e", "warm": "#a8811a", "hot": "#c1543a", "border": "#b6c0cc", "scrollbar": "#ccd4de",
               "scrollbar-background": "#fafbfc", "scrollbar-hover": "#b6c0cc", "scrollbar-active": "#2f6fbd"},
)  # fmt: skip

THEMES = (DARK, LIGHT)

FADES = (0.0, 0.38, 0.55, 0.68)
"""How far values of a host sink into the background, by their age (`present.host_state.fade`)."""

# role: theme variable, part of the foreground it keeps (the rest is background), bold
_ROLES: dict[Role, tuple[str, float, bool]] = {
    "text": ("foreground", 0.86, False),
    "strong": ("foreground", 1.0, True),
    "muted": ("foreground", 0.58, False),
    "faint": ("foreground", 0.30, False),
    "head": ("foreground", 0.48, False),
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
}

_FALLBACKS = {"calm": "secondary", "warm": "warning", "hot": "error"}

Paint = Callable[[Role, Color, int], Style]

_made: dict[str, Paint] = {}


def paint(app: App[Any]) -> Paint:
    """role, background, fade → style, for the app's theme."""
    name = app.theme
    if name not in _made:
        _made[name] = _paint(app.theme_variables)
    return _made[name]


def segments(paint: Paint, line: Line, background: Color, fade: int = 0) -> list[Segment]:
    """The line's segments; blank spans join the one before, which saves a third of the bytes."""
    found: list[Segment] = []
    for text, role in line:
        style = found[-1].style if found and text.isspace() else paint(role, background, fade)
        if found and found[-1].style == style:
            found[-1] = Segment(found[-1].text + text, style)
        elif text:
            found.append(Segment(text, style))
    return found


def _paint(variables: Mapping[str, str]) -> Paint:
    colours = {
        name: Color.parse(variables.get(name) or variables[_FALLBACKS.get(name, name)])
        for name in dict.fromkeys(name for name, _, _ in _ROLES.values())
    }

    @lru_cache(maxsize=1024)
    def style(role: Role, background: Color, fade: int) -> Style:
        name, strength, bold = _ROLES[role]
        if background.ansi is not None:  # the terminal's own colours can't be mixed
            own, dim = colours[name].rich_color, strength < 0.7 or fade > 0
            return Style(color=own, bgcolor=background.rich_color, bold=bold and not fade, dim=dim)
        colour = background.blend(colours[name], strength * (1 - FADES[fade]), alpha=1.0)
        return Style(color=colour.rich_color, bgcolor=background.rich_color, bold=bold and not fade)

    return style
