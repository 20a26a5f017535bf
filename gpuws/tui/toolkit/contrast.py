"""Whether text can be read: contrast as WCAG 2 has it, and the nearest colour that has enough. Pure."""

from __future__ import annotations

from functools import lru_cache

from rich.color import ColorSystem
from textual.color import BLACK, WHITE, Color

TEXT, GRAPHIC = 4.5, 3.0
"""The least for text, and for shapes that tell something (WCAG 1.4.3, 1.4.11)."""

STEPS = 24


def ratio(one: Color, other: Color) -> float:
    """1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@lru_cache(maxsize=4096)
def lifted(colour: Color, background: Color, least: float, *, in_256: bool = False) -> Color:
    """The colour, or as far from the background, towards white or black, as it must be. `in_256`: as a terminal with
    that many colours shows both."""
    end = WHITE if ratio(WHITE, background) > ratio(BLACK, background) else BLACK
    for step in range(STEPS + 1):
        found = colour.blend(end, step / STEPS, alpha=1.0)
        if (ratio(nearest(found), nearest(background)) if in_256 else ratio(found, background)) >= least:
            return found
    return end


@lru_cache(maxsize=4096)
def nearest(colour: Color) -> Color:
    """As a terminal with 256 colours shows it."""
    return Color(*colour.rich_color.downgrade(ColorSystem.EIGHT_BIT).get_truecolor())


def _luminance(colour: Color) -> float:
    red, green, blue = (_linear(part / 255) for part in colour.rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
