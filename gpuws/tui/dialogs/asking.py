"""The frame of dialogs that ask before something happens: y and n, buttons in a row, a word to type."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from textual import events
from textual.widgets import Input

from gpuws.tui.command import Command
from gpuws.tui.dialogs.dialog import Dialog

T = TypeVar("T")


class Asking(Dialog[T]):
    """`answer` is what y and n mean. `word`: what must be typed first, where something must."""

    DEFAULT_CSS = """
    Asking > .box { border: round $warning; border-title-color: $warning; }
    Asking Input { margin-top: 1; background: $panel; }
    """
    KEYS_ABOUT = "confirm"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command(
            "yes", "y", "yes", "Yes; only to its button, where what runs is removed",
            lambda dialog: dialog.answer(yes=True), when=lambda dialog: dialog.choosing,
        ),
        Command("no", "n", "no", "No", lambda dialog: dialog.answer(yes=False), when=lambda dialog: dialog.choosing),
        Command(
            "next-button", "right", "other", "The button to the right",
            lambda dialog: dialog.app.action_focus_next(), when=lambda dialog: dialog.choosing,
        ),
        Command(
            "previous-button", "left", "other", "The button to the left",
            lambda dialog: dialog.app.action_focus_previous(), when=lambda dialog: dialog.choosing,
        ),
    )  # fmt: skip
    asks = True

    @property
    def choosing(self) -> bool:
        """y, n and the arrows choose."""
        return True

    @property
    def word(self) -> str | None:
        return None

    def answer(self, *, yes: bool) -> None:
        raise NotImplementedError

    def on_key(self, event: events.Key) -> None:
        """Letters go to the word to type, although Cancel has the focus."""
        if self.word is None or not event.is_printable or event.character is None:
            return
        field = self.query_one(Input)
        if not field.has_focus:
            event.stop()
            field.focus()
            field.insert_text_at_cursor(event.character)
