"""What the launch form is made of: fields that leave a pasted recipe to the form, and what unfolds."""

from __future__ import annotations

import re
from typing import ClassVar

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from gpuws.tui.base import AppBase
from gpuws.tui.command import Command, Commanded
from gpuws.tui.toolkit.fitting import cut

SIGNS = {False: "+", True: "-"}
"""Before what is folded, and before what is not."""

_RUN_LINE = re.compile(r"\s*(?:[#$%>]\s*)?(?:sudo\s+)?(?:docker|podman|nvidia-docker)\s", re.ASCII)


def is_recipe(text: str) -> bool:
    """Not for one field: a `docker run` line, or a text of several lines."""
    return bool(_RUN_LINE.match(text)) or len(text.strip().splitlines()) > 1


def label(text: str) -> Static:
    """What stands before a field."""
    return Static(text, classes="label", markup=False)


class Field(Input):
    """A line to type. What is pasted and is no line goes to the form."""

    def __init__(self, name: str, example: str = "", *, short: bool = False) -> None:
        super().__init__(id=name, placeholder=example, compact=True, classes="short" if short else None)

    def _on_paste(self, event: events.Paste) -> None:
        if is_recipe(event.text):
            event.prevent_default()


class Fold(Commanded, Widget, can_focus=True):
    """A line that opens what it names, and closes it."""

    DEFAULT_CSS = """
    Fold { width: 1fr; height: auto; color: $muted; }
    Fold:hover { color: $foreground; }
    Fold:focus { color: $text-primary; text-style: bold; }
    Fold:ansi:focus { text-style: bold reverse; }
    """
    app: AppBase
    KEYS_ABOUT = "folds"
    KEYS: ClassVar[tuple[Command[Fold], ...]] = (
        Command(
            "fold-turn", "enter,space", "unfold", "Unfold what this line names, or fold it again",
            lambda it: it.turn(), hint=1, says=lambda it: "fold" if it.unfolded else "unfold",
        ),
    )  # fmt: skip
    ALLOW_SELECT = False
    unfolded: bool

    class Turned(Message):
        """It was opened or closed."""

        def __init__(self, fold: Fold) -> None:
            super().__init__()
            self.fold = fold

        @property
        def control(self) -> Fold:
            return self.fold

    def __init__(self, text: str, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.text = text
        self.unfolded = False

    def turn(self) -> None:
        self.unfold(not self.unfolded)
        self.post_message(self.Turned(self))

    def unfold(self, unfolded: bool) -> None:
        self.unfolded = unfolded
        self.refresh(layout=True)

    def put(self, text: str) -> None:
        if text != self.text:
            self.text = text
            self.refresh(layout=True)

    def on_click(self) -> None:
        self.turn()

    def render(self) -> RenderResult:
        return Content(cut(f"{SIGNS[self.unfolded]} {self.text}", max(self.size.width, 1)))


class RunLine(Fold):
    """The `docker run` line: one line of it, or all."""

    def render(self) -> RenderResult:
        text = f"$ {self.text}"
        return Content(text if self.unfolded else cut(text, max(self.size.width, 1)))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return super().get_content_height(container, viewport, width) if self.unfolded else 1
