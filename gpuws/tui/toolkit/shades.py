"""The style of text that brought its own colours: as it wanted them, moved so far that they can be read here."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rich.color import Color as TerminalColour
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.color import Color

from gpuws.model import sgr
from gpuws.tui.toolkit.contrast import TEXT, lifted, nearest
from gpuws.tui.toolkit.theme import in_256, paint

if TYPE_CHECKING:
    from textual.app import App

_DARKER = ("464646", "cd3c3c", "3caa50", "be9628", "5078dc", "b45abe", "32a5b4", "c8c8c8")
_BRIGHTER = ("828282", "f05a5a", "5ad26e", "e6c346", "6e9bfa", "d77de1", "55cddc", "f5f5f5")
SIXTEEN = TerminalTheme(
    (0, 0, 0),
    (255, 255, 255),
    [Color.parse(f"#{one}").rgb for one in _DARKER],
    [Color.parse(f"#{one}").rgb for one in _BRIGHTER],
)
"""A terminal's own sixteen, where ours are drawn in place of them."""
DIM = 0.35
"""How far what is dim sinks into the background."""


def shade(app: App[Any], look: sgr.Look, background: Color) -> Style:
    """On `background`. With the terminal's own colours, or none, its own are left as they are."""
    usual = paint(app)("text", background, 0)
    if app.no_color:
        return usual + _weights(look)
    if background.ansi is not None or app.current_theme.ansi:
        return usual + _own(look)
    return _mixed(look, background, usual, in_256=in_256(app))


def _weights(look: sgr.Look) -> Style:
    return Style(
        bold=look.bold or None, italic=look.italic or None, underline=look.underline or None,
        strike=look.strike or None, reverse=look.reverse or None,
    )  # fmt: skip


def _own(look: sgr.Look) -> Style:
    return Style(color=_terminal(look.foreground), bgcolor=_terminal(look.background)) + _weights(look)


def _terminal(colour: sgr.Colour | None) -> TerminalColour | None:
    if colour is None:
        return None
    return TerminalColour.from_ansi(colour) if isinstance(colour, int) else TerminalColour.from_rgb(*colour)


@lru_cache(maxsize=4096)
def _mixed(look: sgr.Look, background: Color, usual: Style, *, in_256: bool) -> Style:
    assert usual.color is not None
    front = _exact(look.foreground) or Color.from_rich_color(usual.color)
    behind = _exact(look.background) or background
    if look.reverse:
        front, behind = behind, front
    if look.dim:
        front = behind.blend(front, 1 - DIM, alpha=1.0)
    if in_256:
        behind = nearest(behind)
    front = lifted(front, behind, TEXT, in_256=in_256)
    weights = _weights(look._replace(reverse=False))
    return Style(color=front.rich_color, bgcolor=behind.rich_color, bold=False) + weights


def _exact(colour: sgr.Colour | None) -> Color | None:
    found = _terminal(colour)
    return None if found is None else Color(*found.get_truecolor(SIXTEEN))
