"""Which processes load hosts most, as `hosts top --json` prints it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.model.units import timestamp
from gpuws.present.documents.base import hosts

if TYPE_CHECKING:  # a listing starts without the modules of what it does not show
    from gpuws.model.host.busiest import Busiest, HostProcess
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.present.documents.fields.load import HostLoadRow, LoadDocument, LoadRow


def load(snapshots: Sequence[HostSnapshot], every: Sequence[Busiest], now: float) -> LoadDocument:
    return {"hosts": hosts(snapshots, now), "load": [_host(one) for one in every]}


def _host(found: Busiest) -> HostLoadRow:
    return {
        "host": found.host,
        "read": timestamp(found.at),
        "seconds": found.seconds,
        "cores": found.cores,
        "processes_seen": found.count,
        "hidden": found.hidden,
        "stalled_mounts": [
            {"server": one.server, "places": list(one.places), "waiting": list(one.waiting)} for one in found.stalled
        ],
        "processes": [_process(one) for one in found.processes],
    }


def _process(one: HostProcess) -> LoadRow:
    return {
        "pids": list(one.pids),
        "user": one.user,
        "mine": one.mine,
        "kind": one.kind or None,
        "command": one.command,
        "cpu_percent": one.cpu_percent,
        "memory_bytes": one.memory,
        "state": one.state or None,
        "waits_seconds": one.waits,
        "waits_in": one.waits_in,
        "started": timestamp(one.started_at),
        "container": one.container,
        "session": one.session,
        "job": one.job,
        "gpus": list(one.gpus),
    }
