"""What the agent's client and its stand-in have in common: a program on the host, threads of their own, one end."""

from __future__ import annotations

import threading
from collections.abc import Callable

from gpuws.link.place import Process
from gpuws.model.gpu.fault import Fault
from gpuws.model.host.host import Host


class ProbeRun:
    """`on_end(why)` is called once where it ends by itself, never after `close`. `kind` names the threads."""

    def __init__(self, host: Host, on_end: Callable[[Fault], None], kind: str) -> None:
        self._host = host
        self._on_end = on_end
        self._kind = kind
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._roused = threading.Event()  # a thread that waits for its time has something to do before
        self._process: Process | None = None

    @property
    def running(self) -> bool:
        """Its program was started there, and not ended by us."""
        return self._process is not None and not self._over.is_set()

    def close(self) -> None:
        """End it; returns at once, however dead the host is."""
        if self._finish() and self._process is not None:
            self._thread("close", self._process.close)

    def _thread(self, name: str, work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=work, name=f"{self._kind}-{name}-{self._host.name}", daemon=True)
        thread.start()
        return thread

    def _finish(self) -> bool:
        """True for the one caller that ends this run."""
        with self._lock:
            first = not self._over.is_set()
            self._over.set()
            self._roused.set()
            return first

    def _end(self, why: Fault) -> None:
        if self._finish():
            if self._process is not None:
                self._thread("close", self._process.close)
            self._on_end(why)
