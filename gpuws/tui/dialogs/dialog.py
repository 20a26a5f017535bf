"""The frame of every dialog: a title, a body, and at its foot the keys that work now and the buttons."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button

from gpuws.model.text import plain
from gpuws.tui.base import AppBase
from gpuws.tui.command import Command, Commanded, action_of
from gpuws.tui.toolkit.bar import Bar
from gpuws.tui.toolkit.hints import HELP, hints, tips

T = TypeVar("T")
ALWAYS = (*HELP, action_of("close"))
"""Keys that are told even where there is little room."""


def set_title(box: Widget, text: str) -> None:
    """Literal text: brackets in a name stay brackets."""
    box.border_title = Content(plain(text, 90))


class Dialog(Commanded, ModalScreen[T], inherit_bindings=False):
    """esc closes it with None: nothing is changed. Its box is the child with the class `box`, with `foot` as its last.

    `asks`: a key may do harm here. What was typed before its first frame was `seen` is no answer, and is dropped."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog:ansi { background: transparent; }
    Dialog > .box { width: 76; max-width: 100%; height: auto; max-height: 100%; background: $surface;
                    border: round $frame; border-title-color: $text-primary; border-title-style: bold; padding: 0 1; }
    Dialog Static { width: 1fr; height: auto; background: $surface; }
    Dialog .muted { color: $muted; }
    Dialog .command { color: $foreground; background: $panel; padding: 0 1; margin: 1 0 0 0; }
    Dialog RowList { background: $surface; }
    Dialog Bar { background: $surface; }
    Dialog .foot { height: 1; margin-top: 1; }
    Dialog .foot Bar { width: 1fr; }
    Dialog .foot Button { margin-left: 2; }
    """
    app: AppBase
    KEYS_ABOUT = "dialog"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("close", "escape", "back", "Close, change nothing", lambda dialog: dialog.close(), hint=18),
        Command(
            "next-field", "tab", "next", "Next field or button",
            lambda dialog: dialog.app.action_focus_next(), hint=19, when=lambda dialog: dialog.several,
        ),
        Command(
            "previous-field", "shift+tab", "previous", "Previous field or button",
            lambda dialog: dialog.app.action_focus_previous(),
        ),
        Command(
            "next-button", "right", "other", "The button to the right",
            lambda dialog: dialog.app.action_focus_next(), when=lambda dialog: dialog.on_button,
        ),
        Command(
            "previous-button", "left", "other", "The button to the left",
            lambda dialog: dialog.app.action_focus_previous(), when=lambda dialog: dialog.on_button,
        ),
        Command(
            "dialog-help", "?", "keys", "All keys of this dialog",
            lambda dialog: dialog.app.show_help(), hint=99, when=lambda dialog: not dialog.asks,
        ),
    )  # fmt: skip
    asks: ClassVar[bool] = False
    seen = False

    _answer: tuple[T | None] | None = None

    @property
    def focus_chain(self) -> list[Widget]:
        """By where they lie. What was shown just now lies nowhere yet, and would be the first."""
        return [widget for widget in super().focus_chain if widget.virtual_region]

    @property
    def several(self) -> bool:
        """There is more than one place for the focus."""
        return len(self.focus_chain) > 1

    @property
    def on_button(self) -> bool:
        """A button has the focus."""
        return isinstance(self.focused, Button)

    def foot(self, *buttons: Button) -> ComposeResult:
        with Horizontal(classes="foot"):
            yield Bar(id="dialog-hints")
            yield from buttons

    def show_keys(self) -> None:
        """As they are now: what can't be done is dimmed."""
        for bar in self.query("#dialog-hints").results(Bar):
            bar.tips = tips(self)
            bar.put(hints(self, bar.size.width, ALWAYS))

    @on(events.DescendantFocus)
    @on(events.Resize)
    def _show_keys_soon(self) -> None:
        self.call_after_refresh(self.show_keys)

    def close_with(self, answer: T | None) -> None:
        """Close, at once or as soon as nothing lies on top any more."""
        if self.is_current:
            self.dismiss(answer)
        else:
            self._answer = (answer,)

    def on_screen_resume(self) -> None:
        if self._answer is not None:
            self.dismiss(self._answer[0])

    def close(self) -> None:
        self.dismiss(None)
