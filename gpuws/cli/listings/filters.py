"""`--filter` of the listings: snapshots with what all expressions mean. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.query.filter import IDLE_AFTER, compile_container_filter, compile_filter

_STATE = re.compile(r"\bstate\s*!?=")


def gpus(
    snapshots: Sequence[HostSnapshot], expressions: Sequence[str], idle_after: float = IDLE_AFTER
) -> list[HostSnapshot]:
    """Hosts with the GPUs that match. A host that lost all of them to the filter is left out."""
    tests = [compile_filter(text, idle_after=idle_after) for text in expressions]
    kept = []
    for snapshot in snapshots:
        left = tuple(gpu for gpu in snapshot.gpus if all(test(snapshot, gpu) for test in tests))
        if left or not snapshot.gpus or not tests:
            kept.append(replace(snapshot, gpus=left))
    return kept


def containers(snapshots: Sequence[HostSnapshot], expressions: Sequence[str]) -> list[HostSnapshot]:
    """Hosts with the containers that match; all hosts stay."""
    tests = [compile_container_filter(text) for text in expressions]
    return [
        replace(one, workspaces=tuple(c for c in one.workspaces if all(test(one, c) for test in tests)))
        for one in snapshots
    ]


def name_a_state(expressions: Sequence[str]) -> bool:
    """Somebody who filters by state wants stopped containers too."""
    return any(_STATE.search(text) for text in expressions)
