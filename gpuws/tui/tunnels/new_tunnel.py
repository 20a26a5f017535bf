"""A new tunnel: TARGET:PORT as on the command line, what stands behind it, a local port and an address if they
matter."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Input

from gpuws.model.consent.bind import bind_confirmation
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.query.awaited import awaited
from gpuws.model.query.target import name_of, parse, resolve, tcp_port
from gpuws.model.query.tunnel_ends import Ends, beyond, bound, written
from gpuws.model.session.tunnel import Tunnel, TunnelTarget, need_host
from gpuws.model.session.tunnel_state import led_to
from gpuws.model.text import plain
from gpuws.tui.dialogs.ask import sure
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
            yield _field("Leads to", "target", "alpha/torch-dev:8888", self._target)
            yield _field("Behind it", "to", "nothing, or: db:5432, /run/app.sock")
            yield _field("Local port", "port", "any free one")
            yield _field("Listens on", "bind", "127.0.0.1, for this machine only")
            yield self.why()
            yield from self.buttons()

    def go(self) -> None:
        try:
            wanted, bind = self._wanted(), bound(self._typed("bind") or None)
            target = self._led_to(wanted)
            need_host(target)
        except GpuwsError as error:
            self.refuse(error)
            return
        command = written(wanted, bind)
        sure(
            self.app,
            lambda: bind_confirmation(bind, target.label, command),
            "Open",
            lambda: self._open(target, wanted.local_port, bind),
        )

    def _led_to(self, wanted: Ends) -> TunnelTarget:
        """On a host that is away by its name alone."""
        hosts = tuple(self.app.state.hosts.values())
        if (away := awaited(wanted.target, hosts, wanted.port, to=wanted.to)) is not None:
            return away
        found = resolve(wanted.target, hosts)
        return led_to(found.place, found.snapshot.workspaces, wanted.port, to=wanted.to)

    def _open(self, target: TunnelTarget, local_port: int | None, bind: str) -> None:
        fleet = self.app.fleet

        def opener(here: int | None) -> Tunnel:
            return fleet.open_tunnel(target, here, bind=bind)

        open_agreed(self.app, "tunnel", opener, local_port, self._opened, self.refuse)

    def _wanted(self) -> Ends:
        word, to, port = self._typed("target"), self._typed("to"), self._typed("port")
        local = tcp_port(port) if port else None
        if not to:
            target = parse(word, self.app.state.hosts)
            return Ends(target, target.port, local)
        machine, there = beyond(to)
        target = parse(word.removesuffix(":"), self.app.state.hosts)
        if target.suffix is not None:
            place = (there and target.host) or name_of(target)
            raise UsageError(f"{word} names a port already, and {to} is behind it", f"write {place} alone")
        return Ends(target, there, local, to=machine)

    def _typed(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    def _opened(self, tunnel: Tunnel) -> None:
        away = f"waits for {tunnel.target.host}, then " if tunnel.state in ("waiting", "asking") else ""
        self.app.say(f"{tunnel.here} {away}leads to {plain(tunnel.target.text)}")
        if self.is_running:
            self.close_with(None)


def _field(word: str, name: str, placeholder: str, value: str = "") -> Widget:
    return row(word, Input(value, placeholder=placeholder, id=name, compact=True, select_on_focus=False))
