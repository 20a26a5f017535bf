"""One chart on the screen; only the cells that read differently are painted again."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from gpuws.present.line import Line, Role
from gpuws.tui.base import AppBase
from gpuws.tui.charts.chart import LABELS, Chart, draw, steps_of
from gpuws.tui.toolkit.fitting import fit
from gpuws.tui.toolkit.theme import paint, segments


class ChartView(Widget):
    app: AppBase
    ALLOW_SELECT = False

    class Pointed(Message):
        """The mouse is on a step, 0 the oldest; None: on none any more. `pressed`: it was clicked."""

        def __init__(self, step: int | None, *, pressed: bool = False) -> None:
            super().__init__()
            self.step, self.pressed = step, pressed

    def __init__(self) -> None:
        super().__init__()
        self._chart: Chart | None = None
        self._lines: list[Line] = []

    @property
    def dots_width(self) -> int:
        """Cells of its dots."""
        return max(self.size.width - LABELS, 2)

    def put(self, chart: Chart) -> None:
        if chart != self._chart:
            self._chart = chart
            self._show()

    def on_resize(self) -> None:
        self._lines = []
        self._show()
        self.refresh()

    def _show(self) -> None:
        if self._chart is None or not self.size.height:
            return
        before, size = self._lines, self.size.width
        self._lines = [fit(line, size) for line in draw(self._chart, size, self.size.height)]
        if len(before) != len(self._lines):
            self.refresh()
            return
        regions = [
            Region(span[0], y, span[1] - span[0], 1)
            for y, pair in enumerate(zip(before, self._lines, strict=True))
            if (span := changed(*pair)) is not None
        ]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        background = self.background_colors[1]
        line = self._lines[y] if y < len(self._lines) else ()
        found = segments(paint(self.app), line, background)
        return Strip(found).adjust_cell_length(self.size.width, Style(bgcolor=background.rich_color))

    # the mouse

    def _step(self, x: int) -> int | None:
        steps = len(self._chart.series.counts) if self._chart is not None else 0
        cell = x - LABELS
        return steps_of(cell, steps, self.dots_width)[1] if steps and 0 <= cell < self.dots_width else None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self.post_message(self.Pointed(self._step(event.x)))

    def on_leave(self) -> None:
        self.post_message(self.Pointed(None))

    def on_click(self, event: events.Click) -> None:
        self.post_message(self.Pointed(self._step(event.x), pressed=True))


def changed(before: Line, after: Line) -> tuple[int, int] | None:
    """From which cell to which (exclusive) the two differ; None: they don't. Both have as many cells of one column."""
    if before == after:
        return None
    one, two = _cells(before), _cells(after)
    if len(one) != len(two):
        return 0, max(len(one), len(two))
    differing = [at for at, pair in enumerate(zip(one, two, strict=True)) if pair[0] != pair[1]]
    return (differing[0], differing[-1] + 1) if differing else None


def _cells(line: Sequence[tuple[str, Role]]) -> list[tuple[str, Role | None]]:
    return [(letter, None if letter == " " else role) for text, role in line for letter in text]
