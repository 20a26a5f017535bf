"""To which hosts an image is copied, without a registry."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from gpuws.model.consent.shell_command import filled, on_host
from gpuws.model.errors import UsageError
from gpuws.model.text import plain
from gpuws.tui.dialogs.dialog import set_title
from gpuws.tui.dialogs.form import Form, row
from gpuws.tui.launch.where import launchable


class CopyScreen(Form[tuple[str, ...]]):
    """The hosts; the image is the one under the cursor."""

    DEFAULT_CSS = """
    CopyScreen .row { margin-top: 1; }
    CopyScreen .row Static { width: 10; }
    CopyScreen #why { margin-top: 1; }
    """
    AUTO_FOCUS = "#hosts"
    button = "Copy"

    def __init__(self, host: str, image: str) -> None:
        super().__init__()
        self._host, self._image = host, image

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, f"Copy {plain(self._image, 100)} from {self._host}")
            yield row("To", Input(placeholder="alpha bravo, or all", id="hosts", compact=True))
            yield Static("", id="command", classes="command", markup=False)
            yield self.why()
            yield from self.buttons()

    @on(Input.Changed)
    def _typed(self) -> None:
        source = self.app.state.hosts.get(self._host)
        words = source.caps.commands if source else None
        save = on_host(self._host, filled(words.save_image, image=self._image)) if words else ""
        load = on_host(next(iter(self._hosts), "HOST"), words.load_image) if words else ""
        self.query_one("#command", Static).update(f"$ {plain(save)} | {plain(load)}" if save and load else "")

    @property
    def _hosts(self) -> tuple[str, ...]:
        words = self.query_one("#hosts", Input).value.replace(",", " ").split()
        if words == ["all"]:
            return tuple(one.name for one in self.app.state.snapshots if one.name != self._host and not launchable(one))
        return tuple(dict.fromkeys(words))

    def go(self) -> None:
        try:
            self._check()
        except UsageError as error:
            self.refuse(error)
        else:
            self.dismiss(self._hosts)

    def _check(self) -> None:
        """UsageError where nothing can be copied."""
        if not self._hosts:
            raise UsageError("to which hosts?")
        for host in self._hosts:
            snapshot = self.app.state.hosts.get(host)
            if snapshot is None:
                raise UsageError(f"no host {host!r}; there are {', '.join(self.app.state.hosts)}")
            if host == self._host:
                raise UsageError(f"it is on {host} already")
            if reason := launchable(snapshot):
                raise UsageError(f"{host}: {reason}")
