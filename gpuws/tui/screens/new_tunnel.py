"""A new tunnel: TARGET:PORT as on the command line, and a local port if it matters."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Static

from gpuws.model.errors import GpuwsError
from gpuws.model.target import parse, resolve
from gpuws.model.text import plain
from gpuws.model.tunnel import Tunnel
from gpuws.tui.browser import open_agreed
from gpuws.tui.widgets.dialog import Dialog, set_title


class NewTunnelScreen(Dialog[None]):
    """It stays open with the reason until the tunnel is."""

    DEFAULT_CSS = """
    NewTunnelScreen .row { height: 1; margin-top: 1; }
    NewTunnelScreen .row Static { width: 14; }
    NewTunnelScreen Input { background: $panel; width: 1fr; }
    NewTunnelScreen #why { color: $error; margin-top: 1; display: none; }
    """
    AUTO_FOCUS = "#target"

    def __init__(self, target: str) -> None:
        super().__init__()
        self._target = target

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, "New tunnel")
            with Horizontal(classes="row"):
                yield Static("Leads to", markup=False)
                yield Input(
                    self._target,
                    placeholder="alpha/torch-dev:8888",
                    id="target",
                    compact=True,
                    select_on_focus=False,
                )
            with Horizontal(classes="row"):
                yield Static("Local port", markup=False)
                yield Input(placeholder="any free one", id="port", type="integer", compact=True)
            yield Static("", id="why", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Button("Open", id="go", variant="primary", compact=True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "go":
            self._go()
        else:
            self.dismiss(None)

    @on(Input.Submitted)
    def _go(self) -> None:
        try:
            target = parse(self.query_one("#target", Input).value.strip())
            port = target.port
            place = resolve(target, tuple(self.app.state.hosts.values())).place
            local = self._local_port()
        except GpuwsError as error:
            self._refuse(error)
            return
        fleet = self.app.fleet
        open_agreed(
            self.app, "tunnel", lambda here: fleet.open_tunnel(place, port, here), local, self._opened, self._refuse
        )

    def _local_port(self) -> int | None:
        text = self.query_one("#port", Input).value
        if not text:
            return None
        if not text.isdigit() or not 0 < int(text) < 65536:
            raise GpuwsError(f"{text} is not a port", "1 to 65535, or nothing for any free one")
        return int(text)

    def _opened(self, tunnel: Tunnel) -> None:
        self.app.say(f"127.0.0.1:{tunnel.local_port} leads to {plain(tunnel.target.text)}")
        if self.is_running:
            self.close_with(None)

    def _refuse(self, error: GpuwsError) -> None:
        if self.is_running:
            why = self.query_one("#why", Static)
            why.update(plain(str(error), 600))
            why.display = True
