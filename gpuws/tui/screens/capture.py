"""A container as a profile: what it would say, and the name to keep it under."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Input, Static

from gpuws.model.errors import GpuwsError
from gpuws.model.text import plain
from gpuws.model.workspace import Workspace
from gpuws.tui.keys import bindings
from gpuws.tui.widgets.dialog import Dialog, set_title

AROUND_TEXT = 8
"""Lines of the box that are not the profile."""


class CaptureScreen(Dialog[str]):
    """The name of the profile that was written; it stays open with the reason until one was."""

    DEFAULT_CSS = """
    CaptureScreen > .box { width: 100; }
    CaptureScreen .row { height: 1; }
    CaptureScreen .row Static { width: 8; color: $foreground 60%; }
    CaptureScreen Input { background: $panel; width: 1fr; max-width: 40; }
    CaptureScreen #text { height: auto; background: $panel; margin-top: 1; scrollbar-size-vertical: 1; }
    CaptureScreen #text Static { background: $panel; padding: 0 1; }
    CaptureScreen #why { color: $error; display: none; }
    """
    AUTO_FOCUS = "#name"
    BINDINGS = bindings("form", "capture")

    def __init__(self, container: Workspace) -> None:
        super().__init__()
        self._container = container
        self._told = ""

    def compose(self) -> ComposeResult:
        name = self._container.name
        with Vertical(classes="box") as box:
            set_title(box, f"{name} on {self._container.host} as a profile", "^s save · ^y copy · pgdn more")
            with Horizontal(classes="row"):
                yield Static("Name", markup=False)
                yield Input(plain(name), id="name", compact=True, select_on_focus=False)
            with VerticalScroll(id="text", can_focus=False):
                yield Static("reading …", id="profile", markup=False)
            yield Static("", id="why", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Button("Save", id="go", variant="primary", compact=True, disabled=True)

    def on_mount(self) -> None:
        ref = self._container.ref
        self.app.verbs.run("capture", lambda: self.app.fleet.capture(ref), self._show, self._refuse)

    def on_resize(self, event: events.Resize) -> None:
        self.query_one("#text").styles.max_height = max(event.size.height - AROUND_TEXT, 3)

    def _show(self, told: str) -> None:
        if self.is_running:
            self._told = told
            self.query_one("#profile", Static).update("\n".join(plain(line, 1000) for line in told.splitlines()))
            self.query_one("#go", Button).disabled = False

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "go":
            self.action_save()
        else:
            self.dismiss(None)

    @on(Input.Submitted)
    def action_save(self) -> None:
        name, ref = self.query_one("#name", Input).value.strip(), self._container.ref
        self.app.verbs.run(
            "save profile",
            lambda: self.app.fleet.save_captured(ref, name),
            lambda path: self._saved(name, path),
            self._refuse,
        )

    def action_copy(self) -> None:
        if self._told:
            self.app.copy_to_clipboard(self._told)
            self.app.say("copied: the profile")

    def action_scroll(self, step: int) -> None:
        text = self.query_one("#text")
        text.scroll_relative(y=step * max(text.size.height - 1, 1), animate=False)

    def _saved(self, name: str, path: str) -> None:
        self.app.say(f"written: {plain(path, 300)}", timeout=5)
        if self.is_running:
            self.close_with(name)

    def _refuse(self, error: GpuwsError) -> None:
        if self.is_running:
            why = self.query_one("#why", Static)
            why.update("\n".join(plain(line, 300) for line in str(error).split("\n")))
            why.display = True
