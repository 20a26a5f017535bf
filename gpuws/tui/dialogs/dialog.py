"""The frame of every dialog: a title, a body, and a line of keys."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget

from gpuws.model.text import plain
from gpuws.tui.base import AppBase
from gpuws.tui.command import Command, Commanded

T = TypeVar("T")


def set_title(box: Widget, text: str, subtitle: str = "") -> None:
    """Literal text: brackets in a name stay brackets."""
    box.border_title = Content(f" {plain(text, 90)} ")
    box.border_subtitle = Content(f" {plain(subtitle, 90)} ") if subtitle else None


class Dialog(Commanded, ModalScreen[T], inherit_bindings=False):
    """esc closes it with None: nothing is changed. Its box is the child with the class `box`.

    `asks`: a key may do harm here. What was typed before its first frame was `seen` is no answer, and is dropped."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog > .box { width: 76; max-width: 100%; height: auto; max-height: 100%; background: $surface;
                    border: round $border; border-title-color: $primary; border-title-style: bold; padding: 0 1; }
    Dialog Static { width: 1fr; height: auto; background: $surface; }
    Dialog .muted { color: $foreground 60%; }
    Dialog .command { color: $foreground 75%; background: $panel; padding: 0 1; margin: 1 0 0 0; }
    Dialog RowList { background: $surface; }
    Dialog Bar { background: $surface; }
    Dialog .buttons { height: 1; margin-top: 1; align-horizontal: right; }
    Dialog Button { min-width: 12; margin-left: 2; }
    """
    app: AppBase
    KEYS_ABOUT = "dialog"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("close", "escape", "back", "Close, change nothing", lambda dialog: dialog.close(), hint=12),
        Command("next-field", "tab", "next", "Next field", lambda dialog: dialog.app.action_focus_next()),
        Command(
            "previous-field", "shift+tab", "previous", "Previous field",
            lambda dialog: dialog.app.action_focus_previous(),
        ),
    )  # fmt: skip
    asks: ClassVar[bool] = False
    seen = False

    _answer: tuple[T | None] | None = None

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
