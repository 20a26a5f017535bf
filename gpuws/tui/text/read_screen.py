"""A screen of text to read, with a title: what logs and other texts share."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on

from gpuws.present.line import Line, Span, clean
from gpuws.tui.command import Command
from gpuws.tui.text.rows_view import RowsView
from gpuws.tui.toolkit.full_screen import FullScreen


class ReadScreen(FullScreen):
    """`body` is a `RowsView`."""

    KEYS_ABOUT = "text"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("text-back", "escape,q", "back", "Back to the fleet", lambda screen: screen.back(), hint=1),
        Command("text-wrap", "w", "wrap", "Wrap long lines", lambda screen: screen.toggle_wrap(), hint=3),
    )
    AUTO_FOCUS = "RowsView"

    def __init__(self, title: str, command: str) -> None:
        super().__init__()
        self._title, self._command = title, command

    def on_mount(self) -> None:
        self.retitle()

    @property
    def rows(self) -> RowsView:
        return self.query_one(RowsView)

    def said(self) -> Line:
        """The right end of the title."""
        return ()

    @on(RowsView.Scrolled)
    def retitle(self) -> None:
        start = (Span(f" {clean(self._title)}", "title"), Span(f"   $ {clean(self._command)}", "muted"))
        looked: Line = (Span(f"{self.filter_mark} {clean(self.rows.wanted)}   ", "key"),) if self.rows.wanted else ()
        self.show_title(start, (Span("  "), *looked, *self.said(), Span(" ")))

    filter_mark = "/"
    """The key of its filter."""

    def back(self) -> None:
        if self.rows.wanted:
            self.rows.look_for("")
            self.retitle()
        else:
            super().back()

    def toggle_wrap(self) -> None:
        self.rows.toggle_wrap()
        self.retitle()
