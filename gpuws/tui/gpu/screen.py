"""One GPU in full: its charts, and below them who is there and what it is."""

from __future__ import annotations

import shlex
import time
from dataclasses import replace
from typing import Any, ClassVar

from gpuws.model.consent.shell_command import on_host
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.timeline import Subject as Measured
from gpuws.present import glyphs, host_state
from gpuws.present.figures import model
from gpuws.present.line import Span, clean, joined
from gpuws.tui.charts.screen import ChartScreen, here
from gpuws.tui.command import Command
from gpuws.tui.context import Context
from gpuws.tui.dialogs.ask import which
from gpuws.tui.fleet.actions import LIST
from gpuws.tui.gpu.page import Subject, figures_of, page
from gpuws.tui.launch.commands import LAUNCH
from gpuws.tui.notebooks.commands import JUPYTER
from gpuws.tui.selection import Selection
from gpuws.tui.sessions.commands import ATTACH, SHELL, WRITE
from gpuws.tui.toolkit.page import Page
from gpuws.tui.workspaces.commands import INSPECT, LOGS, RESTART, STOP


class GpuScreen(ChartScreen):
    """`host`, `uuid`: which one. What was last seen of it stays when it is gone."""

    KEYS_ABOUT = "this GPU"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("gpu-back", "escape,q", "back", "Back to the fleet", lambda screen: screen.back(), hint=1),
        here("gpu", ATTACH, hint=2),
        here("gpu", WRITE),
        here("gpu", SHELL, hint=2),
        here("gpu", JUPYTER, hint=2),
        here("gpu", LOGS, hint=2),
        here("gpu", STOP, hint=3),
        here("gpu", RESTART, hint=3),
        here("gpu", replace(LIST, help="All actions for this GPU, with their commands"), hint=3),
        here("gpu", LAUNCH, hint=4),
        here("gpu", INSPECT, hint=4),
        Command(
            "gpu-processes", "p,K", "processes", "Its processes: K ends one there",
            lambda screen: screen.show_processes(), hint=4,
        ),
        Command(
            "gpu-copy", "y", "copy", "Copy its UUID, or the nvidia-smi command",
            lambda screen: screen.ask_what_to_copy(), hint=8,
        ),
        Command(
            "gpu-next", "tab", "next GPU", "The next GPU of this host",
            lambda screen: screen.turn(1), hint=7,
        ),
        Command(
            "gpu-previous", "shift+tab", "previous GPU", "The previous GPU of this host",
            lambda screen: screen.turn(-1),
        ),
    )  # fmt: skip

    def __init__(self, host: str, uuid: str) -> None:
        super().__init__(host)
        self._uuid = uuid
        self._last: tuple[HostSnapshot, Gpu] | None = None

    def subject(self) -> Measured:
        return Measured(self._uuid)

    def context(self) -> Context:
        found = self._found()
        return Context(self.app, Selection(found[0], gpu=found[1]) if found else None)

    def _found(self) -> tuple[HostSnapshot, Gpu] | None:
        """The newest of it; what was seen last where it is gone."""
        snapshot = self.app.state.hosts.get(self.host)
        gpu = next((gpu for gpu in snapshot.gpus if gpu.uuid == self._uuid), None) if snapshot is not None else None
        if snapshot is not None and gpu is not None:
            self._last = (snapshot, gpu)
        return self._last

    def show(self) -> None:
        found = self._found()
        if found is None or not self.is_mounted:
            return
        snapshot, gpu = found
        now = time.time()
        title = (
            Span(f" {clean(snapshot.name, 40)} · GPU {gpu.index}", "title"),
            Span(f"   {model(gpu.name)}", "text"),
        )
        self.show_title(title, self._age(now))
        self.put(figures_of(gpu), page(Subject(snapshot, gpu, self.app.look.thresholds, now), self.room), now)

    def _age(self, now: float) -> tuple[Span, ...]:
        snapshot = self.app.state.hosts.get(self.host)
        if snapshot is None or not any(gpu.uuid == self._uuid for gpu in snapshot.gpus):
            return (Span("no longer there: what was seen last ", "error"),)
        why = host_state.reason(snapshot, now)
        if why is not None:
            return (Span(f"{joined([why.text, why.when])} ", why.role),)
        return (Span(f"{glyphs.UP} up ", "ok"),)

    # keys

    def show_processes(self) -> None:
        """Back to the fleet, to this GPU's row and its processes."""
        self.dismiss(None)
        self.app.home().show_processes((self.host, self._uuid))

    def turn(self, step: int) -> None:
        snapshot = self.app.state.hosts.get(self.host)
        uuids = [gpu.uuid for gpu in snapshot.gpus] if snapshot is not None else []
        if self._uuid in uuids:
            self._uuid = uuids[(uuids.index(self._uuid) + step) % len(uuids)]
            self.query_one(Page).first()
            self.again()

    def ask_what_to_copy(self) -> None:
        snapshot = self.app.state.hosts.get(self.host)
        gpu = next((one for one in snapshot.gpus if one.uuid == self._uuid), None) if snapshot is not None else None
        words = ["nvidia-smi", "-q", "-i", self._uuid]
        if gpu is not None and gpu.vendor == "amd":
            words = ["amd-smi", "metric", "-g", str(gpu.index)]
        found = [("UUID", self._uuid), (f"{words[0]} command", on_host(self.host, shlex.join(words)))]
        which(self.app, "Copy", found, lambda one: one, lambda one: self.app.copy(one[1]))
