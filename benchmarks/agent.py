"""What the agent costs on a server, as a ratio to one `nvidia-smi` at each of its samples, over the same minute.

Runs on the server itself, best with something on its GPUs; only Python, gpuws and nvidia-ml-py are needed there.

    python -m benchmarks.agent [SECONDS [PYTHON]] [--without-python]

The last: also what takes its place where there is no Python, as a multiple of the agent, and bounded by that.
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
from gpuws.probe.client import NO_PYTHON, Probe
from gpuws.probe.smi.client import SmiProbe

INTERVAL = 2.0  # seconds
WARM = 3  # samples before the minute begins
BOUND = 1 / 20
LARGEST = 25 << 20  # bytes
WITHOUT = "--without-python"
MULTIPLE = 2.0  # of the agent's cost, where there is no Python
SMI = "nvidia-smi"  # as people run it: it shows processes, as the agent does


class Watched:
    """A probe of this machine, as a workstation has it."""

    def __init__(self, python: str | None, *, without: bool = False) -> None:
        self.readings: list[HostReading] = []
        self._came = threading.Condition()
        host = Host("local", telemetry_interval=INTERVAL, python=python)
        calls = (self._facts, self._reading, self._end)
        self.probe: Probe | SmiProbe = (
            SmiProbe(LocalLink(), host, *calls, reason=NO_PYTHON) if without else Probe(LocalLink(), host, *calls)
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

    def _end(self, why: Fault) -> None:
        sys.exit(f"the agent ended: {why}")


def mib(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"


def agent_pid(*others: int) -> int:
    """Our child that is the agent; none of the `others`."""
    for pid in children(os.getpid()):
        if pid not in others and b"gpuws-probe" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    raise SystemExit("the agent does not run")


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def cpu_seconds(pid: int) -> float:
    """Of all its threads so far, which live as long as it does: finer than the kernel's ticks."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def tree_seconds(pid: int) -> float:
    """Of a shell and all that it starts, those that ended among them: of these to the kernel's tick."""
    numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ended = sum(map(int, numbers[13:15])) / os.sysconf("SC_CLK_TCK")
    return cpu_seconds(pid) + ended + sum(tree_seconds(child) for child in children(pid))


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


def main(seconds: float, python: str | None, *, without: bool) -> int:
    watched = Watched(python)
    watched.probe.start()
    watched.wait_for(WARM)
    pid = agent_pid()
    if without:
        return compare(seconds, watched, pid)
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


def compare(seconds: float, watched: Watched, agent: int) -> int:
    """What takes the agent's place, beside it over the same minute."""
    shell = Watched(None, without=True)
    shell.probe.start()
    shell.wait_for(WARM)
    pid = agent_pid(agent)
    before = cpu_seconds(agent), tree_seconds(pid)
    time.sleep(seconds)
    ours, its = (100 * spent / seconds for spent in (cpu_seconds(agent) - before[0], tree_seconds(pid) - before[1]))
    last = shell.readings[-1]
    watched.probe.close()
    shell.probe.close()
    fits = its <= MULTIPLE * ours
    print(
        f"without Python, {len(last.gpus)} GPUs, {len(last.processes)} processes: {its:.3f} % of a core, first sample "
        f"after {shell.first:.2f} s; the agent {ours:.3f} %: {its / ours:.1f} times "
        f"(at most {MULTIPLE:.0f}) {'ok' if fits else 'TOO MUCH'}"
    )
    return 0 if fits else 1


if __name__ == "__main__":
    given = [word for word in sys.argv[1:] if word != WITHOUT]
    minute = float(given[0]) if given else 60.0
    sys.exit(main(minute, given[1] if len(given) > 1 else None, without=WITHOUT in sys.argv))
