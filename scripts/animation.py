"""A recording of a terminal as one SVG that plays by itself: lines are drawn once, frames point to theirs. Pure.

Frames lie under each other on a strip; CSS moves the strip by whole frames. Scripts and fonts of one's own do not work
in pictures on web pages, so there are none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import NamedTuple

import pyte

CELL, LINE, SIZE = 8.4, 18.0, 14  # pixels: a cell's width, a line's height, the letters
EDGE, BAR = 12.0, 34.0  # pixels: around the screen, above it
NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'
PACE = 0.1  # seconds that a frame is seen at least
END = 3.0  # seconds that the last one is
BACK, FORE = "#0f1318", "#cdd5df"
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
NAMED = {
    "black": "#15191f", "red": "#ff7b72", "green": "#6bdd8f", "brown": "#e3b341", "blue": "#6cb6ff",
    "magenta": "#d3a4ff", "cyan": "#76d9e6", "white": "#cdd5df", "brightblack": "#6e7a89", "brightwhite": "#ffffff",
}  # fmt: skip
"""The terminal's own colours, as pyte calls them."""


class Look(NamedTuple):
    fore: str
    back: str
    bold: bool


class Run(NamedTuple):
    """Cells of one look from column `at` on."""

    at: int
    text: str
    look: Look


Row = tuple[Run, ...]
Frame = tuple[Row, ...]


def animated(width: int, height: int, events: Sequence[tuple[float, str]]) -> str:
    """The SVG of what a terminal of that size shows. `events`: seconds since the beginning, and what was written."""
    frames = list(_frames(width, height, events))
    lines = {row: number for number, row in enumerate(dict.fromkeys(row for _, frame in frames for row in frame))}
    looks = {look: f"c{number}" for number, look in enumerate(dict.fromkeys(_looks(lines)))}
    screen_width, screen_height = width * CELL, height * LINE
    whole_width, whole_height = screen_width + 2 * EDGE, screen_height + EDGE + BAR
    return "\n".join(
        [
            f'<svg {NAMESPACE} xml:space="preserve" viewBox="0 0 {whole_width:g} {whole_height:g}">',
            f"<style>{_style(frames, looks, screen_height)}</style>",
            f"<defs>{''.join(_line(number, row, looks) for row, number in lines.items())}</defs>",
            f'<rect width="{whole_width:g}" height="{whole_height:g}" rx="8" fill="{BACK}"/>',
            *(f'<circle cx="{20 + 18 * n}" cy="17" r="6" fill="{c}"/>' for n, c in enumerate(_LIGHTS)),
            f'<svg x="{EDGE:g}" y="{BAR:g}" width="{screen_width:g}" height="{screen_height:g}"><g id="strip">',
            *(_frame(number, frame, lines, screen_height) for number, (_, frame) in enumerate(frames)),
            "</g></svg></svg>\n",
        ]
    )


_LIGHTS = ("#ff5f57", "#febc2e", "#28c840")


def _frames(width: int, height: int, events: Sequence[tuple[float, str]]) -> Iterator[tuple[float, Frame]]:
    """What is seen, and for how many seconds."""
    screen = pyte.Screen(width, height)
    stream = pyte.Stream(screen)
    shown: Frame | None = None
    since = 0.0
    for number, (at, text) in enumerate(events):
        stream.feed(text)
        last = number + 1 == len(events)
        if not last and events[number + 1][0] - at < PACE:  # more comes at once
            continue
        now = tuple(_row(screen, y) for y in range(height))
        if now != shown:
            if shown is not None:
                yield at - since, shown
            shown, since = now, at
    if shown is not None:
        yield END, shown


def _row(screen: pyte.Screen, y: int) -> Row:
    cells = [screen.buffer[y][x] for x in range(screen.columns)]
    runs, at = [], 0
    for look, group in groupby(cells, key=_look):
        text = "".join(cell.data for cell in group)
        if text.strip() or look.back != BACK:
            runs.append(Run(at, text, look))
        at += len(text)
    return tuple(runs)


def _look(cell: pyte.screens.Char) -> Look:
    fore, back = _colour(cell.fg, FORE), _colour(cell.bg, BACK)
    return Look(*((back, fore) if cell.reverse else (fore, back)), cell.bold)


def _colour(name: str, usual: str) -> str:
    if name == "default":
        return usual
    return NAMED.get(name) or NAMED.get(name.removeprefix("bright")) or f"#{name}"


def _looks(rows: dict[Row, int]) -> Iterator[Look]:
    return (run.look for row in rows for run in row)


def _style(frames: Sequence[tuple[float, Frame]], looks: dict[Look, str], height: float) -> str:
    total = sum(seconds for seconds, _ in frames)
    rules = [f"text{{font:{SIZE}px {FONTS};white-space:pre}}"]
    rules += [f".{name}{{fill:{look.fore}{';font-weight:bold' if look.bold else ''}}}" for look, name in looks.items()]
    at, stops = 0.0, []
    for number, (seconds, _) in enumerate(frames):
        stops.append(f"{at / total * 100:.3f}%{{transform:translateY({-number * height:g}px)}}")
        at += seconds
    rules.append(f"@keyframes play{{{''.join(stops)}}}")
    rules.append(f"#strip{{animation:play {total:.2f}s step-end infinite}}")
    rules.append("@media(prefers-reduced-motion:reduce){#strip{animation:none}}")
    return "".join(rules)


def _line(number: int, row: Row, looks: dict[Look, str]) -> str:
    return f'<g id="l{number}">{"".join(part for run in row for part in _run(run, looks))}</g>'


def _run(run: Run, looks: dict[Look, str]) -> Iterator[str]:
    """Its background, and its text stretched to its cells: no font is as wide as another."""
    x, width = run.at * CELL, len(run.text) * CELL
    if run.look.back != BACK:
        yield f'<rect x="{x:.1f}" width="{width:.1f}" height="{LINE:g}" fill="{run.look.back}"/>'
    text = run.text.rstrip()
    start = len(text) - len(text.lstrip())
    if text := text.lstrip():
        yield (
            f'<text class="{looks[run.look]}" x="{x + start * CELL:.1f}" y="{LINE * 0.75:g}" '
            f'textLength="{len(text) * CELL:.1f}">{escape(text, quote=False)}</text>'
        )


def _frame(number: int, frame: Frame, lines: dict[Row, int], height: float) -> str:
    parts = (f'<use href="#l{lines[row]}" y="{y * LINE:g}"/>' for y, row in enumerate(frame) if row)
    return f'<g transform="translate(0 {number * height:g})">{"".join(parts)}</g>'
