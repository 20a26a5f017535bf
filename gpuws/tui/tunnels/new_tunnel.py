"""A new tunnel: TARGET:PORT as on the command line, and a local port if it matters."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from gpuws.model.errors import GpuwsError
from gpuws.model.query.target import parse, resolve
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.text import plain
from gpuws.tui.dialogs.dialog import set_title
from gpuws.tui.dialogs.form import Form, row
from gpuws.tui.tunnels.browser import open_agreed


class NewTunnelScreen(Form[None]):
    """It stays open with the reason until the tunnel is."""

    DEFAULT_CSS = """
    NewTunnelScreen .row { margin-top: 1; }
    NewTunnelScreen .row Static { width: 14; }
    NewTunnelScreen #why { margin-top: 1; }
    """
    AUTO_FOCUS = "#target"
    button = "Open"

    def __init__(self, target: str) -> None:
        super().__init__()
        self._target = target

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, "New tunnel")
            example = "alpha/torch-dev:8888"
            yield row(
                "Leads to", Input(self._target, placeholder=example, id="target", compact=True, select_on_focus=False)
            )
            yield row("Local port", Input(placeholder="any free one", id="port", type="integer", compact=True))
            yield self.why()
            yield from self.buttons()

    def go(self) -> None:
        try:
            target = parse(self.query_one("#target", Input).value.strip())
            port = target.port
            place = resolve(target, tuple(self.app.state.hosts.values())).place
            local = self._local_port()
        except GpuwsError as error:
            self.refuse(error)
            return
        fleet = self.app.fleet
        open_agreed(
            self.app, "tunnel", lambda here: fleet.open_tunnel(place, port, here), local, self._opened, self.refuse
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
