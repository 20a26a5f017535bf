"""The frame of a screen that shows one thing in full: its title on top, the keys at the bottom."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import Screen
from textual.widget import Widget

from gpuws.present.line import Line
from gpuws.tui.base import AppBase
from gpuws.tui.command import Commanded
from gpuws.tui.toolkit.bar import Bar, Part
from gpuws.tui.toolkit.hints import in_lines, tips


class FullScreen(Commanded, Screen[None]):
    """`body` is what a kind of screen says of itself."""

    app: AppBase

    def compose(self) -> ComposeResult:
        yield Bar(id="top")
        yield self.body()
        with Vertical(id="foot"):
            yield Bar(id="here")
            yield Bar(id="hints")

    def body(self) -> Widget:
        raise NotImplementedError

    def on_resize(self) -> None:
        self.show_keys()

    def show_keys(self) -> None:
        """As they are now: what can't be done is dimmed. On a second line what the first has no room for."""
        here, more = self.query_one("#here", Bar), self.query_one("#hints", Bar)
        first, second = in_lines(self, self.size.width)
        here.display = bool(first)
        for bar, parts in ((here, first), (more, second)):
            bar.tips = tips(self)
            bar.put(parts)

    def show_title(self, start: Line, end: Line) -> None:
        """At the left and at the right end."""
        self.query_one("#top", Bar).put([Part(start)], [Part(end)])

    def back(self) -> None:
        self.dismiss(None)
