"""A text that stands still, and can be narrowed by letters: JSON, first steps."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on

from gpuws.tui.command import Command
from gpuws.tui.text.read_screen import ReadScreen
from gpuws.tui.text.text_view import TextView
from gpuws.tui.toolkit.filter_bar import FilterBar


class TextScreen(ReadScreen):
    KEYS_ABOUT = "text"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command(
            "text-filter", "/", "filter", "Show only lines with these letters",
            lambda screen: screen.open_filter(), hint=2,
        ),
        Command("text-copy", "y", "copy", "Copy the equivalent command", lambda screen: screen.copy_command(), hint=5),
    )  # fmt: skip

    def body(self) -> TextView:
        return TextView()

    @property
    def view(self) -> TextView:
        return self.query_one(TextView)

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
