"""On a real NVIDIA machine: does the probe's agent say of each process what `nvidia-smi pmon` says?

Run it there with `python3 -m scripts.agree_with_pmon [SECONDS]` beside programs that begin, work and end; pynvml is all
that it needs. It prints a row a process and ten seconds, then how long after pmon each was shown at work and at rest.
It ends with status 1 where means of ten seconds lie more than 5 points apart."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import defaultdict
from typing import Any

from gpuws.probe.agent.gpu import Turn
from gpuws.probe.agent.nvml import Nvml

EVERY = 2.0  # seconds between two readings, as the agent has it
SPAN = 10  # seconds
APART = 5.0  # percentage points
AT_WORK = 5.0  # percent
Said = dict[int, list[tuple[float, float]]]
"""pid → when, and percent of its GPU."""


def follow(said: Said) -> subprocess.Popen[str]:
    """What pmon says, as it comes."""
    argv = ["nvidia-smi", "pmon", "-s", "u", "-d", "1"]
    child = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)

    def read() -> None:
        for line in child.stdout or ():
            words = line.split()
            if len(words) > 3 and words[1].isdigit():
                said[int(words[1])].append((time.time(), float(words[3]) if words[3].isdigit() else 0.0))

    threading.Thread(target=read, daemon=True).start()
    return child


def mean(said: list[tuple[float, float]], begin: float) -> float | None:
    """Of what was said at least every other second; None where it was told for a part of the span only."""
    told = [(at, value) for at, value in said if begin <= at < begin + SPAN]
    whole = told and told[0][0] < begin + EVERY and told[-1][0] >= begin + SPAN - 1.5 * EVERY
    return sum(value for _, value in told) / len(told) if whole else None


def edges(said: list[tuple[float, float]]) -> tuple[float, float] | None:
    """When it was first and last said to be at work."""
    working = [at for at, value in said if value > AT_WORK]
    return (working[0], working[-1]) if working else None


def main() -> int:
    seconds = float(sys.argv[1] if len(sys.argv) > 1 else 60)
    ours: Said = defaultdict(list)
    theirs: Said = defaultdict(list)
    turn_of: Any = Turn
    nvml: Any = Nvml()  # type: ignore[no-untyped-call]  # runs on Python 3.6, too
    child, began, cost, turn = follow(theirs), time.time(), time.process_time(), 0
    while time.time() < began + seconds:
        for row in nvml.read(turn_of(turn - 1, turn))["processes"]:
            if row["utilization"] is not None:
                ours[row["pid"]].append((time.time(), row["utilization"]))
        turn += 1
        time.sleep(max(began + turn * EVERY - time.time(), 0))
    child.terminate()
    bad = 0
    for pid in sorted(ours.keys() | theirs.keys()):
        for begin in range(int(seconds) // SPAN):
            mine, pmon = (mean(said[pid], began + begin * SPAN) for said in (ours, theirs))
            if mine is not None and pmon is not None:
                bad += abs(mine - pmon) > APART
                print(f"pid {pid} {begin * SPAN:3} s: {mine:5.1f} pmon {pmon:5.1f}")
        first, second = edges(ours[pid]), edges(theirs[pid])
        if first and second:
            print(f"pid {pid} at work {first[0] - second[0]:+.1f} s after pmon, at rest {first[1] - second[1]:+.1f} s")
    print(f"{turn} readings, {(time.process_time() - cost) / turn * 1000:.2f} ms each; {bad} means apart")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
