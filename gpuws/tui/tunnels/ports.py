"""What listens in a container or on a host; one key opens it, through a tunnel."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import ClassVar

from gpuws.model.errors import GpuwsError
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.session.service import HTTPS, JUPYTER, ListeningPort
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.session.tunnel_state import led_to
from gpuws.model.text import plain
from gpuws.present.line import clean
from gpuws.present.tables import ports
from gpuws.present.tables.base import Table
from gpuws.tui.command import Command
from gpuws.tui.dialogs.ask import sure_at
from gpuws.tui.dialogs.list_dialog import ListDialog
from gpuws.tui.sessions.doors import Door
from gpuws.tui.tunnels.browser import browse, open_agreed, open_jupyter


class PortScreen(ListDialog[None]):
    """It is looked when it opens and by a key, never by itself."""

    KEYS_ABOUT = "ports"
    KEYS: ClassVar[tuple[Command[PortScreen], ...]] = (
        Command(
            "port-browser", "o", "browser", "Open it in the browser, through a tunnel",
            lambda screen: screen.open_browser(), why_not=lambda screen: screen.no_page(), hint=1,
        ),
        Command(
            "port-tunnel", "f", "tunnel", "A tunnel to it", lambda screen: screen.open_tunnel(),
            why_not=lambda screen: screen.nothing(), hint=2,
        ),
        Command(
            "port-copy", "y", "copy", "Copy the equivalent command", lambda screen: screen.copy_command(),
            why_not=lambda screen: screen.nothing(), hint=3,
        ),
        Command("port-look", "ctrl+r", "look again", "Look again", lambda screen: screen.look(), hint=4),
    )  # fmt: skip

    def __init__(self, door: Door, target: str) -> None:
        """`target`: the place as it is typed."""
        super().__init__()
        self._place, self._target = door.place, target
        self._ports: tuple[ListeningPort, ...] | None = None
        self._error = ""
        self.title_text = f"What listens in {target}"

    def ready(self) -> None:
        self.look()

    def look(self) -> None:
        """Ask the host again."""
        self._ports, self._error = None, ""
        self.update()
        fleet, place = self.app.fleet, self._place
        self.app.verbs.run("ports", lambda: fleet.listening_ports(place), self._show, self._fail)

    def _show(self, found: tuple[ListeningPort, ...]) -> None:
        if self.is_running:
            self._ports = found
            self.update()

    def _fail(self, error: GpuwsError) -> None:
        if self.is_running:
            self._error = clean(str(error), 300)
            self.update()

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - tunnels come with the same paint
        self._moved()

    def table(self) -> Table:
        if self._error or self._ports is None:
            return Table(empty="It can't be seen now." if self._error else "looking …")
        return ports.listing(self._ports, "Nothing listens there.")

    def remark(self) -> str:
        """Why nothing is seen; where the port is open here already; else the command that opens it."""
        if self._error:
            return self._error
        tunnel = self._tunnel
        return f"open here: {tunnel.here}" if tunnel is not None else f"$ {self._command}" if self._current else ""

    def opened(self, key: str) -> None:  # noqa: ARG002 - the cursor is on it
        if self.no_page():
            self.open_tunnel()
        else:
            self.open_browser()

    @property
    def _current(self) -> ListeningPort | None:
        row = self.rows.current
        return next((one for one in self._ports or () if row is not None and row.key == str(one.port)), None)

    @property
    def _tunnel(self) -> Tunnel | None:
        port = self._current
        found = (one for one in self.app.state.tunnels if port is not None and one.place == self._place)
        return next((one for one in found if port and (one.target.port, one.target.to) == (port.port, port.to)), None)

    @property
    def _command(self) -> str:
        port = self._current
        if port is None:
            return ""
        if port.service == JUPYTER:
            return shlex.join(["gpuws", "jupyter", f"{self._target}:{port.port}", "--open"])
        words = [self._target, "--to", f"{port.to}:{port.port}"] if port.to else [f"{self._target}:{port.port}"]
        return shlex.join(["gpuws", "tunnel", *words, *(["--open"] if port.web else [])])

    # keys

    def open_browser(self) -> None:
        port = self._current
        if port is None:
            return
        if port.service == JUPYTER:
            self._open_notebooks(port)
        else:
            self._browse(port)

    def _open_notebooks(self, port: ListeningPort) -> None:
        """With its token. On a host one that is somebody else's, or a container's that has the port there, at its
        login."""
        app, place, target = self.app, self._place, self._target

        def found(servers: tuple[JupyterServer, ...]) -> None:
            if any(one.port == port.port for one in servers):
                open_jupyter(app, place, target, port=port.port)
            else:
                self._browse(port)

        if place.workspace is None:
            app.verbs.run("jupyter", lambda: app.fleet.notebook_servers(place), found)
        else:
            sure_at(app, "jupyter", place, self._command, lambda: open_jupyter(app, place, target, port=port.port))

    def _browse(self, port: ListeningPort) -> None:
        secure = port.service == HTTPS
        self._open(port, lambda tunnel: browse(self.app, replace(tunnel, speaks="tls") if secure else tunnel))

    def open_tunnel(self) -> None:
        if (port := self._current) is not None:
            self._open(port, lambda tunnel: self.app.say(f"{tunnel.here} leads to {plain(tunnel.target.text)}"))

    def _open(self, port: ListeningPort, then: Callable[[Tunnel], None]) -> None:
        fleet, host = self.app.fleet, self.app.state.hosts.get(port.place.host)
        target = led_to(port.place, host.workspaces if host is not None else (), port.port, to=port.to)
        open_agreed(self.app, "tunnel", lambda here: fleet.open_tunnel(target, here), None, then)

    def copy_command(self) -> None:
        self.app.copy(self._command)

    # why not

    def nothing(self) -> str:
        """Why nothing can be done with a port; "" when it can."""
        return "" if self._current is not None else "there is no port here"

    def no_page(self) -> str:
        """Why no browser can open it; "" when it can."""
        port = self._current
        if port is None:
            return self.nothing()
        return "" if port.web else f"port {port.port} did not answer as a web page: f opens a tunnel to it"
