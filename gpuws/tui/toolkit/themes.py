"""The themes that gpuws brings, and what every theme is given so that all text in it can be read."""

from __future__ import annotations

from collections.abc import Mapping

from textual.color import Color
from textual.theme import Theme

from gpuws.tui.toolkit.contrast import GRAPHIC, TEXT, lifted, nearest, ratio

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
    panel="#1f2834",
    dark=True,
    variables={"calm": "#8fa3bb", "warm": "#c9a544", "hot": "#d9775f", "scrollbar": "#3a4656",
               "scrollbar-background": "#0f1318", "scrollbar-hover": "#4a586a", "scrollbar-active": "#4d8fcc"},
)  # fmt: skip

LIGHT = Theme(
    name="gpuws-light",
    primary="#0a4fa6",
    secondary="#2f6fbd",
    accent="#7a22b8",
    success="#0b6b2f",
    warning="#7d5300",
    error="#b3191d",
    foreground="#24292f",
    background="#fafbfc",
    surface="#f1f3f6",
    panel="#e4e8ee",
    dark=False,
    variables={"calm": "#54687e", "warm": "#8f6a0c", "hot": "#b8462c", "scrollbar": "#b6c0cc",
               "scrollbar-background": "#fafbfc", "scrollbar-hover": "#9aa7b5", "scrollbar-active": "#2f6fbd"},
)  # fmt: skip


def _own(name: str, *, dark: bool, **colours: str) -> Theme:
    """Of the terminal's own sixteen colours, on its own background: it has Textual's name and takes its place, since
    there blue is on black, and yellow on white."""
    default = dict.fromkeys(("foreground", "background", "surface", "panel", "boost"), "ansi_default")
    reverse = {"block-cursor-foreground": "ansi_default", "block-cursor-background": "ansi_default",
               "block-cursor-text-style": "bold reverse", "input-cursor-text-style": "reverse",
               "ansi-background": "ansi_default", "ansi-foreground": "ansi_default",
               "border-blurred": "ansi_default", "screen-selection-background": "ansi_blue",
               "screen-selection-foreground": "ansi_bright_white"}  # fmt: skip
    return Theme(name=name, ansi=True, dark=dark, variables=reverse, **colours, **default)  # type: ignore[arg-type]


ANSI_DARK = _own(
    "ansi-dark", dark=True, primary="ansi_bright_cyan", secondary="ansi_cyan", accent="ansi_bright_magenta",
    success="ansi_bright_green", warning="ansi_bright_yellow", error="ansi_bright_red",
)  # fmt: skip
ANSI_LIGHT = _own(
    "ansi-light", dark=False, primary="ansi_blue", secondary="ansi_blue", accent="ansi_blue",
    success="ansi_default", warning="ansi_default", error="ansi_red",
)  # fmt: skip

THEMES = (DARK, LIGHT, ANSI_DARK, ANSI_LIGHT)

AUTO = "auto"
"""No theme, but whichever suits the terminal."""


COLOURS = {"standard": 16, "256": 256}
"""Of a terminal, as rich names what it found by TERM and COLORTERM; else it has them all."""

FEW, ALL = 16, 1 << 24
"""With so few, no theme can be shown but one of these; with so many, each."""


def suiting(*, dark: bool, colours: int) -> Theme:
    """The theme for a terminal with so many colours, 0 for none."""
    if colours <= FEW:
        return ANSI_DARK if dark else ANSI_LIGHT
    return DARK if dark else LIGHT


def readable(theme: Theme, variables: Mapping[str, str], *, in_256: bool) -> dict[str, str]:
    """Variables of a theme, made so that text in them can be read on each of its backgrounds."""
    if theme.ansi:
        return {"muted": "ansi_default", "faint": "ansi_default", "frame": variables["primary"],
                "field": "ansi_default", "field-focus": "ansi_default",
                **{f"text-{name}": variables[name] for name in COLOURED}}  # fmt: skip
    background, surface, panel, foreground = (
        Color.parse(variables[name]) for name in ("background", "surface", "panel", "foreground")
    )
    focus = background.blend(Color.parse(variables["primary"]), FIELD_FOCUSED, alpha=1.0)
    panel, focus = (_quiet(ground, background, foreground, in_256=in_256) for ground in (panel, focus))
    grounds = (background, surface, panel, focus)

    def text(colour: Color, least: float = TEXT) -> str:
        for ground in grounds:
            colour = lifted(colour, ground, least, in_256=in_256)
        return colour.hex

    muted, faint = (text(background.blend(foreground, part, alpha=1.0)) for part in (MUTED, FAINT))
    return {
        "foreground": text(foreground),
        "panel": panel.hex,
        "muted": muted,
        "faint": faint,
        "frame": text(background.blend(foreground, FAINT, alpha=1.0), GRAPHIC),
        "scrollbar": text(Color.parse(variables["scrollbar"]), GRAPHIC),
        "field": panel.hex,
        "field-focus": focus.hex,
        "text-muted": muted,
        "text-disabled": faint,
        "foreground-muted": muted,
        "foreground-disabled": faint,
        **{f"text-{name}": text(Color.parse(variables[name])) for name in COLOURED},
    }


def _quiet(ground: Color, background: Color, foreground: Color, *, in_256: bool) -> Color:
    """The ground, or so much nearer the background that all text can be read on it."""
    best = lifted(foreground, background, HIGHEST, in_256=in_256)
    steps = (ground.blend(background, step / 10, alpha=1.0) for step in range(11))
    shown = nearest if in_256 else (lambda colour: colour)
    return next((each for each in steps if ratio(shown(best), shown(each)) >= ROOM), background)


HIGHEST, ROOM = 21.0, 6.0
"""Of contrast: the most that there is, and what white or black must have on a ground, so that colours fit in below."""

COLOURED = ("primary", "secondary", "accent", "success", "warning", "error")
MUTED, FAINT = 0.72, 0.42
"""How much of the foreground they keep."""

FOCUSED, FIELD_FOCUSED = 0.22, 0.30
"""How much of the primary colour the background takes under the cursor, and of a field with the focus."""
