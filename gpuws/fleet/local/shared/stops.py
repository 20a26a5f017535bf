"""Why gpuws itself stopped containers, kept in a small private file: whoever lists one of them later reads it, too."""

from __future__ import annotations

import json
import logging
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from gpuws.config.files import SmallFile
from gpuws.model.errors import GpuwsError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.text import plain
from gpuws.model.workspace.workspace import Workspace

log = logging.getLogger(__name__)
MOST = 100
"""The newest: engines keep what has ended for long, and containers are removed without our knowing."""


class Stops:
    """By container. `path` None: nothing is written."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = None if path is None else SmallFile(path)
        self._known: dict[str, tuple[float, str]] | None = None  # id → when, epoch seconds; why
        self._lock = threading.Lock()

    def note(self, container: str, why: str) -> None:
        """It is about to be stopped: before it is seen to have ended."""
        with self._lock:
            known = {**self._read(), container: (time.time(), why)}
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
            if one.id in known and one.alive and one.started is not None and one.started > known[one.id][0]:
                self.drop(one.id)

    def _loaded(self) -> dict[str, tuple[float, str]]:
        with self._lock:
            return self._read()

    def _read(self) -> dict[str, tuple[float, str]]:
        if self._known is None:
            self._known = {} if self._file is None else _parsed(self._file.read())
        return self._known

    def _write(self) -> None:
        if self._file is None:
            return
        try:
            self._file.write(json.dumps(self._known))
        except GpuwsError as error:
            log.warning("why a container was stopped is not kept: %s", error.message)


def _with_reason(one: Workspace, told: tuple[float, str] | None) -> Workspace:
    if told is None or one.alive:
        return one
    return replace(one, reason=f"{one.reason}: {told[1]}" if one.reason else told[1])


def _parsed(text: str) -> dict[str, tuple[float, str]]:
    """What is no such entry is left out: the file may be of another version, or half gone."""
    try:
        rows: Any = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    found = {}
    for one, row in rows.items() if isinstance(rows, dict) else ():
        if isinstance(row, list) and len(row) == 2 and isinstance(row[0], int | float) and isinstance(row[1], str):
            found[one] = (float(row[0]), plain(row[1], 200))
    return found
