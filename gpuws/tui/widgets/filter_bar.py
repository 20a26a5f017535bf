"""The line that opens with `/`."""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from gpuws.model.text import plain
from gpuws.tui.base import AppBase
from gpuws.tui.command import Command, Commanded

EXAMPLES = "free  alice  h200  idle  free>40g  util<10  !busy  alpha,bravo"


@runtime_checkable
class Filtered(Protocol):
    """A screen whose rows a filter bar narrows."""

    def filtered(self, text: str) -> None: ...
    def filter_done(self, bar: FilterBar, *, keep: bool) -> None: ...


class FilterBar(Commanded, Vertical):
    """enter keeps the filter, esc drops it; it works while it is typed."""

    DEFAULT_CSS = """
    FilterBar { height: auto; background: $panel; }
    FilterBar Horizontal { height: 1; }
    FilterBar Static { height: 1; background: $panel; }
    FilterBar .mark { width: 3; color: $primary; text-style: bold; }
    FilterBar .wrong { color: $warning; padding: 0 3; display: none; }
    FilterBar Input { width: 1fr; background: $panel; }
    """

    app: AppBase
    KEYS_ABOUT = "filter"
    KEYS: ClassVar[tuple[Command[FilterBar], ...]] = (
        Command("filter-drop", "escape", "drop", "Drop the filter", lambda bar: bar.drop()),
        Command("filter-keep", "down", "keep", "Keep the filter, go to the list", lambda bar: bar.keep()),
    )

    def __init__(self, text: str, placeholder: str = EXAMPLES) -> None:
        super().__init__()
        self._text = text
        self._placeholder = placeholder
        self.complaint = ""

    def compose(self) -> ComposeResult:
        yield Static(classes="wrong", markup=False)
        with Horizontal():
            yield Static(" / ", classes="mark", markup=False)
            yield Input(self._text, placeholder=self._placeholder, compact=True)

    def complain(self, sentence: str) -> None:
        """Say what is wrong with the text; "" takes it back."""
        if sentence != self.complaint:
            self.complaint = sentence
            wrong = self.query_one(".wrong", Static)
            wrong.update(plain(sentence))
            wrong.display = bool(sentence)

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
        self.keep()

    def keep(self) -> None:
        """Not while something is wrong with it: the sentence that says so stays in sight."""
        if not self.complaint and isinstance(self.screen, Filtered):
            self.screen.filter_done(self, keep=True)

    def drop(self) -> None:
        if isinstance(self.screen, Filtered):
            self.screen.filter_done(self, keep=False)
