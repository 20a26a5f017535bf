"""The frame of dialogs that ask before something happens: y and n, buttons in a row, a word to type."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from gpuws.model.text import plain
from gpuws.tui.command import Command
from gpuws.tui.dialogs.dialog import Dialog

T = TypeVar("T")


class Asking(Dialog[T]):
    """`answer` is what y and n mean. `word`: what must be typed first, where something must; `agreed` is called when it
    was and enter comes, `unlock` whenever it is there or no more."""

    DEFAULT_CSS = """
    Asking > .box { border: round $warning; border-title-color: $text-warning; }
    Asking Input { margin-top: 1; }
    Asking #wrong { color: $text-error; height: 1; }
    """
    KEYS_ABOUT = "confirm"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command(
            "yes", "y", "yes", "Yes; only to its button, where what runs is removed",
            lambda dialog: dialog.answer(yes=True), hint=1, when=lambda dialog: dialog.choosing,
        ),
        Command(
            "no", "n", "no", "No",
            lambda dialog: dialog.answer(yes=False), when=lambda dialog: dialog.choosing,
        ),
    )  # fmt: skip
    asks = True

    @property
    def choosing(self) -> bool:
        """y and n choose: no word must be typed."""
        return self.word is None

    @property
    def word(self) -> str | None:
        return None

    def answer(self, *, yes: bool) -> None:
        raise NotImplementedError

    def agreed(self) -> None:
        raise NotImplementedError

    def unlock(self, typed: bool) -> None:
        raise NotImplementedError

    def field(self) -> ComposeResult:
        """Where the word is typed, and what is wrong with it."""
        if self.word is not None:
            yield Input(placeholder="type it here", compact=True, select_on_focus=False)
            yield Static("", id="wrong", markup=False)

    @on(Input.Changed)
    def _word_changed(self, event: Input.Changed) -> None:
        if self.word is not None:
            typed = event.value.strip()
            self.unlock(typed == self.word)
            self._tell(typed if not self.word.startswith(typed) else "")

    @on(Input.Submitted)
    def _word_given(self, event: Input.Submitted) -> None:
        if self.word is None:
            return
        if (typed := event.value.strip()) == self.word:
            self.agreed()
        else:
            self._tell(typed or "nothing")

    def _tell(self, wrong: str) -> None:
        """At once, not when enter does nothing."""
        self.query_one("#wrong", Static).update(
            f"{plain(wrong, 30)} is not {plain(self.word or '', 40)}" if wrong else ""
        )

    def on_key(self, event: events.Key) -> None:
        """Letters go to the word to type, although Cancel has the focus."""
        if self.word is None or not event.is_printable or event.character is None:
            return
        field = self.query_one(Input)
        if not field.has_focus:
            event.stop()
            field.focus()
            field.insert_text_at_cursor(event.character)
