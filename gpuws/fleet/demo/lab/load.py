"""What would load the demo's hosts beside their GPUs: data loaders, editors, an agent. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gpuws.fleet.demo.lab.machines import GIB, ME
from gpuws.model.gpu.reading import ProcessReading
from gpuws.model.host.busiest import LoadReading, LoadTold

LOADERS = 6
AT_WORK = 50  # percent of a core
_BESIDE = (
    LoadReading(
        2201, 2190, "node", ME, 1000, "/home/alice/.vscode-server/bin/f1a4fb/node out/server-main.js",
        "S", 4.0, 3 * GIB // 10,
    ),
    LoadReading(
        2288, 2201, "node", ME, 1000, "/home/alice/.vscode-server/bin/f1a4fb/node --type=extensionHost",
        "R", 61.0, 14 * GIB // 10,
    ),
    LoadReading(3377, 3300, "claude", "bob", 1001, "claude", "S", 23.0, GIB * 6 // 10),
    LoadReading(1102, 1, "dockerd", "root", 0, "/usr/bin/dockerd -H fd://", "S", 2.0, GIB // 8),
)  # fmt: skip


def told(processes: Sequence[ProcessReading], born: float) -> LoadTold:
    """`processes`: those on GPUs; whichever works has its data loaded by others. `born`: when the rest began."""
    found: dict[int, LoadReading] = {}
    for process in processes:
        if process.pid in found:
            continue
        found[process.pid] = main = LoadReading(
            process.pid, 1, "python", process.user, process.uid, process.command, "R", process.cpu_percent,
            6 * GIB, GIB, process.started_at, process.container_ids, process.session,
        )  # fmt: skip
        for number in range(LOADERS if (process.cpu_percent or 0) >= AT_WORK else 0):
            pid = process.pid * 10 + 1 + number
            found[pid] = replace(main, pid=pid, parent=process.pid, cpu_percent=74.0, memory=2 * GIB)
    beside = [replace(one, started_at=born - 7200.0) for one in _BESIDE]
    return LoadTold((*found.values(), *beside), 2.0, len(found) + 380)
