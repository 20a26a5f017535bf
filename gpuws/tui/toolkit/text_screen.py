"""A screen of text with a title, a filter and wrapping: what the log and inspect share."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on

from gpuws.present.line import Line, Span, clean
from gpuws.tui.command import Command
from gpuws.tui.toolkit.filter_bar import FilterBar
from gpuws.tui.toolkit.full_screen import FullScreen
from gpuws.tui.toolkit.text_view import TextView


class TextScreen(FullScreen):
    KEYS_ABOUT = "text"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("text-back", "escape,q", "back", "Back to the fleet", lambda screen: screen.back(), hint=1),
        Command(
            "text-filter", "/", "filter", "Show only lines with these letters",
            lambda screen: screen.open_filter(), hint=2,
        ),
        Command("text-wrap", "w", "wrap", "Wrap long lines", lambda screen: screen.toggle_wrap(), hint=3),
        Command("text-copy", "y", "copy", "Copy the equivalent command", lambda screen: screen.copy_command(), hint=5),
    )  # fmt: skip
    AUTO_FOCUS = "TextView"

    def __init__(self, title: str, command: str) -> None:
        super().__init__()
        self._title, self._command = title, command

    def body(self) -> TextView:
        return TextView()

    def on_mount(self) -> None:
        self.retitle()

    @property
    def view(self) -> TextView:
        return self.query_one(TextView)

    def said(self) -> Line:
        """The right end of the title."""
        return ()

    @on(TextView.Scrolled)
    def retitle(self) -> None:
        start = (Span(f" {clean(self._title)}", "title"), Span(f"   $ {clean(self._command)}", "muted"))
        looked: Line = (Span(f"/ {self.view.wanted}   ", "key"),) if self.view.wanted else ()
        self.show_title(start, (Span("  "), *looked, *self.said(), Span(" ")))

    def back(self) -> None:
        if self.view.wanted:
            self.view.look_for("")
            self.retitle()
        else:
            super().back()

    def toggle_wrap(self) -> None:
        self.view.toggle_wrap()
        self.retitle()

    def copy_command(self) -> None:
        self.app.copy(self._command)

    def open_filter(self) -> None:
        if bars := self.query(FilterBar):
            bars.first().focus_input()
        else:
            self.mount(FilterBar(self.view, "show only lines with these letters"))

    @on(FilterBar.Changed)
    def _narrowed(self) -> None:
        self.retitle()
