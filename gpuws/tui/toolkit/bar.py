"""A bar of one line: text at both edges, parts of it clickable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.style import Style
from textual import events
from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget

from gpuws.present.glyphs import meaning
from gpuws.present.line import Line
from gpuws.tui.toolkit.fitting import fit, sign_at, spread, width
from gpuws.tui.toolkit.theme import paint, segments


@dataclass(frozen=True, slots=True)
class Part:
    """`action`: what a click on it runs, as a binding names it."""

    line: Line
    action: str = ""


class Bar(Widget):
    """`filler` joins the edges: "─" makes the bar a rule."""

    DEFAULT_CSS = "Bar { height: 1; background: $background; }"
    ALLOW_SELECT = False

    def __init__(self, filler: str = " ", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._filler = filler
        self._start: tuple[Part, ...] = ()
        self._end: tuple[Part, ...] = ()
        self.tips: Callable[[str], str] = lambda _: ""
        """What is read while the pointer is on a part, by its action."""

    def put(self, start: Sequence[Part], end: Sequence[Part] = ()) -> None:
        """Show this; nothing is painted when it reads the same."""
        if (tuple(start), tuple(end)) != (self._start, self._end):
            self._start, self._end = tuple(start), tuple(end)
            self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002 - one line
        size = self.size.width
        start = tuple(span for part in self._start for span in part.line)
        end = tuple(span for part in self._end for span in part.line)
        line = spread(start, end, size, self._filler) if end else fit(start, size)
        background = self.background_colors[1]
        return Strip(segments(paint(self.app), line, background)).adjust_cell_length(
            size, Style(bgcolor=background.rich_color)
        )

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """A key says what it would do, a sign what it means."""
        part, cell = self._at(event.x)
        tip = self.tips(part.action) if part.action else meaning(sign_at(part.line, cell))
        if tip != str(self.tooltip or ""):
            self.tooltip = Content(tip) if tip else None

    async def on_click(self, event: events.Click) -> None:
        part, _ = self._at(event.x)
        if part.action:
            await self._run(part.action)

    def _at(self, x: int) -> tuple[Part, int]:
        """What stands in that column, and how far into it."""
        at = self.size.width - sum(width(part.line) for part in self._end)
        for column, parts in ((at, self._end), (0, self._start)):
            edge = column
            for part in parts:
                size = width(part.line)
                if edge <= x < edge + size:
                    return part, x - edge
                edge += size
        return Part(()), 0

    async def _run(self, action: str) -> None:
        """As a key would: the focused widget, its screen, the application."""
        for node in (self.screen.focused, self.screen, self.app):
            if node is not None and await self.app.run_action(action, node):
                return
