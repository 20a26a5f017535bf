"""One GPU in full. Its history is asked for while this can be seen; the rest comes with the fleet."""

from __future__ import annotations

import shlex
import time
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.screen import Screen

from gpuws.model.commands import on_host
from gpuws.model.errors import GpuwsError
from gpuws.model.gpu import Gpu
from gpuws.model.history import GpuHistory
from gpuws.model.snapshot import HostSnapshot
from gpuws.present import host_state
from gpuws.present.figures import model
from gpuws.present.line import Span, clean, joined
from gpuws.tui.keys import bindings
from gpuws.tui.present.gpu_page import Subject, page
from gpuws.tui.selection import Selection
from gpuws.tui.widgets.bar import Bar, Part
from gpuws.tui.widgets.hints import hints
from gpuws.tui.widgets.page import Page

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase

HISTORY_INTERVAL = 15.0


class GpuScreen(Screen[None]):
    """`host`, `uuid`: which one. What was last seen of it stays when it is gone."""

    DEFAULT_CSS = """
    GpuScreen #gpu-title { background: $surface; }
    GpuScreen #gpu-hints { dock: bottom; background: $surface; }
    """
    BINDINGS = bindings("gpu")
    AUTO_FOCUS = "Page"
    app: AppBase

    def __init__(self, host: str, uuid: str) -> None:
        super().__init__()
        self._host, self._uuid = host, uuid
        self._last: tuple[HostSnapshot, Gpu] | None = None
        self._past: dict[str, GpuHistory] | None = None
        self._reading = False

    def compose(self) -> ComposeResult:
        yield Bar(id="gpu-title")
        yield Page()
        yield Bar(id="gpu-hints")

    def on_mount(self) -> None:
        self.set_interval(1.0, self._tick)
        self.set_interval(HISTORY_INTERVAL, self._read)
        self._read()
        self._show()

    def on_resize(self) -> None:
        self._show()

    def on_screen_resume(self) -> None:
        if self.is_mounted:
            self._show()

    def fleet_changed(self, hosts: Collection[str]) -> None:
        if self._host in hosts:
            self._show()

    def _tick(self) -> None:
        if self.app.sees(self):
            self._show()

    # what is shown

    def selection(self) -> Selection | None:
        found = self._found()
        return Selection(found[0], gpu=found[1]) if found else None

    def _found(self) -> tuple[HostSnapshot, Gpu] | None:
        """The newest of it; what was seen last where it is gone."""
        snapshot = self.app.state.hosts.get(self._host)
        gpu = next((gpu for gpu in snapshot.gpus if gpu.uuid == self._uuid), None) if snapshot is not None else None
        if snapshot is not None and gpu is not None:
            self._last = (snapshot, gpu)
        return self._last

    def _show(self) -> None:
        found = self._found()
        if found is None or not self.is_mounted:
            return
        snapshot, gpu = found
        now = time.time()
        title = (
            Span(f" {clean(snapshot.name, 40)} · GPU {gpu.index}", "title"),
            Span(f"   {model(gpu.name)}", "text"),
        )
        self.query_one("#gpu-title", Bar).put([Part(title)], [Part(self._age(now))])
        past = None if self._past is None else self._past.get(self._uuid, GpuHistory(self._uuid, 60.0, now))
        view = self.query_one(Page)
        view.put(page(Subject(snapshot, gpu, past, self.app.look.thresholds, now), view.room))
        self.query_one("#gpu-hints", Bar).put(hints(self, self.size.width, self.selection()))

    def _age(self, now: float) -> tuple[Span, ...]:
        snapshot = self.app.state.hosts.get(self._host)
        if snapshot is None or not any(gpu.uuid == self._uuid for gpu in snapshot.gpus):
            return (Span("no longer there: what was seen last ", "error"),)
        why = host_state.reason(snapshot, now)
        if why is not None:
            return (Span(f"{joined([why.text, why.when])} ", why.role),)
        return (Span(f"{host_state.UP} up ", "ok"),)

    # its history

    def _read(self) -> None:
        """Not while something lies over it, nor while the last answer is still on its way."""
        if self._reading or not self.app.sees(self):
            return
        self._reading = True
        self.app.verbs.run("history", lambda: self.app.fleet.history(self._host), self._came, self._failed)

    def _came(self, found: Sequence[GpuHistory]) -> None:
        self._reading = False
        self._past = {each.uuid: each for each in found}
        self._show()

    def _failed(self, error: GpuwsError) -> None:  # noqa: ARG002 - the host's state says why
        self._came(())

    # keys

    def action_back(self) -> None:
        self.dismiss(None)

    def action_verb(self, verb: str) -> None:
        self.app.actions.do(verb, self.selection())

    def action_processes(self) -> None:
        """Back to the fleet, to this GPU's row and its processes."""
        from gpuws.tui.screens.fleet import FleetScreen

        home = next(screen for screen in self.app.screen_stack if isinstance(screen, FleetScreen))
        self.dismiss(None)
        home.show_processes((self._host, self._uuid))

    def action_turn(self, step: int) -> None:
        snapshot = self.app.state.hosts.get(self._host)
        uuids = [gpu.uuid for gpu in snapshot.gpus] if snapshot is not None else []
        if self._uuid in uuids:
            self._uuid = uuids[(uuids.index(self._uuid) + step) % len(uuids)]
            self.query_one(Page).action_first()
            self._show()

    def action_copy(self) -> None:
        from gpuws.tui.screens.choose import ChooseScreen, Option

        command = on_host(self._host, shlex.join(["nvidia-smi", "-q", "-i", self._uuid]))
        options = [Option("UUID", self._uuid, self._uuid), Option("nvidia-smi command", command, command)]
        self.app.push_screen(ChooseScreen("Copy", options), lambda one: self.app.copy(one) if one else None)
