"""How fluent the screen is while 32 hosts come and others hang: the worst and the usual delay of its event loop, and
the time from a key to what it paints. Links in the screen's own program (GPUWS_KEEPER=0) and in the keeper, in one run.

Needs the lab (`make lab`): the hosts are aliases of its three, three more take the connection and never answer.

    python -m benchmarks.screen [SECONDS]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.inventories import environment, silent_port, write_inventory
from benchmarks.processes import OnTerminal, percentile
from benchmarks.startup import GPUWS

HOSTS, HUNG = 32, 3
STALL_BOUND = 0.05  # seconds
RIGHT = "\x1b[C"
PAUSE = 0.37  # seconds between keys: at every moment of the interval between samples


@dataclass(frozen=True, slots=True)
class Fluency:
    """Seconds. `worst_work`: the most that the loop did by itself between two looks; the rest of a delay is waiting for
    the interpreter or for a core."""

    worst_stall: float
    usual_stall: float
    worst_work: float
    worst_key: float
    usual_key: float

    def __str__(self) -> str:
        return (
            f"loop late by {1000 * self.worst_stall:.0f} ms at worst, {1000 * self.usual_stall:.0f} ms p99; own work "
            f"{1000 * self.worst_work:.0f} ms at worst; key to paint {1000 * self.worst_key:.0f} ms at worst, "
            f"{1000 * self.usual_key:.0f} ms p50"
        )


def measure(seconds: float, *, kept: bool) -> Fluency:
    with tempfile.TemporaryDirectory(prefix="gpuws-") as name, silent_port() as port:
        directory, report = Path(name), Path(name, "report")
        names = write_inventory(directory, HOSTS, hung=HUNG, port=port)
        environ = environment(directory, keeper=kept)
        try:
            argv = [sys.executable, "-m", "benchmarks.screen_app", str(report), "--stalls"]
            with OnTerminal(argv, environ) as screen:
                keys = press(screen, names[0], seconds)
                screen.send("q")
                screen.process.wait(20)
        finally:
            if kept:
                end_keeper(environ)
        looks = json.loads(report.read_text())["loop"]
        late = [look["late"] for look in looks]
        worked = max(look["worked"] for look in looks)
        return Fluency(max(late), percentile(late, 0.99), worked, max(keys), percentile(keys, 0.5))


def press(screen: OnTerminal, first: str, seconds: float) -> list[float]:
    """Up and down between the first GPUs; how long the panel's title took each time."""
    screen.wait_for(f"{first} · GPU ")  # the cursor goes to a free GPU by itself
    screen.send("g" + RIGHT)
    deadline = time.monotonic() + seconds
    took = []
    while time.monotonic() < deadline:
        for key, gpu in (("j", 0), ("j", 1), ("j", 2), ("k", 1), ("k", 0)):
            time.sleep(PAUSE)
            since, began = screen.mark(), time.perf_counter()
            screen.send(key)
            took.append(screen.wait_for(f"{first} · GPU {gpu} ", since) - began)
        screen.send("k")
    return took


def end_keeper(environ: Mapping[str, str]) -> None:
    subprocess.run([GPUWS, "keeper", "stop"], env=environ, check=False, capture_output=True, timeout=30)


def main(seconds: float) -> int:
    own, kept = measure(seconds, kept=False), measure(seconds, kept=True)
    print(f"links in the screen's program: {own}")
    print(f"links in the keeper:           {kept}")
    fits = kept.worst_stall <= STALL_BOUND
    print(
        f"worst stall, keeper to own program: ratio {kept.worst_stall / own.worst_stall:.2f}; key to paint "
        f"{kept.usual_key / own.usual_key:.2f}; at most {1000 * STALL_BOUND:.0f} ms {'ok' if fits else 'TOO LONG'}"
    )
    return 0 if fits else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0))
