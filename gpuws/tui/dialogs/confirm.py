"""Sure? What, where, whose, how busy, and the exact command; Cancel has the focus."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Button, Static

from gpuws.model.consent.confirm import Confirmation
from gpuws.model.text import plain
from gpuws.tui.command import Command, paging
from gpuws.tui.dialogs.asking import Asking
from gpuws.tui.dialogs.buttons import Kind, button
from gpuws.tui.dialogs.dialog import set_title

FRAME_AND_BUTTONS, FIELD = 4, 3
"""Lines."""


class ConfirmScreen(Asking[bool]):
    """True: do it. Where a word must be typed, the button waits for it; y and n work where none must. Where something
    that runs is removed, y only goes to the button."""

    DEFAULT_CSS = "ConfirmScreen #said { height: auto; background: $surface; }"
    AUTO_FOCUS = "#cancel"
    KEYS_ABOUT = "said"
    KEYS: ClassVar[tuple[Command[Any], ...]] = paging("said", "What is said")

    def __init__(self, asked: Confirmation, verb: str) -> None:
        super().__init__()
        self._asked = asked
        self._verb = verb

    def compose(self) -> ComposeResult:
        asked = self._asked
        with Vertical(classes="box") as box:
            set_title(box, asked.title)
            with VerticalScroll(id="said", can_focus=False):
                for line in asked.lines:
                    yield Static(plain(line), markup=False)
                if asked.command:
                    yield Static(f"$ {plain(asked.command)}", classes="command", markup=False)
            yield from self.field()
            kind: Kind = "error" if asked.busy or asked.word else "warning"
            go = button(self._verb, "go", kind, disabled=asked.word is not None)
            yield from self.foot(button("Cancel", "cancel"), go)

    def on_resize(self, event: events.Resize) -> None:
        """What is said scrolls; where to type and the buttons are always there."""
        around = FRAME_AND_BUTTONS + (FIELD if self._asked.word else 0)
        self.query_one("#said").styles.max_height = max(event.size.height - around, 3)

    @property
    def word(self) -> str | None:
        return self._asked.word

    def answer(self, *, yes: bool) -> None:
        if self._asked.word is not None:
            return
        if yes and self._asked.removes_running:
            self.query_one("#go", Button).focus()
        else:
            self.dismiss(yes)

    def page(self, step: int) -> None:
        said = self.query_one("#said")
        said.scroll_relative(y=step * max(said.size.height - 2, 1), animate=False)

    def unlock(self, typed: bool) -> None:
        self.query_one("#go", Button).disabled = not typed

    def agreed(self) -> None:
        self.dismiss(True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "go")
