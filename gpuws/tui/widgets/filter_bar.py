"""The line that opens with `/`."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static

from gpuws.tui.keys import bindings


@runtime_checkable
class Filtered(Protocol):
    """A screen whose rows a filter bar narrows."""

    def filtered(self, text: str) -> None: ...
    def filter_done(self, bar: FilterBar, *, keep: bool) -> None: ...


class FilterBar(Horizontal):
    """enter keeps the filter, esc drops it; it works while it is typed."""

    DEFAULT_CSS = """
    FilterBar { height: 1; background: $panel; dock: bottom; }
    FilterBar Static { width: 3; color: $primary; text-style: bold; }
    FilterBar Input { width: 1fr; background: $panel; }
    """

    BINDINGS = bindings("filter")

    def __init__(self, text: str, placeholder: str = "free  busy  mine  idle  or any part of a name") -> None:
        super().__init__()
        self._text = text
        self._placeholder = placeholder

    def compose(self) -> ComposeResult:
        yield Static(" / ", markup=False)
        yield Input(self._text, placeholder=self._placeholder, compact=True)

    def on_mount(self) -> None:
        self.focus_input()

    def focus_input(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if isinstance(self.screen, Filtered):
            self.screen.filtered(event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_keep()

    def action_keep(self) -> None:
        if isinstance(self.screen, Filtered):
            self.screen.filter_done(self, keep=True)

    def action_drop(self) -> None:
        if isinstance(self.screen, Filtered):
            self.screen.filter_done(self, keep=False)
