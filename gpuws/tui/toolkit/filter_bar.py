"""The line that opens with `/`."""

from __future__ import annotations

from typing import ClassVar, Protocol

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from gpuws.model.text import plain
from gpuws.tui.base import AppBase
from gpuws.tui.command import Command, Commanded

EXAMPLES = "free  alice  h200  idle  free>40g  util<10  !busy  alpha,bravo"


class Narrowed(Protocol):
    """Rows that a filter narrows. `wanted`: the filter, as it was typed."""

    wanted: str

    def look_for(self, text: str) -> str:
        """Narrow them; "" or why `text` is no filter (yet): then nothing changes."""

    def focus(self) -> object: ...


class FilterBar(Commanded, Vertical):
    """enter keeps the filter, esc drops it; it works while it is typed. `rows` are narrowed."""

    DEFAULT_CSS = """
    FilterBar { height: auto; background: $panel; }
    FilterBar Horizontal { height: 1; }
    FilterBar Static { height: 1; background: $panel; }
    FilterBar .mark { width: 3; color: $text-primary; text-style: bold; }
    FilterBar .wrong { color: $text-warning; padding: 0 3; display: none; }
    FilterBar Input { width: 1fr; }
    """

    app: AppBase
    KEYS_ABOUT = "filter"
    KEYS: ClassVar[tuple[Command[FilterBar], ...]] = (
        Command("filter-drop", "escape", "drop", "Drop the filter", lambda bar: bar.drop()),
        Command("filter-keep", "down", "keep", "Keep the filter, go to the list", lambda bar: bar.keep()),
    )

    class Changed(Message):
        """The rows are narrowed otherwise now."""

    def __init__(self, rows: Narrowed, placeholder: str = EXAMPLES) -> None:
        super().__init__()
        self._rows = rows
        self._placeholder = placeholder
        self.complaint = ""

    def compose(self) -> ComposeResult:
        yield Static(classes="wrong", markup=False)
        with Horizontal():
            yield Static(" / ", classes="mark", markup=False)
            yield Input(self._rows.wanted, placeholder=self._placeholder, compact=True)

    def on_mount(self) -> None:
        self.focus_input()

    def focus_input(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._narrow(event.value)

    def _narrow(self, text: str) -> None:
        """What is wrong with the text stands above it."""
        self.complaint = self._rows.look_for(text)
        wrong = self.query_one(".wrong", Static)
        wrong.update(plain(self.complaint))
        wrong.display = bool(self.complaint)
        self.post_message(self.Changed())

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.keep()

    def keep(self) -> None:
        """Not while something is wrong with it: the sentence that says so stays in sight."""
        if not self.complaint:
            self._leave()

    def drop(self) -> None:
        self._narrow("")
        self._leave()

    def _leave(self) -> None:
        self.remove()
        self._rows.focus()
