"""How much memory those of my containers take that have a cap: read on a clock, only while somebody looks or is to be
told of it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gpuws.fleet.local.host.parts import with_counters
from gpuws.fleet.local.host.telemetry import Tell
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import Host
from gpuws.model.workspace.workspace import Workspace

if TYPE_CHECKING:
    from gpuws.model.workspace.usage import Counters

log = logging.getLogger(__name__)
INTERVAL = 15.0  # seconds, while somebody looks
LISTENING = 4.0  # the same, while somebody is to be told
SHARE = 25  # so many times as long as a reading took nothing is read


class MemoryWatch:
    """One daemon thread. `mine` gives my containers that run, `read` counts what those of some ids take."""

    def __init__(
        self,
        host: Host,
        tell: Tell,
        mine: Callable[[], tuple[Workspace, ...]],
        read: Callable[[Sequence[str]], Sequence[Counters]],
    ) -> None:
        self._host = host
        self._tell = tell
        self._mine = mine
        self._counted = read
        self._wanted = threading.Event()
        self._stop = threading.Event()
        self._watched = False
        self._listening = False

    def start(self) -> None:
        threading.Thread(target=self._run, name=f"memory {self._host.name}", daemon=True).start()

    def close(self) -> None:
        self._stop.set()
        self._wanted.set()

    def watch(self, on: bool) -> None:
        self._watched = on
        self._heed()

    def listen(self, on: bool) -> None:
        """Somebody is to be told when one nears its cap."""
        self._listening = on
        self._heed()

    def _heed(self) -> None:
        if self._watched or self._listening:
            self._wanted.set()
        elif not self._stop.is_set():
            self._wanted.clear()

    def _run(self) -> None:
        """The first look comes after a while, too: who only passes by reads nothing."""
        took = 0.0
        while True:
            self._wanted.wait()
            if self._stop.wait(max(LISTENING if self._listening else INTERVAL, SHARE * took)):
                return
            if self._wanted.is_set():
                began = time.monotonic()
                self._read()
                took = time.monotonic() - began

    def _read(self) -> None:
        capped = [one.id for one in self._mine() if one.memory_limit]
        if not capped:
            return
        try:
            counters = self._counted(capped)
        except GpuwsError as error:
            log.info("memory of containers of %s: %s", self._host.name, error.message)
            return
        except Exception:  # a bug must cost this host its figures, never the thread
            log.exception("memory of containers of %s", self._host.name)
            return
        self._tell(lambda parts: with_counters(parts, counters))
