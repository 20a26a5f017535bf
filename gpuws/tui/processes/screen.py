"""One process on a GPU: what it took there over time, and what it is."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, ClassVar

from gpuws.model.gpu.gpu import Gpu, GpuProcess
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.join import program
from gpuws.model.timeline import Subject
from gpuws.present import glyphs, host_state
from gpuws.present.line import Line, Span, clean, joined
from gpuws.present.tables.processes import chosen
from gpuws.tui.charts.screen import ChartScreen, here
from gpuws.tui.command import Command
from gpuws.tui.context import Context
from gpuws.tui.fleet.actions import LIST, action
from gpuws.tui.processes.page import figures_of, page
from gpuws.tui.selection import Selection
from gpuws.tui.sessions.commands import ATTACH, SHELL
from gpuws.tui.workspaces.commands import LOGS


class ProcessScreen(ChartScreen):
    """What was last seen of it stays when it has ended."""

    KEYS_ABOUT = "this process"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("process-back", "escape,q", "back", "Back", lambda screen: screen.back(), hint=1),
        here("process", ATTACH, hint=2),
        here("process", SHELL),
        here("process", LOGS),
        here("process", action("kill"), hint=3),
        here("process", replace(LIST, help="All actions for this process, with their commands"), hint=4),
    )

    def __init__(self, snapshot: HostSnapshot, gpu: Gpu, process: GpuProcess) -> None:
        super().__init__(snapshot.name)
        self._last = (snapshot, gpu, process)
        self._subject = Subject(process.mig_uuid or gpu.uuid, process.pid, process.started_at)

    def subject(self) -> Subject:
        return self._subject

    def context(self) -> Context:
        found = self._found()
        return Context(self.app, Selection(found[0], gpu=found[1], process=found[2]) if found else None)

    def _found(self) -> tuple[HostSnapshot, Gpu, GpuProcess] | None:
        """The newest of it; None where it has ended."""
        snapshot = self.app.state.hosts.get(self.host)
        for gpu, process in chosen(snapshot, None, None) if snapshot is not None else ():
            if Subject(process.mig_uuid or gpu.uuid, process.pid, process.started_at) == self._subject:
                assert snapshot is not None
                self._last = (snapshot, gpu, process)
                return self._last
        return None

    def show(self) -> None:
        if not self.is_mounted:
            return
        now, living = time.time(), self._found() is not None
        snapshot, gpu, process = self._last
        name = clean(process.notebook, 60) or clean(program(process.command), 60)
        title = (
            Span(f" {clean(snapshot.name, 40)} · GPU {gpu.index} · {name or process.pid}", "title"),
            Span(f"   {clean(process.user, 40)}", "mine" if process.mine else "text"),
        )
        self.show_title(title, self._state(now, living))
        self.put(figures_of(gpu, process), page(snapshot, gpu, process, now), now)

    def _state(self, now: float, living: bool) -> Line:
        snapshot = self.app.state.hosts.get(self.host)
        why = host_state.reason(snapshot, now) if snapshot is not None else None
        if why is not None:
            return (Span(f"{joined([why.text, why.when])} ", why.role),)
        return (Span(f"{glyphs.RUNS} runs ", "ok"),) if living else (Span("ended: what was seen last ", "warn"),)
