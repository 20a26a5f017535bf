"""Tunnels: open one to any port, open it in the browser, copy it, close it."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import ClassVar

from gpuws.model.host.naming import bracketed, labelled
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.text import plain
from gpuws.present.tables import tunnels
from gpuws.present.tables.base import Table
from gpuws.tui import selection as choice
from gpuws.tui.command import Command
from gpuws.tui.dialogs.list_dialog import ListDialog
from gpuws.tui.selection import Selection
from gpuws.tui.tunnels.browser import browse, close_tunnel, url_of, without_token


class TunnelScreen(ListDialog[None]):
    KEYS_ABOUT = "tunnels"
    KEYS: ClassVar[tuple[Command[TunnelScreen], ...]] = (
        Command("tunnel-new", "n", "new", "Open a tunnel to any port", lambda screen: screen.open_new(), hint=1),
        Command(
            "tunnel-open", "o", "browser", "Open it in the browser",
            lambda screen: screen.open_browser(), why_not=lambda screen: screen.missing(), hint=2,
        ),
        Command(
            "tunnel-copy", "y", "copy", "Copy its URL",
            lambda screen: screen.copy_url(), why_not=lambda screen: screen.missing(), hint=3,
        ),
        Command(
            "tunnel-close", "D", "close it", "Close the tunnel",
            lambda screen: screen.close_tunnel(), why_not=lambda screen: screen.missing(), hint=4,
        ),
    )  # fmt: skip
    title_text = "Tunnels"

    def __init__(self, selection: Selection | None) -> None:
        super().__init__()
        self._selection = selection

    def ready(self) -> None:
        if self._selection is not None and self._selection.tunnel is not None:
            self.rows.select(self._selection.tunnel.id)

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - tunnels come with the same paint
        self.update()

    def table(self) -> Table:
        return tunnels.listing(
            self.app.state.tunnels, time.time(), "No tunnels. n opens one to any port, o on a container its Jupyter."
        )

    def opened(self, key: str) -> None:  # noqa: ARG002 - the cursor is on it
        self.open_browser()

    def remark(self) -> str:
        tunnel = self._current()
        return tunnels.told(tunnel) if tunnel is not None else ""

    def missing(self) -> str:
        """Why nothing can be done with a tunnel; "" when it can."""
        return "" if self._current() is not None else "there is no tunnel here"

    def _current(self) -> Tunnel | None:
        row = self.rows.current
        return next((t for t in self.app.state.tunnels if row is not None and t.id == row.key), None)

    def open_browser(self) -> None:
        if (tunnel := self._current()) is not None:
            browse(self.app, tunnel)

    def copy_url(self) -> None:
        if (tunnel := self._current()) is not None:
            self.app.copy_to_clipboard(url_of(tunnel))
            self.app.say(f"copied: {plain(without_token(url_of(tunnel)))}" + (", with its token" if tunnel.url else ""))

    def close_tunnel(self) -> None:
        if (tunnel := self._current()) is not None:
            close_tunnel(self.app, tunnel)

    def open_new(self) -> None:
        from gpuws.tui.tunnels.new_tunnel import NewTunnelScreen

        self.app.push_screen(NewTunnelScreen(self._suggestion()))

    def _suggestion(self) -> str:
        """TARGET: of what is selected, with its first port where it has one."""
        selection = self._selection
        if selection is None:
            return ""
        found = choice.containers(selection) if selection.gpu is not None or selection.container is not None else ()
        if len(found) != 1:
            return f"{bracketed(selection.host)}:"
        port = str(found[0].oci.ports[0].target) if found[0].oci.ports else ""
        return f"{labelled(selection.host, found[0].name)}:{port}"
