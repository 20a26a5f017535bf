"""The frame of a profile that is to be written: its name, what it says, and why it could not be written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Input, Static

from gpuws.model.errors import GpuwsError
from gpuws.model.text import plain
from gpuws.tui.command import Command
from gpuws.tui.widgets.dialog import Dialog


class ProfileForm(Dialog[str]):
    """The name of the profile that was written; it stays open with the reason until one was."""

    DEFAULT_CSS = """
    ProfileForm .row { height: 1; }
    ProfileForm .row Static { color: $foreground 60%; }
    ProfileForm Input { background: $panel; width: 1fr; }
    ProfileForm #why { color: $error; display: none; }
    """
    AUTO_FOCUS = "#name"
    KEYS_ABOUT = "form"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("form-save", "ctrl+s", "save", "Write the profile", lambda form: form.save()),
    )

    def save(self) -> None:
        raise NotImplementedError

    def name_row(self, field: Input) -> ComposeResult:
        with Horizontal(classes="row"):
            yield Static("Name", markup=False)
            yield field

    def why_row(self) -> Static:
        return Static("", id="why", markup=False)

    def button_row(self, *, ready: bool = True) -> ComposeResult:
        """`ready`: it can be saved from the beginning."""
        with Horizontal(classes="buttons"):
            yield Button("Cancel", id="cancel", compact=True)
            yield Button("Save", id="go", variant="primary", compact=True, disabled=not ready)

    def write(self, name: str, call: Callable[[], str], *, seen: float) -> None:
        """`call` writes it and returns the path, which is said for `seen` seconds."""
        self.app.verbs.run("save profile", call, lambda path: self._written(name, path, seen), self.refuse)

    def _written(self, name: str, path: str, seen: float) -> None:
        self.app.say(f"written: {plain(path, 300)}", timeout=seen)
        if self.is_running:
            self.close_with(name)

    def refuse(self, error: GpuwsError) -> None:
        """Say why; nothing was written."""
        if self.is_running:
            why = self.query_one("#why", Static)
            why.update("\n".join(plain(line, 300) for line in str(error).split("\n")))
            why.display = True
            self.call_after_refresh(why.scroll_visible, animate=False)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "go":
            self.save()
        else:
            self.dismiss(None)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.save()
