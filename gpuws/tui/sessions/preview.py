"""What a session shows now, in its own colours, for as long as it can be seen: nothing is sent to it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from gpuws.model import sgr
from gpuws.model.errors import GpuwsError
from gpuws.model.session.screen import PaneScreen
from gpuws.model.session.session import Session
from gpuws.model.text import plain
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.present.line import Line, Span
from gpuws.present.session_words import clients, windows
from gpuws.tui.base import AppBase
from gpuws.tui.toolkit.fitting import fit, spread
from gpuws.tui.toolkit.shades import shade
from gpuws.tui.toolkit.theme import paint, segments

SETTLED = 0.15  # seconds that a row is selected before its session is looked at
EVERY = 1.0  # seconds between an answer and the next look
MOST = 200  # lines


@dataclass(frozen=True, slots=True)
class Sight:
    """What is looked at. `session` None: what a container would be entered at; `listed`: what is known of it."""

    place: PlaceRef
    session: str | None
    listed: Session | None = None

    @property
    def key(self) -> tuple[PlaceRef, str | None]:
        return self.place, self.session


class Preview(Widget):
    """The last lines of `sight`, under a line that names its windows and who is in it."""

    DEFAULT_CSS = "Preview { width: 1fr; height: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._sight: Sight | None = None
        self._shown: PaneScreen | None = None
        self._why = ""
        self._timer: Timer | None = None
        self._asked = 0

    def look_at(self, sight: Sight | None) -> None:
        """What was shown of another one is gone at once."""
        changed = (sight.key if sight else None) != (self._sight.key if self._sight else None)
        self._sight = sight
        if changed:
            self._shown, self._why = None, ""
            self._asked += 1
            self._again(SETTLED)
        self.refresh()

    def on_show(self) -> None:
        self._again(SETTLED)

    def on_hide(self) -> None:
        """Nobody sees it: nothing is asked any more."""
        self._asked += 1
        self._stop()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _again(self, seconds: float) -> None:
        self._stop()
        if self._sight is not None:
            self._timer = self.set_timer(seconds, self._ask)

    def _ask(self) -> None:
        sight, asked, app = self._sight, self._asked, self.app
        assert isinstance(app, AppBase)
        if sight is None or not self.display or self.size.height < 2:
            return
        if not self.screen.is_current or not app.app_focus:
            self._again(EVERY)  # another screen lies over it
            return
        lines = min(self.size.height - 1, MOST)

        def shown(found: PaneScreen) -> None:
            self._answered(asked, found, "")

        def failed(error: GpuwsError) -> None:
            self._answered(asked, None, plain(error.brief, 300))

        app.verbs.run("preview", lambda: app.fleet.preview(sight.place, sight.session, lines=lines), shown, failed)

    def _answered(self, asked: int, found: PaneScreen | None, why: str) -> None:
        if asked == self._asked and self.is_attached:
            if (found, why) != (self._shown, self._why):
                self._shown, self._why = found, why
                self.refresh()
            self._again(EVERY)

    # drawn

    def render_line(self, y: int) -> Strip:
        background, width = self.background_colors[1], self.size.width
        rest = Style(bgcolor=background.rich_color)
        if y == 0 or self._shown is None:
            line = self._head() if y == 0 else self._said(y)
            return Strip(segments(paint(self.app), fit(line, width), background)).adjust_cell_length(width, rest)
        lines = self._shown.lines[-(self.size.height - 1) :]
        parts = sgr.parts(lines[y - 1]) if y <= len(lines) else []
        drawn = [Segment(part.text, shade(self.app, part.look, background)) for part in parts]
        return Strip([Segment(" ", rest), *drawn]).adjust_cell_length(width, rest)

    def _head(self) -> Line:
        listed = self._sight.listed if self._sight else None
        who = clients(listed, time.time()) if listed is not None else ()
        told = windows(listed) if listed is not None else ()
        spans: Line = (Span("─ ", "rule"), *told, *((Span("   ", "rule"), *who) if who else ()), Span(" ", "rule"))
        spans = spans if told else ()
        return spread(spans, (Span("─", "rule"),), self.size.width, "─")

    def _said(self, y: int) -> Line:
        if y != 1 or self._sight is None:
            return ()
        return (Span(f" {self._why}" if self._why else " …", "muted"),)
