"""Sure? What, where, whose, how busy, and the exact command; Cancel has the focus."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Input, Static

from gpuws.model.confirm import Confirmation
from gpuws.model.text import plain
from gpuws.tui.keys import bindings
from gpuws.tui.widgets.dialog import Dialog, set_title

FRAME_AND_BUTTONS, FIELD = 4, 2
"""Lines."""


class ConfirmScreen(Dialog[bool]):
    """True: do it. Where a word must be typed, the button waits for it; y and n work where none must. Where something
    that runs is removed, y only goes to the button."""

    DEFAULT_CSS = """
    ConfirmScreen > .box { border: round $warning; border-title-color: $warning; }
    ConfirmScreen #said { height: auto; background: $surface; }
    ConfirmScreen Input { margin-top: 1; background: $panel; }
    """
    AUTO_FOCUS = "#cancel"
    BINDINGS = bindings("confirm", "said")
    asks = True

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
            if asked.word:
                yield Input(placeholder=plain(asked.word), compact=True, select_on_focus=False)
            with Horizontal(classes="buttons"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Button(
                    self._verb, id="go", variant="error" if asked.busy or asked.word else "warning", compact=True,
                    disabled=asked.word is not None,
                )  # fmt: skip

    def on_resize(self, event: events.Resize) -> None:
        """What is said scrolls; where to type and the buttons are always there."""
        around = FRAME_AND_BUTTONS + (FIELD if self._asked.word else 0)
        self.query_one("#said").styles.max_height = max(event.size.height - around, 3)

    def on_key(self, event: events.Key) -> None:
        """Letters go to the word to type, although Cancel has the focus."""
        if self._asked.word is None or not event.is_printable or event.character is None:
            return
        field = self.query_one(Input)
        if not field.has_focus:
            event.stop()
            field.focus()
            field.insert_text_at_cursor(event.character)

    def action_answer(self, yes: bool) -> None:
        if self._asked.word is not None:
            return
        if yes and self._asked.removes_running:
            self.query_one("#go", Button).focus()
        else:
            self.dismiss(yes)

    def action_scroll(self, step: int) -> None:
        said = self.query_one("#said")
        said.scroll_relative(y=step * max(said.size.height - 2, 1), animate=False)

    def action_other(self, step: int) -> None:
        if step > 0:
            self.app.action_focus_next()
        else:
            self.app.action_focus_previous()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.query_one("#go", Button).disabled = event.value.strip() != self._asked.word

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if event.value.strip() == self._asked.word:
            self.dismiss(True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "go")
