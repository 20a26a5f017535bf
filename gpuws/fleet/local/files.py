"""Implements `fleet.files`: by the tar that is there, else by the engine of the host."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.engines.base import present
from gpuws.fleet.local.shared.core import Core
from gpuws.model.errors import Cancelled, GpuwsError, HostError, Refused, UsageError
from gpuws.model.files.files import Looked, Reading, Road, Writing
from gpuws.model.host.host import HostState
from gpuws.model.placement.plan import Progress, Report
from gpuws.model.workspace.workspace import PlaceRef

if TYPE_CHECKING:
    from gpuws.engines.base import Files
    from gpuws.link.place import Place, Process
    from gpuws.model.errors import Unreachable
    from gpuws.model.files.copied import Copied
    from gpuws.model.files.spot import Located

ROOT = "/"
AGAIN = 1.0
"""Seconds between looks whether the hosts of a copy are back."""
PATIENCE = 86400.0
"""Seconds for them to come back."""


class LocalFiles(Core):
    def look_at_files(
        self, place: PlaceRef, paths: Sequence[bytes], *, writing: bool = False, user: str | None = None
    ) -> Looked:
        from gpuws.files import scripts

        label = self._places.label(place)
        if writing:
            self._places.need_writable(place)
        if place.workspace is None or self._enterable(place, writing=writing):
            looked = self._inside(place, user, label, scripts.look(paths, ROOT if place.workspace else ""))
            if looked is not None:
                return looked
            if place.workspace is None:
                raise GpuwsError(f"{label}: there is no tar, which packs what is copied")
        return self._from_outside(place, paths, user, writing=writing)

    def read_files(self, place: PlaceRef, ask: Reading) -> Process:
        from gpuws.files import scripts

        if ask.road.kind == "engine":
            return self._engine(place).read(self._workspace(place), ask.directory, ask.names)
        if place.workspace is not None:  # what is run in it may change it
            self._places.need_writable(place)
        return self._place(place, ask.road).popen(scripts.reading(ask))

    def write_files(self, place: PlaceRef, ask: Writing) -> Process:
        from gpuws.files import scripts

        self._places.need_writable(place)
        if ask.road.kind == "engine":
            return self._engine(place).write(self._workspace(place), ask.directory)
        return self._place(place, ask.road).popen(scripts.writing(ask))

    def copy_files(self, source: Located, target: Located, report: Report, cancel: threading.Event) -> Copied:
        from gpuws.fleet.copying.single import copy

        def back(error: Unreachable, places: Sequence[PlaceRef]) -> None:
            report(Progress("copying", f"{error.message}: it goes on when it is back"))
            self._come_back(error, places, cancel)

        return copy(self, source, target, self._places.label, back, report, cancel)

    def _come_back(self, error: Unreachable, places: Sequence[PlaceRef], cancel: threading.Event) -> None:
        """Returns once all of them can be worked in. `Cancelled` by `cancel`; `error` where that will not be."""
        deadline = time.monotonic() + PATIENCE
        while not cancel.wait(AGAIN):  # a link that broke is not taken for broken at once
            states = [self._hosts.find(place.host).snapshot.state for place in places]
            if any(state.final for state in states) or time.monotonic() > deadline:
                raise error
            if all(state is HostState.UP for state in states) and all(map(self._answers, places)):
                return
        raise Cancelled("cancelled")

    def _answers(self, place: PlaceRef) -> bool:
        """A host that is reached does; of a workspace its engine must."""
        if place.workspace is None:
            return True
        try:
            self._hosts.find(place.host).engine(place.workspace)
        except GpuwsError:
            return False
        return True

    def _inside(self, place: PlaceRef, user: str | None, label: str, argv: Sequence[str]) -> Looked | None:
        """None where no programs can be run for it, as in an image without a shell."""
        from gpuws.files import scripts

        there = self._places.find(place, user=user)
        try:
            done = there.run(argv)
        except HostError:
            raise
        except GpuwsError:
            if place.workspace is None:
                raise
            return None
        if place.workspace is not None and done.status in (126, 127):
            return None
        return scripts.looked(done.stdout, done.status, label, user)

    def _from_outside(self, place: PlaceRef, paths: Sequence[bytes], user: str | None, *, writing: bool) -> Looked:
        if user is not None:
            raise UsageError("-u needs a container that runs, with /bin/sh and tar in it")
        engine, workspace = self._engine(place), self._workspace(place)
        seen = tuple((engine.look(workspace, path),) for path in paths)
        return Looked(Road("engine", owner=engine.owner(workspace) if writing else (0, 0)), seen)

    def _enterable(self, place: PlaceRef, *, writing: bool) -> bool:
        """Programs may be run in it for this: it is mine, or writing into it was confirmed."""
        supervisor = self._hosts.find(place.host)
        workspace = self._hosts.workspace(place)
        return workspace is not None and workspace.enterable and not supervisor.readonly and (workspace.mine or writing)

    def _place(self, place: PlaceRef, road: Road) -> Place:
        return self._places.find(place, user=road.user)

    def _engine(self, place: PlaceRef) -> Files:
        return present(self._hosts.find(place.host).engine(place.workspace).files)

    def _workspace(self, place: PlaceRef) -> str:
        if place.workspace is None:
            raise Refused(f"{place.host} is a host: its engine has none of its files")
        return place.workspace
