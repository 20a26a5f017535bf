"""Reads the last lines of my containers that failed with GPUs: whether GPU memory ran out, and who else was on it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from gpuws.fleet.local.shared.stops import Stops
from gpuws.link.place import Stream
from gpuws.model.errors import GpuwsError
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.workspace.workspace import Workspace

log = logging.getLogger(__name__)
BEFORE = 3
"""So many that had failed before they were first seen have their logs read, the newest; who was on their GPUs then is
not known."""
MOST_BYTES = 256 << 10
PATIENCE = 20.0  # seconds for a log


@dataclass(frozen=True, slots=True)
class _Seen:
    """The GPUs when it last lived. `at`: epoch seconds of that reading."""

    at: float
    gpus: tuple[Gpu, ...]


class FailureWatch:
    """`read` opens the last lines of a log by a container's id. `stops` keeps what was found, `changed` is called
    then."""

    def __init__(self, read: Callable[[str], Stream], stops: Stops, changed: Callable[[], None]) -> None:
        self._read = read
        self._stops = stops
        self._changed = changed
        self._alive: dict[str, _Seen] = {}
        self._known: frozenset[str] | None = None  # ids of those that had ended when they were last looked at
        self._looking = threading.Lock()  # readings and lists come from two threads

    def look(self, snapshot: HostSnapshot) -> None:
        """From the threads that bring readings and lists; returns at once."""
        with self._looking:
            for one, seen in self._failed(snapshot):
                work = (one, seen, snapshot.updated_at)
                threading.Thread(target=self._examine, args=work, name=f"failed {snapshot.name}", daemon=True).start()

    def _failed(self, snapshot: HostSnapshot) -> list[tuple[Workspace, _Seen | None]]:
        """Those that did so since the last look, and on the first look the newest that had before."""
        mine = [one for one in snapshot.workspaces if one.mine and one.gpus]
        ended = {one.id: one for one in mine if not one.alive and one.state == "exited"}
        fresh = [one for one in ended.values() if self._known is None or one.id not in self._known]
        fresh = [one for one in fresh if one.failed and one.out_of_memory != "killed"]
        fresh = [one for one in fresh if one.id in self._alive or not self._stops.knows(one.id)]
        if self._known is None:
            fresh = sorted(fresh, key=lambda one: one.created or 0.0)[-BEFORE:]
        self._known = frozenset(ended)
        found = [(one, self._alive.get(one.id)) for one in fresh]
        if snapshot.updated_at is not None:
            now = _Seen(snapshot.updated_at, snapshot.gpus)
            self._alive = {one.id: now for one in mine if one.alive}
        return found

    def _examine(self, one: Workspace, seen: _Seen | None, now: float | None) -> None:
        from gpuws.model.gpu.out_of_memory import LATELY, ran_out, scene, sentence

        try:
            said = ran_out(self._last_lines(one.id))
        except (GpuwsError, OSError) as error:
            log.info("the log of %s, which failed, can't be read: %s", one.name, error)
            return
        if said is None:
            return
        recent = seen is not None and now is not None and now - seen.at <= LATELY
        self._stops.note_gpu_memory(one.id, sentence(said, scene(said, one, seen.gpus) if seen and recent else None))
        self._changed()

    def _last_lines(self, container: str) -> str:
        stream = self._read(container)
        deadline, found = time.monotonic() + PATIENCE, b""
        try:
            stream.settimeout(PATIENCE)
            while time.monotonic() < deadline and (chunk := stream.recv()):
                found = (found + chunk)[-MOST_BYTES:]
        finally:
            stream.close()
        return found.decode("utf-8", "replace")
