"""Where a recipe of others is pasted or typed, or what was read of it is changed."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Button, Static, TextArea

from gpuws.tui.command import Command
from gpuws.tui.dialogs.buttons import button
from gpuws.tui.dialogs.dialog import Dialog, set_title

WHAT = "A docker run line, a Compose file or a devcontainer.json. It is read, never run."
AS_PROFILE = "What was read of it, as a profile; ~ is my home on the host."


class PasteScreen(Dialog[str]):
    """The text."""

    DEFAULT_CSS = """
    PasteScreen > .box { width: 100; }
    PasteScreen TextArea { height: 14; max-height: 60vh; background: $field; border: none; margin-top: 1; }
    """
    AUTO_FOCUS = "TextArea"
    KEYS_ABOUT = "paste"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("paste-read", "ctrl+s,ctrl+l", "read", "Read what was pasted", lambda it: it.go(), hint=1),
    )

    def __init__(self, text: str = "") -> None:
        """`text`: of a profile that is to be changed."""
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, "Edit what was pasted" if self._text else "Paste a recipe")
            yield Static(AS_PROFILE if self._text else WHAT, markup=False, classes="muted")
            yield TextArea(self._text, compact=True, tab_behavior="focus", soft_wrap=True, highlight_cursor_line=False)
            yield from self.foot(button("Cancel", "cancel"), button("Read", "go", "primary"))

    def go(self) -> None:
        text = self.query_one(TextArea).text
        if text.strip():
            self.dismiss(text)
        else:
            self.app.warn("nothing was pasted yet")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "go":
            self.go()
        else:
            self.dismiss(None)
