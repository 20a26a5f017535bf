"""A page about one thing that is measured: its charts, and below them what there is to say of it."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, get_args

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from gpuws.model.errors import GpuwsError
from gpuws.model.timeline import Subject, Timeline, Window
from gpuws.present.line import Line
from gpuws.tui.charts.chart import Figure
from gpuws.tui.charts.grid import Charts
from gpuws.tui.command import Command
from gpuws.tui.context import Context, Selecting
from gpuws.tui.toolkit.full_screen import FullScreen
from gpuws.tui.toolkit.page import Page

Of = tuple[str, Subject, Window]
"""Of which host, whose figures, and how far back."""
WINDOWS: tuple[Window, ...] = get_args(Window)
SAID: Mapping[Window, str] = {"5m": "5 min", "1h": "1 hour"}
EVERY: dict[Window, float] = {"5m": 2.0, "1h": 15.0}
"""Seconds after which its past is read again: as long as a step of it."""
ROOMY = 36
"""Lines from which on there is air between the charts and what is below them."""
CHARTS = 5
"""Lines that charts get at least, for each row of them."""


def here(page: str, command: Command[Context], hint: int = 0) -> Command[Selecting]:
    """The same, with what the page is about as what is selected."""
    same: Command[Selecting] = command.of(lambda screen: screen.context())
    return replace(same, id=f"{page}-{command.id}", hint=hint)


def _alone(number: int, screen: ChartScreen) -> None:
    screen.charts.alone(number)


class ChartScreen(FullScreen):
    """`host`: whose memory is asked for the past, which is done only while this can be seen.

    The keys of a kind of page begin with those of `charts`."""

    KEYS_ABOUT = "charts"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command(
            "chart-earlier", "left", "earlier", "Read out the values of an earlier moment",
            lambda screen: screen.charts.move(-1), hint=6,
        ),
        Command(
            "chart-later", "right", "later", "Read out those of a later one, in the end those of now",
            lambda screen: screen.charts.move(1),
        ),
        Command("chart-much-earlier", "shift+left", "earlier", "Ten times as far", lambda it: it.charts.move(-10)),
        Command("chart-much-later", "shift+right", "later", "Ten times as far", lambda it: it.charts.move(10)),
        Command(
            "chart-window", "v", "5 min, 1 h", "Look back five minutes, or an hour",
            lambda screen: screen.next_window(), hint=5, palette=True, says=lambda screen: SAID[screen.next],
        ),
        Command("chart-zoom", "z", "zoom", "Give the charts the whole screen, and back", lambda screen: screen.zoom()),
        *(
            Command(
                f"chart-{number}", str(number), "one chart", f"Chart {number} alone, and all of them again",
                partial(_alone, number - 1),
            )
            for number in range(1, 5)
        ),
    )  # fmt: skip
    AUTO_FOCUS = "Page"
    DEFAULT_CSS = """
    ChartScreen Page { height: auto; }
    ChartScreen.roomy Page { margin-top: 1; }
    ChartScreen.zoomed Page { display: none; }
    """

    def __init__(self, host: str) -> None:
        super().__init__()
        self.host = host
        self._timeline: Timeline | None = None
        self._asked: tuple[Of, int] | None = None
        self._reading = False

    # what a kind of page says of itself

    @abstractmethod
    def subject(self) -> Subject: ...

    @abstractmethod
    def show(self) -> None:
        """Title, and `put` with all the rest."""

    # its parts

    def body(self) -> Widget:
        return Body()

    @property
    def charts(self) -> Charts:
        return self.query_one(Charts)

    @property
    def room(self) -> int:
        """Cells that a line below the charts has."""
        return self.query_one(Page).room

    @property
    def window(self) -> Window:
        """How far back they go: as it was chosen last, here or on another page."""
        return next((one for one in WINDOWS if one == self.app.remembered.window), WINDOWS[0])

    def put(self, figures: Sequence[Figure], lines: Sequence[Line], now: float) -> None:
        shown = [figure for figure in figures if self._has(figure)]
        self.charts.display = bool(shown)
        self.charts.put(shown, self._timeline, self.window, now)
        page = self.query_one(Page)
        page.styles.height = self._lines_for(lines) if shown else "1fr"
        page.put(lines)
        self.show_keys()

    def _has(self, figure: Figure) -> bool:
        """Something is known of it, or may come to be."""
        return bool(figure.said) or self._timeline is None or self._timeline.of(figure.name).mean is not None

    def _lines_for(self, lines: Sequence[Line]) -> int:
        """Lines below the charts: all, as long as the charts get half of the screen."""
        height = max(self.size.height - 2, 1)
        return max(min(len(lines), height // 2, height - 2 * CHARTS), 1)

    # its life

    def on_mount(self) -> None:
        self.set_interval(1.0, self._tick)
        self.read()
        self.show()

    def on_resize(self) -> None:
        self.set_class(self.size.height >= ROOMY, "roomy")
        self.show()

    def on_screen_resume(self) -> None:
        if self.is_mounted:
            self.read()
            self.show()

    def fleet_changed(self, hosts: Collection[str]) -> None:
        if self.host in hosts:
            self.show()

    def _tick(self) -> None:
        if self.app.sees(self):
            self.read()
            self.show()

    # the past

    def read(self) -> None:
        """Ask for it where another step has begun since it was asked for."""
        host, subject, window = of = (self.host, self.subject(), self.window)
        if self._asked is not None and of != self._asked[0]:
            self._timeline = None
        wanted = (of, int(time.time() // EVERY[window]))
        if self._reading or wanted == self._asked or not self.app.sees(self):
            return
        self._asked, self._reading = wanted, True
        self.app.verbs.run(
            "history", lambda: self.app.fleet.history(host, subject, window), partial(self._came, of), self._failed
        )

    def again(self) -> None:
        """It is about something else now."""
        self.charts.release()
        self.read()
        self.show()

    def _came(self, of: Of, found: Timeline) -> None:
        self._reading = False
        if self.is_mounted:
            if of == (self.host, self.subject(), self.window):
                self._timeline = found
                self.show()
            self.read()  # something else may be wanted by now

    def _failed(self, error: GpuwsError) -> None:  # noqa: ARG002 - the host's state says why
        self._reading = False
        if self.is_mounted and self._timeline is None:
            self._timeline = Timeline(EVERY[self.window], 0.0)
            self.show()

    # keys

    @property
    def next(self) -> Window:
        return WINDOWS[(WINDOWS.index(self.window) + 1) % len(WINDOWS)]

    def next_window(self) -> None:
        self.app.remember(window=self.next)
        self.read()
        self.show()

    def zoom(self) -> None:
        self.toggle_class("zoomed")

    def back(self) -> None:
        """To the present first, where another moment is read out."""
        if self.charts.reading_out:
            self.charts.release()
        else:
            super().back()


class Body(Vertical):
    def compose(self) -> ComposeResult:
        yield Charts()
        yield Page()
