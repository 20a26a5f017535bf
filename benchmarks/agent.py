"""What the agent costs on a server, as a ratio to one `nvidia-smi` at each of its samples, over the same minute.

Runs on the server itself, best with something on its GPUs; only Python, gpuws and nvidia-ml-py are needed there.

    python -m benchmarks.agent [SECONDS]
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

from benchmarks.processes import memory
from gpuws.link.local import LocalLink
from gpuws.model.host import Host
from gpuws.model.reading import HostFacts, HostReading
from gpuws.probe.client import Probe

INTERVAL = 2.0  # seconds
WARM = 3  # samples before the minute begins
BOUND = 1 / 20
LARGEST = 25 << 20  # bytes
SMI = "nvidia-smi"  # as people run it: it shows processes, as the agent does


class Watched:
    """A probe of this machine, as a workstation has it."""

    def __init__(self) -> None:
        self.readings: list[HostReading] = []
        self._came = threading.Condition()
        self.probe = Probe(
            LocalLink(), Host("local", telemetry_interval=INTERVAL), self._facts, self._reading, self._end
        )
        self.began = time.monotonic()
        self.first: float | None = None

    def wait_for(self, count: int) -> None:
        with self._came:
            if not self._came.wait_for(lambda: len(self.readings) >= count, 60):
                raise SystemExit("the agent sends nothing")

    def _facts(self, facts: HostFacts) -> None:
        pass

    def _reading(self, reading: HostReading) -> None:
        with self._came:
            self.first = self.first or time.monotonic() - self.began
            self.readings.append(reading)
            self._came.notify_all()

    def _end(self, reason: str) -> None:
        sys.exit(f"the agent ended: {reason}")


def agent_pid() -> int:
    """Our child that is the agent."""
    for children in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
        for pid in children.read_text().split():
            if b"gpuws-probe" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(pid)
    raise SystemExit("the agent does not run")


def cpu_seconds(pid: int) -> float:
    """Of all its threads so far, which live as long as it does: finer than the kernel's ticks."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def smi_cost(seconds: float) -> tuple[float, float]:
    """Percent of a core of one nvidia-smi a tick, and the median seconds that one takes."""
    took, began = [], time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for tick in range(int(seconds / INTERVAL)):
        time.sleep(max(began + tick * INTERVAL - time.monotonic(), 0))
        started = time.monotonic()
        subprocess.run([SMI], check=True, capture_output=True)
        took.append(time.monotonic() - started)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 100 * used / (INTERVAL * len(took)), statistics.median(took)


def main(seconds: float) -> int:
    watched = Watched()
    watched.probe.start()
    watched.wait_for(WARM)
    pid = agent_pid()
    last = watched.readings[-1]
    before, began = cpu_seconds(pid), time.monotonic()
    smi = smi_cost(seconds) if shutil.which(SMI) else None
    time.sleep(max(began + seconds - time.monotonic(), 0))
    ours = 100 * (cpu_seconds(pid) - before) / (time.monotonic() - began)
    used = memory(pid)
    watched.probe.close()
    print(
        f"agent, {len(last.gpus)} GPUs, {len(last.processes)} processes: {ours:.2f} % of a core, "
        f"{used / 2**20:.0f} MiB, first sample after {watched.first:.2f} s"
    )
    if smi is None:
        print("no nvidia-smi here")
        return 0
    ratio = ours / smi[0]
    fits = ratio <= BOUND and used <= LARGEST
    print(f"nvidia-smi at each sample: {smi[0]:.2f} % of a core, {1000 * smi[1]:.0f} ms each; ratio 1/{1 / ratio:.0f} "
          f"(at most 1/{1 / BOUND:.0f}, {LARGEST >> 20} MiB) {'ok' if fits else 'TOO MUCH'}")  # fmt: skip
    return 0 if fits else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0))
