"""What containers take, for a listing: two readings of every host at once, a second apart."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from gpuws.cli.toolkit.failures import note
from gpuws.engines import parallel
from gpuws.model.errors import GpuwsError
from gpuws.model.text import about

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet
    from gpuws.model.workspace.usage import Counters, Usage
    from gpuws.model.workspace.workspace import Ref

BETWEEN = 1.0
"""Seconds: shorter, and what the kernel counts in ticks says little."""
AT_ONCE = 16
"""Hosts."""


def measured(fleet: Fleet, refs: Iterable[Ref]) -> Mapping[Ref, Usage]:
    """Of these, as far as they run. A host that does not tell is named, and its containers have none."""
    from gpuws.model.workspace.usage import usage
    from gpuws.model.workspace.workspace import Ref

    asked: dict[str, tuple[str, ...]] = {}
    for ref in refs:
        asked[ref.host] = (*asked.get(ref.host, ()), ref.id)
    before = _read(fleet, asked)
    time.sleep(BETWEEN if before else 0.0)
    after = _read(fleet, {host: asked[host] for host in before})
    return {
        Ref(host, identity): one
        for host, counters in after.items()
        for identity, one in usage(before[host], counters).items()
    }


def _read(fleet: Fleet, asked: Mapping[str, tuple[str, ...]]) -> Mapping[str, Sequence[Counters]]:
    """By host, without those that failed."""
    found = parallel.each(partial(_of_host, fleet, asked), list(asked), AT_ONCE)
    return {host: counters for host, counters in zip(asked, found, strict=True) if counters is not None}


def _of_host(fleet: Fleet, asked: Mapping[str, tuple[str, ...]], host: str) -> Sequence[Counters] | None:
    try:
        return fleet.usage(host, asked[host])
    except GpuwsError as error:
        note(about(host, str(error)))
        return None
