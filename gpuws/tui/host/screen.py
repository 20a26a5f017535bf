"""One host in full: its charts, and below them what lives there and what it is."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from gpuws.model.errors import GpuwsError
from gpuws.model.host.busiest import Busiest
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.timeline import Subject
from gpuws.present import figures, glyphs, host_state
from gpuws.present.line import Line, Span, clean, joined
from gpuws.tui.charts.screen import ChartScreen, here
from gpuws.tui.command import Command
from gpuws.tui.context import Context
from gpuws.tui.disks.commands import DISKS
from gpuws.tui.fleet.actions import LIST
from gpuws.tui.host.page import figures_of, page
from gpuws.tui.launch.commands import LAUNCH
from gpuws.tui.selection import Selection
from gpuws.tui.sessions.commands import ATTACH, SHELL
from gpuws.tui.toolkit.page import Page

EVERY = 4.0
"""Seconds between questions which processes load it, while this page can be seen."""


class HostScreen(ChartScreen):
    """What was last seen of it stays when it is gone."""

    KEYS_ABOUT = "this host"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("host-back", "escape,q", "back", "Back to the fleet", lambda screen: screen.back(), hint=1),
        here("host", SHELL, hint=2),
        here("host", ATTACH, hint=3),
        here("host", LAUNCH, hint=4),
        here("host", LIST, hint=5),
        here("host", DISKS, hint=6),
        Command(
            "host-processes", "p", "processes", "The processes on its GPUs",
            lambda screen: screen.show_processes(), hint=8,
        ),
        Command("host-next", "tab", "next host", "The next host", lambda screen: screen.turn(1), hint=7),
        Command("host-previous", "shift+tab", "previous host", "The previous one", lambda screen: screen.turn(-1)),
    )  # fmt: skip

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self._last: HostSnapshot | None = None
        self._busy: Busiest | None = None
        self.asking = False  # a question is on its way
        self._asked_at = -EVERY

    def subject(self) -> Subject:
        return Subject()

    def context(self) -> Context:
        snapshot = self._found()
        return Context(self.app, Selection(snapshot) if snapshot is not None else None)

    def _found(self) -> HostSnapshot | None:
        self._last = self.app.state.hosts.get(self.host, self._last)
        return self._last

    def show(self) -> None:
        snapshot = self._found()
        if snapshot is None or not self.is_mounted:
            return
        now = time.time()
        free = sum(snapshot.availability(gpu).state == "free" for gpu in snapshot.gpus)
        title = (
            Span(f" {clean(snapshot.name, 40)}", "title"),
            Span(f"   {figures.models(snapshot.gpus)}", "text"),
            Span(f"   {free} free" if free else "", "free"),
        )
        self.show_title(title, self._state(snapshot, now))
        self.put(figures_of(snapshot), self._lines(snapshot, now), now)

    def _state(self, snapshot: HostSnapshot, now: float) -> Line:
        if self.host not in self.app.state.hosts:
            return (Span("no longer there: what was seen last ", "error"),)
        why = host_state.reason(snapshot, now)
        if why is not None:
            return (Span(f"{joined([why.text, why.when])} ", why.role),)
        latency = figures.latency(snapshot.latency)
        return (Span(f"{glyphs.UP} up ", "ok"), Span(f"{latency} " if latency else "", "muted"))

    def _lines(self, snapshot: HostSnapshot, now: float) -> list[Line]:
        busy = self._busy if self._busy is not None and self._busy.host == self.host else None
        return page(snapshot, self.app.look.thresholds, now, self.room, busy)

    # what loads it

    def read(self) -> None:
        super().read()
        self._ask_busiest()

    def _ask_busiest(self) -> None:
        """Each few seconds while this is seen: the host reads it for whoever asks, never by itself."""
        snapshot, now = self._found(), time.monotonic()
        up = snapshot is not None and snapshot.state is HostState.UP
        if self.asking or not up or now - self._asked_at < EVERY or not self.app.sees(self):
            return
        self.asking, self._asked_at = True, now
        host = self.host
        self.app.verbs.run("busiest", lambda: self.app.fleet.busiest(host), self._told, self._untold)

    def _told(self, found: Busiest) -> None:
        self.asking = False
        if self.is_mounted and found.host == self.host:
            self._busy = found
            self.show()

    def _untold(self, error: GpuwsError) -> None:  # noqa: ARG002 - the page does without
        self.asking = False

    # keys

    def show_processes(self) -> None:
        self.dismiss(None)
        self.app.home().show_processes((self.host, ""))

    def turn(self, step: int) -> None:
        """To the next host that can be looked at."""
        names = [snapshot.name for snapshot in self.app.state.snapshots if snapshot.updated_at is not None]
        if self.host in names and len(names) > 1:
            self.host = names[(names.index(self.host) + step) % len(names)]
            self._asked_at = -EVERY
            self.app.watch_host(self.host)
            self.query_one(Page).first()
            self.again()
