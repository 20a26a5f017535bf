"""Why containers ended, where gpuws knows more than their engine: it stopped them itself, or read that GPU memory ran
out. Kept in a small private file: whoever lists one of them later reads it, too."""

from __future__ import annotations

import json
import logging
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gpuws.config.files import SmallFile
from gpuws.model.errors import GpuwsError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.text import plain
from gpuws.model.workspace.workspace import Workspace

log = logging.getLogger(__name__)
LONGEST = 400
MOST = 100
"""The newest: engines keep what has ended for long, and containers are removed without our knowing."""


@dataclass(frozen=True, slots=True)
class _End:
    """`at`: epoch seconds."""

    at: float
    why: str
    gpu_memory: bool = False


class Stops:
    """By container. `path` None: nothing is written."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = None if path is None else SmallFile(path)
        self._known: dict[str, _End] | None = None
        self._lock = threading.Lock()

    def note(self, container: str, why: str) -> None:
        """It is about to be stopped: before it is seen to have ended."""
        self._note(container, _End(time.time(), why))

    def note_gpu_memory(self, container: str, sentence: str) -> None:
        """It failed for want of GPU memory."""
        self._note(container, _End(time.time(), sentence, gpu_memory=True))

    def knows(self, container: str) -> bool:
        return container in self._loaded()

    def _note(self, container: str, end: _End) -> None:
        with self._lock:
            known = {**self._read(), container: end}
            self._known = dict(list(known.items())[-MOST:])
            self._write()

    def drop(self, container: str) -> None:
        """It was not stopped, or lives again."""
        with self._lock:
            self._known = {one: told for one, told in self._read().items() if one != container}
            self._write()

    def told(self, snapshot: HostSnapshot) -> HostSnapshot:
        """With the reason at those that were stopped."""
        known = self._known if self._known is not None else self._loaded()
        if not known or not any(one.id in known for one in snapshot.workspaces):
            return snapshot
        return replace(snapshot, workspaces=tuple(_with_reason(one, known.get(one.id)) for one in snapshot.workspaces))

    def begun_again(self, snapshot: HostSnapshot) -> None:
        """Forget those that were started since."""
        known = self._known or {}
        for one in snapshot.workspaces:
            if one.id in known and one.alive and one.started is not None and one.started > known[one.id].at:
                self.drop(one.id)

    def _loaded(self) -> dict[str, _End]:
        with self._lock:
            return self._read()

    def _read(self) -> dict[str, _End]:
        if self._known is None:
            self._known = {} if self._file is None else _parsed(self._file.read())
        return self._known

    def _write(self) -> None:
        if self._file is None:
            return
        try:
            rows = {one: [end.at, end.why, end.gpu_memory] for one, end in (self._known or {}).items()}
            self._file.write(json.dumps(rows))
        except GpuwsError as error:
            log.warning("why a container ended is not kept: %s", error.message)


def _with_reason(one: Workspace, told: _End | None) -> Workspace:
    if told is None or one.alive:
        return one
    reason = f"{one.reason}: {told.why}" if one.reason else told.why
    return replace(one, reason=reason, gpu_out_of_memory=told.why if told.gpu_memory else None)


def _parsed(text: str) -> dict[str, _End]:
    """What is no such entry is left out: the file may be of another version, or half gone."""
    try:
        rows: Any = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    found = {}
    for one, row in rows.items() if isinstance(rows, dict) else ():
        if isinstance(row, list) and len(row) > 1 and isinstance(row[0], int | float) and isinstance(row[1], str):
            found[one] = _End(float(row[0]), plain(row[1], LONGEST), gpu_memory=row[2:3] == [True])
    return found
