"""Jupyter and tunnels in the browser. A URL's token goes to the browser and the clipboard, never onto the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from gpuws.model.container import PlaceRef
from gpuws.model.text import plain
from gpuws.model.tunnel import Tunnel

if TYPE_CHECKING:
    from gpuws.tui.app import GpuwsApp


def without_token(url: str) -> str:
    """The URL as it may be shown."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def url_of(tunnel: Tunnel) -> str:
    return tunnel.url or f"http://127.0.0.1:{tunnel.local_port}/"


def open_jupyter(app: GpuwsApp, place: PlaceRef, label: str) -> None:
    """Find the server, open the tunnel, then the browser."""
    app.say(f"looking for Jupyter in {plain(label)} …", timeout=3)
    app.verbs.run("jupyter", lambda: app.fleet.open_jupyter(place), lambda tunnel: browse(app, tunnel))


def close_tunnel(app: GpuwsApp, tunnel: Tunnel) -> None:
    app.verbs.run(
        "close tunnel",
        lambda: app.fleet.close_tunnel(tunnel.id),
        lambda _: app.say(f"closed 127.0.0.1:{tunnel.local_port}"),
    )


def browse(app: GpuwsApp, tunnel: Tunnel) -> None:
    """Open a tunnel's URL; without a browser the clipboard has it."""
    import webbrowser

    url = url_of(tunnel)
    shown = plain(without_token(url))

    def opened(done: bool) -> None:
        if done:
            app.say(f"opened {shown}")
        else:
            app.copy_to_clipboard(url)
            app.say(f"no browser here; {shown} is copied, with its token", timeout=10)

    app.verbs.run("browser", lambda: webbrowser.open(url), opened)
