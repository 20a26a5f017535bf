"""Which image to pull, and on which hosts."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Static

from gpuws.model.commands import filled
from gpuws.model.text import plain
from gpuws.tui.present.launch_lines import launchable
from gpuws.tui.widgets.dialog import Dialog, set_title

Pull = tuple[str, tuple[str, ...]]


class PullScreen(Dialog[Pull]):
    """The reference and the hosts."""

    DEFAULT_CSS = """
    PullScreen .row { height: 1; margin-top: 1; }
    PullScreen .row Static { width: 10; }
    PullScreen Input { background: $panel; width: 1fr; }
    PullScreen #why { color: $error; margin-top: 1; display: none; }
    """
    AUTO_FOCUS = "#image"

    def __init__(self, host: str, image: str) -> None:
        super().__init__()
        self._host, self._image = host, image

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, "Pull an image")
            with Horizontal(classes="row"):
                yield Static("Image", markup=False)
                yield Input(
                    self._image, placeholder="pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime", id="image", compact=True
                )
            with Horizontal(classes="row"):
                yield Static("Hosts", markup=False)
                yield Input(
                    self._host, placeholder="alpha bravo, or all", id="hosts", compact=True, select_on_focus=False
                )
            yield Static("", id="command", classes="command", markup=False)
            yield Static("", id="why", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Button("Pull", id="go", variant="primary", compact=True)

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
        words = self.query_one("#hosts", Input).value.replace(",", " ").split()
        if words == ["all"]:
            return tuple(one.name for one in self.app.state.snapshots if not launchable(one))
        return tuple(dict.fromkeys(words))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "go":
            self._go()
        else:
            self.dismiss(None)

    @on(Input.Submitted)
    def _go(self) -> None:
        if why := self._wrong():
            said = self.query_one("#why", Static)
            said.update(plain(why))
            said.display = True
        else:
            self.dismiss((self._reference, self._hosts))

    def _wrong(self) -> str:
        """Why nothing can be pulled; "" when it can."""
        if not self._reference:
            return "which image?"
        if not self._hosts:
            return "on which hosts?"
        for host in self._hosts:
            snapshot = self.app.state.hosts.get(host)
            if snapshot is None:
                return f"no host {host!r}; there are {', '.join(self.app.state.hosts)}"
            if reason := launchable(snapshot):
                return f"{host}: {reason}"
        return ""
