"""What watching N hosts with eight GPUs each costs this machine: CPU, memory, and how old what is shown is.

The hosts are simulated where SSH would begin (see standin.py); parsing, joining, the keeper's socket and the screen on
a terminal of 45 × 160 are gpuws itself. Once all in one program (GPUWS_KEEPER=0), once as a keeper and a screen.

    python -m benchmarks.workstation [SECONDS]
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.inventories import environment
from benchmarks.processes import OnTerminal, cpu_seconds, memory, percentile
from gpuws.tui.app import BLURRED_INTERVAL

SIZES = (1, 8, 32, 128)
BOUNDS = {32: (10.0, 5.0), 128: (30.0, 15.0)}  # percent of a core, visible and blurred
SETTLE = 8.0  # seconds
BLUR = "\x1b[O"


@dataclass(frozen=True, slots=True)
class Cost:
    """Percent of a core, bytes, seconds."""

    visible: float
    blurred: float
    memory: int
    age_p50: float
    age_p95: float

    def __str__(self) -> str:
        return (
            f"visible {self.visible:.1f} %, blurred {self.blurred:.1f} % of a core, {self.memory / 2**20:.0f} MiB, "
            f"shown values {self.age_p50:.1f} s old (p50), {self.age_p95:.1f} s (p95)"
        )


@contextlib.contextmanager
def keeper(count: int, environ: Mapping[str, str]) -> Iterator[int]:
    """The pid of a keeper with simulated hosts."""
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.standin_keeper", str(count)], env=environ)
    try:
        while not list(Path(environ["XDG_RUNTIME_DIR"]).rglob("*.sock")):
            if process.poll() is not None:
                raise SystemExit("the keeper ended")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(10)


def measure(count: int, seconds: float, *, kept: bool) -> Cost:
    with tempfile.TemporaryDirectory(prefix="gpuws-") as name, contextlib.ExitStack() as stack:
        environ, report = environment(Path(name), keeper=kept), Path(name, "report")
        pids = [stack.enter_context(keeper(count, environ))] if kept else []
        words = [] if kept else ["--stand-in", str(count)]
        with OnTerminal([sys.executable, "-m", "benchmarks.screen_app", str(report), *words], environ) as screen:
            screen.wait_for("node-000")
            pids.append(screen.process.pid)
            time.sleep(SETTLE)
            visible, used = _percent(pids, seconds), sum(map(memory, pids))
            screen.send(BLUR)
            time.sleep(BLURRED_INTERVAL)
            blurred = _percent(pids, seconds)
            screen.send("q")
            screen.process.wait(20)
        ages = json.loads(report.read_text())["visible"]
        return Cost(visible, blurred, used, percentile(ages, 0.5), percentile(ages, 0.95))


def _percent(pids: list[int], seconds: float) -> float:
    """Of a core, all of them together."""
    before, began = sum(map(cpu_seconds, pids)), time.monotonic()
    time.sleep(seconds)
    return 100 * (sum(map(cpu_seconds, pids)) - before) / (time.monotonic() - began)


def main(seconds: float) -> int:
    within = True
    for count in SIZES:
        alone, kept = measure(count, seconds, kept=False), measure(count, seconds, kept=True)
        for name, cost in (("in one program", alone), ("keeper and screen", kept)):
            bound = BOUNDS.get(count)
            fits = bound is None or (cost.visible <= bound[0] and cost.blurred <= bound[1])
            within = within and fits
            said = "ok" if fits else "TOO MUCH"
            verdict = "" if bound is None else f" (at most {bound[0]:g} %, blurred {bound[1]:g} %) {said}"
            print(f"{count} hosts, {name}: {cost}{verdict}", flush=True)
        print(f"{count} hosts, keeper and screen to one program: ratio {kept.visible / alone.visible:.2f}", flush=True)
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 15.0))
