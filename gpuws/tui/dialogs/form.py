"""The frame of dialogs with fields: rows of a word and a field, why what was typed won't do, and two buttons."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from gpuws.model.errors import GpuwsError
from gpuws.model.text import plain
from gpuws.tui.command import Command
from gpuws.tui.dialogs.buttons import button
from gpuws.tui.dialogs.dialog import Dialog

T = TypeVar("T")


def row(word: str, field: Widget) -> Horizontal:
    """What is asked for, and where it is typed."""
    return Horizontal(Static(word, classes="label", markup=False), field, classes="row")


class Form(Dialog[T]):
    """`go` is what its button, and enter in a field, do. It stays open with the reason until that is done."""

    DEFAULT_CSS = """
    Form .row { height: 1; }
    Form .label { color: $muted; }
    Form Input { width: 1fr; }
    Form #why { color: $text-error; display: none; }
    """
    KEYS_ABOUT = "form"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command(
            "form-save", "ctrl+s", "save", "What the form is for: save, open, add",
            lambda form: form.go(), hint=1, says=lambda form: form.button.lower(),
        ),
    )  # fmt: skip
    button = "Save"

    def go(self) -> None:
        raise NotImplementedError

    def buttons(self, *, ready: bool = True) -> ComposeResult:
        """The foot. `ready`: its own button can be pressed from the beginning."""
        yield from self.foot(button("Cancel", "cancel"), button(self.button, "go", "primary", disabled=not ready))

    def why(self) -> Static:
        """Where `refuse` says its reason."""
        return Static("", id="why", markup=False)

    def refuse(self, error: GpuwsError) -> None:
        """Say why; nothing was done."""
        if self.is_running:
            why = self.query_one("#why", Static)
            why.update("\n".join(plain(line, 600) for line in str(error).split("\n")))
            why.display = True
            self.call_after_refresh(why.scroll_visible, animate=False)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "go":
            self.go()
        else:
            self.dismiss(None)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.go()
