"""The whole fleet at a glance, for more hosts than lines: a small cell each, arrows and ⏎ lead to one."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any, ClassVar

from textual import on

from gpuws.tui.charts.screen import here
from gpuws.tui.command import Command
from gpuws.tui.context import Context
from gpuws.tui.fleet import header
from gpuws.tui.fleet.actions import LIST
from gpuws.tui.hosts.commands import RECONNECT, explain
from gpuws.tui.launch.commands import LAUNCH
from gpuws.tui.selection import Selection
from gpuws.tui.sessions.commands import SHELL
from gpuws.tui.tiles.grid import TileGrid
from gpuws.tui.toolkit.bar import Bar, Part
from gpuws.tui.toolkit.full_screen import FullScreen


class TileScreen(FullScreen):
    """`host`: the one that the cursor begins on."""

    KEYS_ABOUT = "at a glance"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("tiles-back", "escape,q,V", "list", "Back to the list, to this host", lambda it: it.back(), hint=1),
        here("tiles", SHELL, hint=3),
        here("tiles", LAUNCH, hint=4),
        here("tiles", LIST, hint=5),
        here("tiles", RECONNECT),
    )
    AUTO_FOCUS = "TileGrid"

    def __init__(self, host: str = "") -> None:
        super().__init__()
        self._wanted = host

    def body(self) -> TileGrid:
        return TileGrid(self._wanted)

    @property
    def grid(self) -> TileGrid:
        return self.query_one(TileGrid)

    def context(self) -> Context:
        host = self.grid.current
        return Context(self.app, Selection(host) if host is not None else None)

    def on_mount(self) -> None:
        self.set_interval(1.0, self._tick)
        self._show()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def on_screen_resume(self) -> None:
        if self.is_mounted:
            self._show()

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - the grid compares tiles itself
        self._show()

    def _tick(self) -> None:
        if self.app.sees(self):
            self._show()

    def _show(self) -> None:
        if not self.is_mounted:
            return
        app, now = self.app, time.time()
        self.grid.put(app.state.snapshots, now)
        top = header.Top(
            snapshots=app.state.snapshots, tunnels=len(app.state.tunnels), questions=len(app.state.questions),
            tasks=app.state.tasks, clock=time.strftime("%H:%M"), demo=app.demo,
            waits=sum(wait.open for wait in app.state.waits),
        )  # fmt: skip
        self.query_one("#top", Bar).put([Part(header.top_line(top, self.size.width))])
        self.show_keys()

    @on(TileGrid.Moved)
    def _moved(self) -> None:
        host = self.grid.current
        self.app.watch_host(host.name if host is not None else None)
        self.show_keys()

    @on(TileGrid.Opened)
    def _open(self) -> None:
        host = self.grid.current
        if host is not None and not explain(self.app, host):
            from gpuws.tui.host.screen import HostScreen

            self.app.push_screen(HostScreen(host.name))

    def back(self) -> None:
        host = self.grid.current
        self.dismiss(None)
        if host is not None:
            self.app.home().select_host(host.name)
