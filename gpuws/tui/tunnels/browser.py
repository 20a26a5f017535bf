"""Jupyter and tunnels in the browser. A URL's token goes to the browser and the clipboard, never onto the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from gpuws.model.consent.confirm import Confirmation
from gpuws.model.errors import Ambiguous, GpuwsError
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.text import plain
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.tui.dialogs.ask import which
from gpuws.tui.verbs import tell
from gpuws.workstation.loopback import openness, reached_by

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase


def without_token(url: str) -> str:
    """The URL as it may be shown."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def url_of(tunnel: Tunnel) -> str:
    return tunnel.url or f"http{'s' if tunnel.speaks == 'tls' else ''}://{tunnel.near}/"


Opener = Callable[[int | None], Tunnel]
"""From a local port (None: any) to a tunnel that is open."""


def start_jupyter(app: AppBase, place: PlaceRef, label: str) -> None:
    """Start a server there, then open it."""
    app.say(f"starting Jupyter in {plain(label)} …", timeout=3)
    app.verbs.run(
        "jupyter", lambda: app.fleet.start_jupyter(place), lambda port: open_jupyter(app, place, label, port=port)
    )


def open_jupyter(app: AppBase, place: PlaceRef, label: str, notebook: str = "", port: int | None = None) -> None:
    """Find the server, open the tunnel, then the browser, at the path `notebook` where that is given; of several
    servers the one on `port`, or the one that is chosen."""
    app.say(f"looking for Jupyter in {plain(label)} …", timeout=3)

    def opened(port: int | None, failed: Callable[[GpuwsError], None] | None = None) -> None:
        def opener(here: int | None) -> Tunnel:
            return app.fleet.open_jupyter(place, here, port=port)

        open_agreed(app, "jupyter", opener, None, lambda one: browse(app, one, notebook), failed)

    def choose(servers: tuple[JupyterServer, ...]) -> None:
        which(app, f"Open Jupyter of {plain(label)}:", servers, told, lambda one: opened(one.port))

    def failed(error: GpuwsError) -> None:
        if isinstance(error, Ambiguous):
            app.verbs.run("jupyter", lambda: app.fleet.notebook_servers(place), choose)
        else:
            tell(app, error)

    opened(port, failed)


def told(server: JupyterServer) -> tuple[str, str]:
    """One of several: where it listens, and its directory."""
    return server.where, plain(server.root_dir or "")


def open_agreed(
    app: AppBase,
    name: str,
    opener: Opener,
    port: int | None,
    then: Callable[[Tunnel], None],
    failed: Callable[[GpuwsError], None] | None = None,
) -> None:
    """A tunnel, closed again while it is asked whether others who are logged in here may reach what is behind it."""
    known = {tunnel.id for tunnel in app.state.tunnels}

    def opened() -> tuple[Tunnel, tuple[str, ...]]:
        tunnel = opener(port)
        people = () if tunnel.id in known or tunnel.bind else reached_by(tunnel)
        if people:
            app.fleet.close_tunnel(tunnel.id)
        return tunnel, people

    def ask(found: tuple[Tunnel, tuple[str, ...]]) -> None:
        tunnel, people = found
        if not people:
            then(tunnel)
            return
        from gpuws.tui.dialogs.confirm import ConfirmScreen

        lines = (f"It {openness(tunnel)}, and {', '.join(people)} logged in here can reach it, too.",)
        asked = Confirmation(f"Open 127.0.0.1:{tunnel.local_port} to {plain(tunnel.target.text)}?", lines, "")

        def answered(yes: bool | None) -> None:
            if yes:
                app.verbs.run(name, lambda: opener(tunnel.local_port), then, failed)

        app.push_screen(ConfirmScreen(asked, "Open"), answered)

    app.verbs.run(name, opened, ask, failed)


def close_tunnel(app: AppBase, tunnel: Tunnel) -> None:
    app.verbs.run(
        "close tunnel",
        lambda: app.fleet.close_tunnel(tunnel.id),
        lambda _: app.say(f"closed {tunnel.here}"),
    )


def browse(app: AppBase, tunnel: Tunnel, notebook: str = "") -> None:
    """Open a tunnel's URL, or that of a notebook of its server; without a browser the clipboard has it."""
    from gpuws.model.session import notebook as notebooks
    from gpuws.workstation.browser import open_address

    url = notebooks.url_of(url_of(tunnel), notebook)
    shown = plain(without_token(url))

    def failed(error: GpuwsError) -> None:
        app.copy_to_clipboard(url)
        told = f"{plain(error.message)}: {shown} is copied"
        app.say(f"{told}, with its token" if tunnel.url else told, timeout=10)

    said = f"opened {shown}" + (f" · {plain(tunnel.remark)}" if tunnel.remark else "")
    app.verbs.run("browser", lambda: open_address(url), lambda _: app.say(said), failed)
