"""What a process costs, and programs on a terminal of their own."""

from __future__ import annotations

import fcntl
import os
import subprocess
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Of user and system time together, so far; its children that were waited for count."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / TICKS


def memory(pid: int, kind: str = "Pss") -> int:
    """Bytes that only this process has in memory, and its part of what is shared. `kind`: another number of these."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(f"the kernel tells no {kind}")


def share_of_a_core(pid: int, seconds: float) -> float:
    """Percent, over the next `seconds`."""
    before, began = cpu_seconds(pid), time.monotonic()
    time.sleep(seconds)
    return 100 * (cpu_seconds(pid) - before) / (time.monotonic() - began)


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


class OnTerminal:
    """A program on a pseudo-terminal of 45 × 160, whose output is read all the time."""

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str]) -> None:
        self._master, slave = os.openpty()
        termios.tcsetwinsize(slave, (45, 160))
        self._changed = threading.Condition()
        self._seen = bytearray()
        self._over = False
        self.process = subprocess.Popen(
            argv,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> OnTerminal:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._master)

    def send(self, text: str) -> None:
        os.write(self._master, text.encode())

    def mark(self) -> int:
        """Where the output is now."""
        with self._changed:
            return len(self._seen)

    def wait_for(self, text: str, since: int = 0, timeout: float = 60.0) -> float:
        """When `text` was painted, by the clock of `time.perf_counter`."""
        wanted = text.encode()
        with self._changed:
            if not self._changed.wait_for(lambda: self._seen.find(wanted, since) >= 0 or self._over, timeout):
                raise SystemExit(f"{text!r} was never painted, but: {bytes(self._seen[-2000:])!r}")
            if self._over:
                raise SystemExit(f"the program ended: {bytes(self._seen[-2000:])!r}")
            return time.perf_counter()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                data = b""
            with self._changed:
                self._seen += data
                self._over = not data
                self._changed.notify_all()
            if not data:
                return
