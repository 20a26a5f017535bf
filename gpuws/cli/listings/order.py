"""`--sort`: hosts among each other and GPUs within their host, as the screen's list has them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gpuws.model.errors import UsageError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.tables.sorting import Sort
from gpuws.tui.fleet.columns import COLUMNS
from gpuws.tui.fleet.order import CONFIGURED, FREE, gpus_in, hosts_in

FREE_FIRST = "free-first"
NAMES = (FREE_FIRST, *(column.id for column in COLUMNS if column.id != "trend"))


def parse(text: str | None) -> Sort:
    """UsageError where there is no such column. A minus turns it round."""
    if text is None:
        return CONFIGURED
    name = text.removeprefix("-")
    if name not in NAMES:
        raise UsageError(
            f"--sort {text}: there is no such column", f"one of {', '.join(NAMES)}; with a minus the other way round"
        )
    return Sort(FREE if name == FREE_FIRST else name, text.startswith("-"))


def arranged(snapshots: Sequence[HostSnapshot], sort: Sort) -> list[HostSnapshot]:
    return [replace(one, gpus=tuple(gpus_in(sort, one.gpus))) for one in hosts_in(sort, snapshots)]
