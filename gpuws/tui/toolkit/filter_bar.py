"""The line that opens with `/`."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal, Protocol

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from gpuws.model.query.completion import Completion
from gpuws.model.query.past_filters import Past, kept
from gpuws.model.text import plain
from gpuws.present.line import Span, clean
from gpuws.tui.base import AppBase
from gpuws.tui.command import Command, Commanded
from gpuws.tui.toolkit.bar import Bar, Part

EXAMPLES = "free  alice  h200  idle  free>40g  util<10  !busy  alpha,bravo"
Complete = Callable[[str, int], Completion]
"""What could stand at that character of that text."""


class Narrowed(Protocol):
    """Rows that a filter narrows. `wanted`: the filter, as it was typed."""

    wanted: str

    def look_for(self, text: str) -> str:
        """Narrow them; "" or why `text` is no filter (yet): then nothing changes."""

    def focus(self) -> object: ...


class FilterBar(Commanded, Vertical):
    """enter keeps the filter, esc drops it; it works while it is typed. `rows` are narrowed.

    `complete`: its language has words and keys, which stand above it and tab takes; and what was kept comes back, from
    the field `kept_in` of what the screen remembers.
    `mark`: the key that opened it."""

    DEFAULT_CSS = """
    FilterBar { height: auto; background: $panel; }
    FilterBar Horizontal { height: 1; }
    FilterBar Static { height: 1; background: $panel; }
    FilterBar .mark { width: 3; color: $text-primary; text-style: bold; }
    FilterBar .wrong { color: $text-warning; padding: 0 3; display: none; }
    FilterBar Bar { background: $panel; }
    FilterBar Input { width: 1fr; }
    """

    app: AppBase
    KEYS_ABOUT = "filter"
    KEYS: ClassVar[tuple[Command[FilterBar], ...]] = (
        Command("filter-drop", "escape", "drop", "Drop the filter", lambda bar: bar.drop()),
        Command(
            "filter-complete", "tab", "complete", "Complete the word, by what is there to be found; again: the next",
            lambda bar: bar.complete(1), when=lambda bar: bar.completes,
        ),
        Command(
            "filter-complete-back", "shift+tab", "complete", "The completion before",
            lambda bar: bar.complete(-1), when=lambda bar: bar.completes,
        ),
        Command("filter-older", "up", "earlier", "The filter kept before this one", lambda bar: bar.older()),
        Command(
            "filter-newer", "down", "later", "The filter kept after this one; at last keep it and go to the list",
            lambda bar: bar.newer(),
        ),
    )  # fmt: skip

    class Changed(Message):
        """The rows are narrowed otherwise now."""

    def __init__(
        self,
        rows: Narrowed,
        placeholder: str = EXAMPLES,
        complete: Complete | None = None,
        kept_in: Literal["filters", "container_filters"] = "filters",
        mark: str = "/",
    ) -> None:
        super().__init__()
        self._kept_in = kept_in
        self.mark = mark
        self._rows = rows
        self._placeholder = placeholder
        self._complete = complete
        self._past = Past()
        self._offered = Completion(0, 0)
        self._taken = -1
        self._base = ""
        self.complaint = ""

    def compose(self) -> ComposeResult:
        yield Static(classes="wrong", markup=False)
        if self._complete is not None:
            yield Bar(id="completions")
        with Horizontal():
            yield Static(f" {self.mark} ", classes="mark", markup=False)
            yield Input(self._rows.wanted, placeholder=self._placeholder, compact=True)

    def on_mount(self) -> None:
        if self._complete is not None:
            self._past = Past(self._remembered)
            self._offer(self._complete)
        self.focus_input()

    @property
    def completes(self) -> bool:
        return self._complete is not None

    @property
    def _remembered(self) -> tuple[str, ...]:
        remembered = self.app.remembered
        return remembered.filters if self._kept_in == "filters" else remembered.container_filters

    @property
    def field(self) -> Input:
        return self.query_one(Input)

    def focus_input(self) -> None:
        self.field.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._narrow(event.value)
        if self._complete is not None and (self._taken < 0 or event.value != self._with(self._taken)[0]):
            self._taken = -1
            self._offer(self._complete)

    def _narrow(self, text: str) -> None:
        """What is wrong with the text stands above it."""
        self.complaint = self._rows.look_for(text)
        wrong = self.query_one(".wrong", Static)
        wrong.update(plain(self.complaint))
        wrong.display = bool(self.complaint)
        self.post_message(self.Changed())

    # words that could stand there

    def _offer(self, complete: Complete) -> None:
        self._base = self.field.value
        self._offered = complete(self._base, self.field.cursor_position)
        self._show_offered()

    def _with(self, index: int) -> tuple[str, int]:
        return self._offered.put(self._base, index)

    def complete(self, step: int) -> None:
        """Take the first that could stand there; again: the next one."""
        if not self._offered.words:
            return
        self._taken = 0 if self._taken < 0 and step > 0 else (max(self._taken, 0) + step) % len(self._offered.words)
        self.field.value, self.field.cursor_position = self._with(self._taken)
        self._show_offered()

    def _show_offered(self) -> None:
        """From the one that is taken on."""
        words = self._offered.words
        first = max(self._taken, 0)
        line: list[Span] = [Span(" tab ", "key" if words else "faint")]
        for index, word in enumerate((*words[first:], *words[:first])):
            line.append(Span(f" {clean(word)} ", "strong" if index == 0 else "muted"))
        earlier = (Span(" ↑", "key"), Span(" earlier ", "muted")) if self._past.texts else ()
        self.query_one("#completions", Bar).put([Part(tuple(line))], [Part(earlier)])

    # what was typed before

    def older(self) -> None:
        self._past, text = self._past.older(self.field.value)
        self._show_past(text)

    def newer(self) -> None:
        if not self._past.browsing:
            self.keep()
            return
        self._past, text = self._past.newer()
        self._show_past(text)

    def _show_past(self, text: str) -> None:
        self.field.value, self.field.cursor_position = text, len(text)

    # done

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.keep()

    def keep(self) -> None:
        """Not while something is wrong with it: the sentence that says so stays in sight."""
        if self.complaint:
            return
        if self.completes and self.field.value.strip():
            self.app.remember(**{self._kept_in: kept(self._remembered, self.field.value.strip())})
        self._leave()

    def drop(self) -> None:
        self._narrow("")
        self._leave()

    def _leave(self) -> None:
        self.remove()
        self._rows.focus()
