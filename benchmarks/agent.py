"""What the agent costs on a server, as a ratio to one `nvidia-smi` at each of its samples, over the same minute.

Runs on the server itself, best with something on its GPUs; only Python, gpuws and nvidia-ml-py are needed there.

    python -m benchmarks.agent [SECONDS [PYTHON]]
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
from gpuws.link.local.local import LocalLink
from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.reading import HostFacts, HostReading
from gpuws.model.host.host import Host
from gpuws.probe.client import Probe

INTERVAL = 2.0  # seconds
WARM = 3  # samples before the minute begins
BOUND = 1 / 20
LARGEST = 25 << 20  # bytes
SMI = "nvidia-smi"  # as people run it: it shows processes, as the agent does


class Watched:
    """A probe of this machine, as a workstation has it."""

    def __init__(self, python: str | None) -> None:
        self.readings: list[HostReading] = []
        self._came = threading.Condition()
        host = Host("local", telemetry_interval=INTERVAL, python=python)
        self.probe = Probe(LocalLink(), host, self._facts, self._reading, self._end)
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

    def _end(self, why: Fault) -> None:
        sys.exit(f"the agent ended: {why}")


def mib(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"


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


def by_kind(pid: int) -> dict[str, int]:
    """What it has in memory by where that comes from; bytes, its part of what is shared."""
    found = {"its own": 0, "NVIDIA's library and devices": 0, "Python and other files": 0}
    kind = ""
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        words = line.split()
        if not words[0].endswith(":"):
            path = words[5] if len(words) > 5 else ""
            own = not path.startswith("/")
            kind = "its own" if own else "Python and other files"
            if "nvidia" in path:
                kind = "NVIDIA's library and devices"
        elif words[0] == "Pss:":
            found[kind] += int(words[1]) * 1024
    return found


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


def main(seconds: float, python: str | None) -> int:
    watched = Watched(python)
    watched.probe.start()
    watched.wait_for(WARM)
    pid = agent_pid()
    last = watched.readings[-1]
    before, began = cpu_seconds(pid), time.monotonic()
    smi = smi_cost(seconds) if shutil.which(SMI) else None
    time.sleep(max(began + seconds - time.monotonic(), 0))
    ours = 100 * (cpu_seconds(pid) - before) / (time.monotonic() - began)
    used, resident, anonymous = memory(pid), memory(pid, "Rss"), memory(pid, "Anonymous")
    kinds = by_kind(pid)
    watched.probe.close()
    print(
        f"agent, {len(last.gpus)} GPUs, {len(last.processes)} processes: {ours:.2f} % of a core, "
        f"{mib(used)}, first sample after {watched.first:.2f} s"
    )
    print(f"resident {mib(resident)}, of that in no file {mib(anonymous)}; by kind: "
          + ", ".join(f"{kind} {mib(size)}" for kind, size in kinds.items()))  # fmt: skip
    if smi is None:
        print("no nvidia-smi here")
        return 0
    ratio = ours / smi[0]
    fits = ratio <= BOUND and used <= LARGEST
    print(f"nvidia-smi at each sample: {smi[0]:.2f} % of a core, {1000 * smi[1]:.0f} ms each; ratio 1/{1 / ratio:.0f} "
          f"(at most 1/{1 / BOUND:.0f}, {LARGEST >> 20} MiB) {'ok' if fits else 'TOO MUCH'}")  # fmt: skip
    return 0 if fits else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0, sys.argv[2] if len(sys.argv) > 2 else None))
