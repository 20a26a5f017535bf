"""A program at one end of a copy: fed, read, heard, and ended with whoever asked for it."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from gpuws.link.place import Process
from gpuws.model.errors import GpuwsError, Unreachable
from gpuws.model.text import plain

PIECE = 256 << 10
_SHORT = re.compile(r"Wrote only \d+ of \d+ bytes")
_AT_LINE = re.compile(r"^gpuws: (line )?\d+: (cd: )?")
LINES = 8
"""So much of what a program says beside its work is told, its last words."""


@dataclass(slots=True)
class Running:
    process: Process
    label: str
    _said: bytearray = field(default_factory=bytearray)
    _hearing: threading.Thread | None = None

    def hear(self) -> None:
        self._hearing = threading.Thread(target=self._hear, name="copy-errors", daemon=True)
        self._hearing.start()

    def output(self) -> Iterator[bytes]:
        while piece := self.process.read(PIECE):
            yield piece

    def fed(self, piece: bytes) -> bool:
        """False: it takes no more; its status tells why."""
        try:
            self.process.write(piece)
        except (GpuwsError, OSError):
            return False
        return True

    def status(self) -> int:
        """Once it has ended; `Unreachable` where that was never told, since the link was lost."""
        with suppress(GpuwsError, OSError):
            self.process.close_stdin()
        status = self.process.wait()
        if status is None:
            raise Unreachable(f"{self.label.rstrip(':')}: the link was lost")
        return status

    def faults(self) -> list[str]:
        """What it said went wrong, in lines."""
        if self._hearing is not None:
            self._hearing.join(2.0)
        lines = [_told(plain(line, 300)) for line in self._said.decode(errors="replace").splitlines()]
        kept = deque((line for line in lines if line), maxlen=LINES)
        return [f"{self.label}{line}" if line.startswith("/") else f"{self.label} {line}" for line in kept]

    def _hear(self) -> None:
        with suppress(GpuwsError, OSError):
            while data := self.process.read_stderr():
                self._said += data
                del self._said[:-65536]


class Programs:
    """Those that run now; `close`, from any thread, ends them, and lets no other begin but what takes back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: list[Process] = []
        self._closed = False

    @contextmanager
    def run(self, opened: Callable[[], Process], label: str, *, takes_back: bool = False) -> Iterator[Running]:
        process = opened()
        with self._lock:
            self._open.append(process)
            closed = self._closed and not takes_back
        try:
            if closed:
                raise Unreachable("cancelled")
            one = Running(process, label)
            one.hear()
            yield one
        finally:
            with self._lock:
                self._open.remove(process)
            process.close()

    def close(self) -> None:
        with self._lock:
            self._closed, running = True, list(self._open)
        for process in running:
            process.close()


def _told(line: str) -> str:
    """As a person reads it; "" of tar's last words, which tell nothing that the lines before did not. Of a disk that
    became full in the middle of a piece tar says how much of it went; a shell, in which line of a script it was."""
    if "Exiting with failure status" in line or "not recoverable: exiting" in line:
        return ""
    line = _AT_LINE.sub("", line).replace("can't cd to ", "can't enter ")
    return _SHORT.sub("No space left on device", line.removeprefix("tar: ").removeprefix("./"))
