"""From the start of the process to the numbers of N hosts, as a ratio to N `ssh HOST true` at once.

Needs the lab (`make lab`): the hosts are aliases of its three. A tenth of N more take the connection and never answer:
then the time is that of the shortest --timeout with which every host that answers has its numbers.

    python -m benchmarks.fleet [RUNS]
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.inventories import environment, reachable, silent_port, write_inventory
from benchmarks.startup import GPUWS

SIZES = (1, 8, 32)
BOUND = 1.5
STEP = 0.05  # of the time that ssh takes
BEGIN = 0.7  # of the time that gpuws takes where all answer
PATIENCE = 60.0  # seconds


def ssh(directory: Path, names: Sequence[str]) -> float:
    """Seconds until all of N `ssh HOST true` that were started at once have ended."""
    command = ["ssh", "-F", str(directory / "ssh_config"), "-o", "BatchMode=yes"]
    began = time.perf_counter()
    running = [subprocess.Popen([*command, name, "true"], stdin=subprocess.DEVNULL) for name in names]
    ended = [process.wait(PATIENCE) for process in running]
    if any(ended):
        raise SystemExit("ssh failed")
    return time.perf_counter() - began


def gpuws(environ: Mapping[str, str], names: Sequence[str], timeout: float | None = None) -> tuple[float, int]:
    """Seconds from exec until the JSON was read to its end, and how many of the hosts have numbers in it."""
    waiting = [] if timeout is None else ["--timeout", f"{timeout:.3f}"]
    began = time.perf_counter()
    process = subprocess.Popen(
        [GPUWS, "gpus", "--json", *waiting],
        env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    text, took = _until_printed(process)
    process.wait(PATIENCE)
    return took - began, reachable(names, json.loads(text))


def _until_printed(process: subprocess.Popen[bytes]) -> tuple[str, float]:
    """The JSON ends with a brace at the beginning of a line; the program may still close its links then."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line == b"}\n":
            break
    return b"".join(lines).decode(), time.perf_counter()


def shortest(environ: Mapping[str, str], names: Sequence[str], begin: float, base: float) -> float:
    """Seconds of the first run in which all had numbers, with a --timeout that grows from run to run."""
    timeout = begin
    while True:
        took, found = gpuws(environ, names, timeout)
        if found == len(names):
            return took
        timeout += STEP * base


@dataclass(frozen=True, slots=True)
class Times:
    """Medians of seconds: ssh; gpuws where all answer, where a tenth more hangs, and through a warm keeper."""

    ssh: float
    well: float
    ill: float
    warm: float


def measure(size: int, runs: int) -> Times:
    """Runs are interleaved."""
    with tempfile.TemporaryDirectory(prefix="gpuws-") as name, silent_port() as port:
        well, ill = Path(name, "well"), Path(name, "ill")
        names = write_inventory(well, size)
        tenth = -(-size // 10) if size > 1 else 0
        write_inventory(ill, size, hung=tenth, port=port)
        own, hung, kept = (
            environment(well, keeper=False),
            environment(ill, keeper=False),
            environment(well, keeper=True),
        )
        took: list[tuple[float, ...]] = []
        try:
            for _ in range(runs + 1):
                base, ours = ssh(well, names), complete(own, names)
                beside = shortest(hung, names, BEGIN * ours, base) if tenth else ours
                took.append((base, ours, beside, complete(kept, names)))
        finally:
            subprocess.run([GPUWS, "keeper", "stop"], env=kept, check=False, capture_output=True, timeout=PATIENCE)
        # The first run only warms caches, and starts the keeper.
        return Times(*map(statistics.median, zip(*took[1:], strict=True)))


def complete(environ: Mapping[str, str], names: Sequence[str]) -> float:
    """Seconds; all must have numbers."""
    took, found = gpuws(environ, names)
    if found < len(names):
        raise SystemExit(f"only {found} of {len(names)} hosts had numbers")
    return took


def main(runs: int) -> int:
    within = True
    for size in SIZES:
        times = measure(size, runs)
        ratio = max(times.well, times.ill) / times.ssh
        within = within and ratio <= BOUND
        print(
            f"gpuws gpus --json, {size} hosts: {times.well * 1000:.0f} ms, with a tenth more hung: "
            f"{times.ill * 1000:.0f} ms, with a warm keeper: {times.warm * 1000:.0f} ms; {size} ssh true at once: "
            f"{times.ssh * 1000:.0f} ms; ratios {times.well / times.ssh:.2f}, {times.ill / times.ssh:.2f}, "
            f"{times.warm / times.ssh:.2f} (at most {BOUND:g}) {'ok' if ratio <= BOUND else 'TOO SLOW'}",
            flush=True,
        )
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
