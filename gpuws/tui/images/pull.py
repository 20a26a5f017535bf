"""Which image to pull, and on which hosts."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from gpuws.model.consent.shell_command import filled
from gpuws.model.errors import UsageError
from gpuws.model.text import plain
from gpuws.tui.dialogs.dialog import set_title
from gpuws.tui.dialogs.form import Form, row
from gpuws.tui.images.hosts import hosts_of, named_hosts

Pull = tuple[str, tuple[str, ...]]


class PullScreen(Form[Pull]):
    """The reference and the hosts."""

    DEFAULT_CSS = """
    PullScreen .row { margin-top: 1; }
    PullScreen .row Static { width: 10; }
    PullScreen #why { margin-top: 1; }
    """
    AUTO_FOCUS = "#image"
    button = "Pull"

    def __init__(self, host: str, image: str) -> None:
        super().__init__()
        self._host, self._image = host, image

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, "Pull an image")
            example = "pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime"
            yield row("Image", Input(self._image, placeholder=example, id="image", compact=True))
            hosts = "alpha bravo, or all"
            yield row("Hosts", Input(self._host, placeholder=hosts, id="hosts", compact=True, select_on_focus=False))
            yield Static("", id="command", classes="command", markup=False)
            yield self.why()
            yield from self.buttons()

    @on(Input.Changed)
    def _typed(self) -> None:
        first = self.app.state.hosts.get(next(iter(self._hosts), self._host))
        words = filled(first.caps.commands.pull, image=self._reference or "IMAGE") if first else ""
        self.query_one("#command", Static).update(f"$ {plain(words)}   on {plain(', '.join(self._hosts) or '–')}")

    @property
    def _reference(self) -> str:
        return self.query_one("#image", Input).value.strip()

    @property
    def _hosts(self) -> tuple[str, ...]:
        return hosts_of(self.app, self.query_one("#hosts", Input).value)

    def go(self) -> None:
        try:
            self._check()
        except UsageError as error:
            self.refuse(error)
        else:
            self.dismiss((self._reference, self._hosts))

    def _check(self) -> None:
        """UsageError where nothing can be pulled."""
        if not self._reference:
            raise UsageError("which image?")
        named_hosts(self.app, self.query_one("#hosts", Input).value)
