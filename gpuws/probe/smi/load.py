"""Which processes load a host most, by a POSIX shell, `cat` and `ps`, where there is no Python.

What /proc/PID/stat tells is read in the one place that the agent has for it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from gpuws.link.place import Place
from gpuws.model.host.busiest import LoadTold
from gpuws.probe.agent.load.table import WAITS, Row, parsed, stuck
from gpuws.probe.agent.load.top import choose, share
from gpuws.probe.agent.processes import hides_processes
from gpuws.probe.parse_load import load_of
from gpuws.probe.smi import rows
from gpuws.probe.smi.script import MARK, describe_argv

PATIENCE = 15.0  # seconds
TICK, PAGE = 100, 4096  # as nearly every Linux has them, where the host does not say
SCRIPT = f"""
LC_ALL=C; export LC_ALL
echo "{MARK} units $(getconf CLK_TCK 2>/dev/null) $(getconf PAGESIZE 2>/dev/null)"
read -r up _ </proc/uptime; echo "{MARK} at $up"
cat /proc/[0-9]*/stat 2>/dev/null
sleep 1
read -r up _ </proc/uptime; echo "{MARK} at $up"
cat /proc/[0-9]*/stat 2>/dev/null
echo "{MARK} mounts"
while read -r line; do case $line in *" /proc proc "*) echo "$line" ;; esac; done </proc/self/mounts
"""

Table = dict[int, Row]


def read_load(place: Place) -> LoadTold:
    """Asked now; GpuwsError where not even a shell answers."""
    told = place.run(argv(), timeout=PATIENCE).stdout.decode("utf-8", "replace")
    looks, (tick, page), hidden = _parted(told)
    if len(looks) < 2:
        return LoadTold(hidden=hidden)
    (began, before), (ended, now) = looks[-2:]
    seconds = max(ended - began, 0.01)
    shares = {
        pid: share(row, before.get(pid), seconds, tick)  # type: ignore[no-untyped-call]
        for pid, row in now.items()
    }
    waiting = dict.fromkeys(stuck(before, now), seconds)  # type: ignore[no-untyped-call]
    chosen = choose(now, shares, waiting, page)  # type: ignore[no-untyped-call]
    described = _described(place, [pid for pid in chosen if now[pid].state != WAITS])
    found = [
        {
            "command": f"[{now[pid].name}]",
            **described.get(pid, {}),
            "pid": pid,
            "parent": now[pid].parent,
            "name": now[pid].name,
            "state": now[pid].state,
            "cpu_percent": shares[pid],
            "memory": now[pid].pages * page,
            "waits": waiting.get(pid),
        }
        for pid in chosen
    ]
    return load_of({"seconds": round(seconds, 2), "count": len(now), "hidden": hidden, "processes": found})


def argv() -> list[str]:
    return ["sh", "-c", SCRIPT, "gpuws-probe"]


def _parted(told: str) -> tuple[list[tuple[float, Table]], tuple[int, int], bool]:
    """The looks with their times, in seconds since the boot; ticks a second and bytes a page; whether /proc hides."""
    looks: list[tuple[float, Table]] = []
    units, rest, word = [TICK, PAGE], "", ""
    for line in told.splitlines():
        if line.startswith(f"{MARK} "):
            word, _, rest = line[len(MARK) + 1 :].partition(" ")
            if word == "units":
                said = [rows.whole(each) for each in rest.split()]
                units = [found or usual for found, usual in zip([*said, None, None], units, strict=False)]
            elif word == "at":
                looks.append((rows.real(rest) or 0.0, {}))
            rest = ""
        elif word == "at":
            pid = rows.whole(line.partition(" ")[0])
            row = _row(line)
            if pid and row is not None:
                looks[-1][1][pid] = row
        elif word == "mounts":
            rest += line + "\n"
    return looks, (units[0], units[1]), bool(hides_processes(rest))  # type: ignore[no-untyped-call]


def _row(line: str) -> Row | None:
    try:
        found: Row | None = parsed(line)  # type: ignore[no-untyped-call]
    except ValueError:
        return None
    return found


def _described(place: Place, pids: list[int]) -> Mapping[int, dict[str, Any]]:
    if not pids:
        return {}
    told = place.run(describe_argv(pids), timeout=PATIENCE).stdout.decode("utf-8", "replace")
    prefix, now = f"{MARK} pid ", time.time()
    found = (rows.described(line[len(prefix) :], now) for line in told.splitlines() if line.startswith(prefix))
    return dict(pair for pair in found if pair is not None)
