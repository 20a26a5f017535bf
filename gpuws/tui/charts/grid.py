"""Charts beside and over each other, with one cursor: the moment whose values are read out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import zip_longest

from textual import on
from textual.app import ComposeResult
from textual.containers import Container

from gpuws.model.timeline import NOTHING, SECONDS, Timeline, Window, upto
from gpuws.tui.charts.chart import Chart, Cursor, Figure, cell_of, clock, steps_of
from gpuws.tui.charts.view import ChartView

MOST = 8
"""Charts."""
NARROW, BROAD = 64, 110
"""Cells below which they stand in one column, and from which three or more than four stand in three."""
MARKS: Mapping[Window, tuple[int, ...]] = {"5m": (5, 4, 3, 2, 1), "1h": (60, 45, 30, 15)}
"""Minutes ago that are written under the dots, the first at the left edge."""


def marks(window: Window) -> tuple[tuple[float, str], ...]:
    """The more important ones first."""
    first, *others = MARKS[window]
    between = ((1 - minutes / first, f"-{minutes}") for minutes in others)
    return ((0.0, f"-{first}m"), (1.0, "now"), *between)


def columns_for(charts: int, width: int) -> int:
    """How many stand beside each other."""
    if width < NARROW or charts < 2:
        return 1
    if charts == 3:
        return 3 if width >= BROAD else 1
    return 3 if charts > 4 and width >= BROAD else 2


class Charts(Container):
    """`only`: the name of the figure that has all the room, "": all have some."""

    DEFAULT_CSS = """
    Charts { layout: grid; grid-gutter: 0 2; height: 1fr; background: $background; padding: 0 1 0 0; }
    Charts ChartView { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.only = ""
        self._figures: Sequence[Figure] = ()
        self._timeline: Timeline | None = None
        self._window: Window = "5m"
        self._now = 0.0
        self._pinned: float | None = None
        """The moment that is read out, epoch seconds; None: as it is now."""
        self._hovered: float | None = None

    def compose(self) -> ComposeResult:
        for _ in range(MOST):
            yield ChartView()

    @property
    def reading_out(self) -> bool:
        """A moment was chosen."""
        return self._pinned is not None

    def put(self, figures: Sequence[Figure], timeline: Timeline | None, window: Window, now: float) -> None:
        """`timeline` None: not read yet."""
        self._figures = tuple(figures)[:MOST]
        self._timeline, self._window, self._now = timeline, window, now
        self._show()

    def alone(self, number: int) -> None:
        """Give all the room to that one, 0 the first; the same again, or one that there is not: to all."""
        name = self._figures[number].name if number < len(self._figures) else ""
        self.only = "" if name == self.only else name
        self._show()

    def move(self, cells: int) -> None:
        """The cursor so many cells to the right; from the right edge it leaves, into the present."""
        at = self._index(self._pinned)
        if self._timeline is None or (at is None and cells > 0):
            return
        size, steps = self._cells(), self._steps()
        cell = size if at is None else cell_of(at, steps, size)
        wanted = max(cell + cells, 0)
        self._pinned = None if wanted >= size else self._moment(steps_of(wanted, steps, size)[1])
        self._show()

    def release(self) -> None:
        """Back to the present."""
        self._pinned = self._hovered = None
        self._show()

    @on(ChartView.Pointed)
    def _pointed(self, event: ChartView.Pointed) -> None:
        event.stop()
        moment = None if event.step is None else self._moment(event.step)
        if event.pressed:
            self._pinned = moment
        self._hovered = moment
        self._show()

    # from moments to steps and back

    def _steps(self) -> int:
        return round(SECONDS[self._window] / self._timeline.step) if self._timeline is not None else 0

    def _cells(self) -> int:
        shown = [view.dots_width for view in self.query(ChartView) if view.display]
        return shown[0] if shown else 2

    def _moment(self, step: int) -> float:
        assert self._timeline is not None
        newest = int(self._now // self._timeline.step)
        return (newest - (self._steps() - 1 - step) + 0.5) * self._timeline.step

    def _index(self, moment: float | None) -> int | None:
        """Its step; None where it is older than what is shown."""
        if moment is None or self._timeline is None:
            return None
        step = self._timeline.step
        at = self._steps() - 1 - (int(self._now // step) - int(moment // step))
        return at if at >= 0 else None

    def _cursor(self) -> Cursor | None:
        moment = self._hovered if self._hovered is not None else self._pinned
        at = self._index(moment)
        if at is None or moment is None:
            return None
        first, last = steps_of(cell_of(at, self._steps(), self._cells()), self._steps(), self._cells())
        return Cursor(min(first, at), max(last, at), clock(moment, 2.0 if self._window == "5m" else 60.0))

    # what is shown

    def _show(self) -> None:
        cursor, timeline = self._cursor(), self._timeline
        shown = [each for each in self._figures if each.name == self.only] or self._figures
        self._arrange(len(shown))
        for view, figure in zip_longest(self.query(ChartView), shown):
            view.display = figure is not None
            if figure is None:
                continue
            series = NOTHING if timeline is None else upto(timeline, figure.name, SECONDS[self._window], self._now)
            nothing = "reading …" if timeline is None else "nothing was seen of it"
            view.put(Chart(figure, series, marks(self._window), cursor, nothing))

    def _arrange(self, charts: int) -> None:
        columns = columns_for(charts, self.size.width)
        rows = math.ceil(charts / columns) if charts else 1
        if (self.styles.grid_size_columns, self.styles.grid_size_rows) != (columns, rows):
            self.styles.grid_size_columns, self.styles.grid_size_rows = columns, rows

    def on_resize(self) -> None:
        self._show()
