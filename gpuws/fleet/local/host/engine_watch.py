"""Keeps the list of a host's workspaces true for as long as its link lives, whatever engine has them."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.engines.together import keeper_of
from gpuws.fleet.local.host.backoff import delay
from gpuws.fleet.local.host.parts import Parts
from gpuws.fleet.local.host.telemetry import Tell
from gpuws.link.place import Link
from gpuws.model.errors import EngineMissing, GpuwsError, Unreachable
from gpuws.model.host.host import Host

if TYPE_CHECKING:
    from gpuws.engines.base import Engine
    from gpuws.engines.registry import Search
    from gpuws.model.workspace.engine import EngineInfo

log = logging.getLogger(__name__)
RESYNC = 30.0  # seconds: what tells of changes may miss one
AGAIN = (1.0, 3.0)  # seconds to further lists: Docker tells of an end before it lists it, by seconds on a busy host
SETTLE = 0.1  # seconds: a launch is a burst of events
CALM = 1.0  # seconds: what nobody waits for comes after the first numbers
LOOK_AGAIN = 60.0  # seconds until a host without an engine is asked again
LOOKED_AT = 2.0  # seconds between attempts to hear of changes again, at most, while somebody looks


class EngineWatch:
    """Two daemon threads: one follows the event stream, one lists when something may have changed."""

    def __init__(self, host: Host, link: Link, tell: Tell, *, readonly: Callable[[], bool]) -> None:
        self._host = host
        self._link = link
        self._tell = tell
        self._readonly = readonly
        self._stop = threading.Event()
        self._dirty = threading.Event()
        self._wanted = threading.Event()  # somebody looks
        self._listing = threading.Lock()  # an older list never overtakes a newer one
        self._listed_at = 0.0  # monotonic seconds: when the last list was asked for
        self._engine: Engine | None = None
        self._told: EngineInfo | None = None  # of that engine, whenever it answers
        said = f"{host.name}: its container engine has not answered yet"
        self._failure: GpuwsError = Unreachable(said, "try again in a moment")

    def start(self) -> None:
        threading.Thread(target=self._run, name=f"engine {self._host.name}", daemon=True).start()

    def close(self) -> None:
        self._stop.set()
        self._dirty.set()
        self._wanted.set()

    def watch(self, on: bool) -> None:
        """Somebody looks: an engine that went is asked often."""
        if on:
            self._wanted.set()
        elif not self._stop.is_set():
            self._wanted.clear()

    def refresh(self, since: float | None = None) -> bool:
        """Something was just done: list now, in the caller's thread; not where that was done after `since` (monotonic
        seconds) already. False: the engine did not answer."""
        return self._engine is not None and self._list(self._engine, since)

    def engine(self, workspace: str | None = None) -> Engine:
        """The host's engines as one, or the one that keeps `workspace` (id); GpuwsError with the reason where there is
        none."""
        if self._engine is None:
            raise self._failure
        return self._engine if workspace is None else keeper_of(self._engine, workspace)

    def _run(self) -> None:
        while not self._stop.is_set() and not self._find():
            missing = isinstance(self._failure, EngineMissing)
            if self._engine is not None:
                self._keep_listing(self._engine, LOOK_AGAIN, LOOK_AGAIN if missing else LOOKED_AT)
            elif missing:
                self._stop.wait(LOOK_AGAIN)
            else:
                self._pause(LOOK_AGAIN)
        if self._engine is None or self._stop.is_set():
            return
        threading.Thread(
            target=self._follow, args=(self._engine,), name=f"events {self._host.name}", daemon=True
        ).start()
        if not self._readonly():
            later = threading.Timer(CALM, self._end_orphans, (self._engine,))
            later.daemon = True
            later.start()
        self._keep_listing(self._engine)

    def _keep_listing(self, engine: Engine, seconds: float = math.inf, looked_at: float = math.inf) -> None:
        """After the first list, too: nobody tells of what happened before the events were followed. For `seconds`, and
        `looked_at` of them while somebody looks, or until the end."""
        pauses, began = list(AGAIN), time.monotonic()
        while not self._stop.is_set():
            left = began + (min(seconds, looked_at) if self._wanted.is_set() else seconds) - time.monotonic()
            if left <= 0:
                return
            due = engine.due()
            pause = pauses.pop(0) if pauses else RESYNC if due is None else min(due, RESYNC)
            told = self._dirty.wait(min(pause, left, looked_at))
            if self._stop.wait(SETTLE):
                return
            self._dirty.clear()
            if not self._list(engine) or told:
                pauses = list(AGAIN)

    def _find(self) -> bool:
        from gpuws.engines.registry import failed, search

        kind = self._host.engine
        try:
            found = search(self._host, self._link)
            if found.engine is None:
                self._fail(found)
                return False
            engine, kind = found.engine, found.info.kind
            info = engine.info() if found.error is None else found.info
            workspaces = tuple(engine.workspaces())
        except GpuwsError as error:
            self._fail(failed(error, kind))
            return False
        except Exception as error:  # a bug must cost this host its list, never the thread
            log.exception("engine of %s", self._host.name)
            said = GpuwsError(f"{self._host.name}: its engine answers in a way gpuws does not understand: {error}")
            self._fail(failed(said, kind))
            return False
        self._failure = found.error or self._failure
        self._engine, self._told = engine, info  # before the list is seen: who waited for it goes on with the engine
        self._tell(lambda parts: replace(parts, engine=info, workspaces=workspaces))
        return found.error is None

    def _fail(self, found: Search) -> None:
        self._failure = found.error or self._failure
        self._tell(lambda parts: replace(parts, engine=found.info))

    def _list(self, engine: Engine, since: float | None = None) -> bool:
        """False: it did not answer, and what it told before stays."""
        with self._listing:
            if since is not None and self._listed_at > since:
                return True
            began = time.monotonic()
            try:
                containers = tuple(engine.workspaces())
            except GpuwsError as error:
                message, remedy = error.message, error.remedy
                log.info("containers of %s: %s", self._host.name, message)
                self._tell(lambda parts: _engine_error(parts, message, remedy))
                return False
            except Exception:  # as above: the next change is followed
                log.exception("containers of %s", self._host.name)
                return False
            info = self._told
            self._tell(lambda parts: replace(parts, engine=info or parts.engine, workspaces=containers))
            self._listed_at = began
            return True

    def _follow(self, engine: Engine) -> None:
        attempt = 0
        while not self._stop.is_set() and self._link.alive:
            try:
                for _ in engine.changes(self._stop):
                    attempt = 0
                    self._dirty.set()
            except GpuwsError as error:
                log.info("events of %s: %s", self._host.name, error.message)
            attempt += 1
            self._pause(delay(attempt))
            self._dirty.set()

    def _pause(self, seconds: float) -> None:
        """No longer than `LOOKED_AT` from when somebody looks."""
        at_least = min(seconds, LOOKED_AT)
        if not self._stop.wait(at_least):
            self._wanted.wait(seconds - at_least)

    def _end_orphans(self, engine: Engine) -> None:
        from gpuws.engines.base import Absent

        if self._stop.is_set() or isinstance(engine.orphans, Absent):
            return
        try:
            if count := engine.orphans.end():
                log.info("%s: ended %d execs that a killed gpuws or a cut link had left", self._host.name, count)
        except GpuwsError as error:
            log.info("orphans of %s: %s", self._host.name, error.message)


def _engine_error(parts: Parts, message: str | None, remedy: str) -> Parts:
    if parts.engine is None or parts.engine.error == message:
        return parts
    return replace(parts, engine=replace(parts.engine, error=message, remedy=remedy, shut=False))
