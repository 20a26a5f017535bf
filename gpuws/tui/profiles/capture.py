"""A container as a profile: what it would say, and the name to keep it under."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Button, Input, Static

from gpuws.model.text import plain
from gpuws.model.workspace.workspace import Workspace
from gpuws.tui.command import Command, paging
from gpuws.tui.dialogs.dialog import set_title
from gpuws.tui.dialogs.form import row
from gpuws.tui.profiles.form import ProfileForm

AROUND_TEXT = 8
"""Lines of the box that are not the profile."""


class CaptureScreen(ProfileForm):
    DEFAULT_CSS = """
    CaptureScreen > .box { width: 100; }
    CaptureScreen .row Static { width: 8; }
    CaptureScreen Input { max-width: 40; }
    CaptureScreen #text { height: auto; background: $panel; margin-top: 1; scrollbar-size-vertical: 1; }
    CaptureScreen #text Static { background: $panel; padding: 0 1; }
    """
    KEYS_ABOUT = "capture"
    KEYS: ClassVar[tuple[Command[CaptureScreen], ...]] = (
        Command("capture-copy", "ctrl+y", "copy", "Copy the profile", lambda screen: screen.copy_profile(), hint=2),
        *paging("capture"),
    )

    def __init__(self, container: Workspace) -> None:
        super().__init__()
        self._container = container
        self._told = ""

    def compose(self) -> ComposeResult:
        name = self._container.name
        with Vertical(classes="box") as box:
            set_title(box, f"{name} on {self._container.ref.host} as a profile")
            yield row("Name", Input(plain(name), id="name", compact=True, select_on_focus=False))
            with VerticalScroll(id="text", can_focus=False):
                yield Static("reading …", id="profile", markup=False)
            yield self.why()
            yield from self.buttons(ready=False)

    def on_mount(self) -> None:
        ref = self._container.ref
        self.app.verbs.run("capture", lambda: self.app.fleet.capture(ref), self._show, self.refuse)

    def on_resize(self, event: events.Resize) -> None:
        self.query_one("#text").styles.max_height = max(event.size.height - AROUND_TEXT, 3)

    def _show(self, told: str) -> None:
        if self.is_running:
            self._told = told
            self.query_one("#profile", Static).update("\n".join(plain(line, 1000) for line in told.splitlines()))
            self.query_one("#go", Button).disabled = False

    def go(self) -> None:
        name, ref = self.query_one("#name", Input).value.strip(), self._container.ref
        self.write(name, lambda: self.app.fleet.save_captured(ref, name), seen=5)

    def copy_profile(self) -> None:
        if self._told:
            self.app.copy_to_clipboard(self._told)
            self.app.say("copied: the profile")

    def page(self, step: int) -> None:
        text = self.query_one("#text")
        text.scroll_relative(y=step * max(text.size.height - 1, 1), animate=False)
