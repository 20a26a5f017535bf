"""`gpuws kernels ls`: every host is asked anew, since nobody reads notebooks where nobody looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gpuws.cli.listings.kinds import Listing, Moment, Renewal
from gpuws.cli.listings.listing import show
from gpuws.cli.toolkit.options import Options
from gpuws.model.errors import UsageError
from gpuws.model.host.completeness import HOLDERS
from gpuws.model.moments import parse_duration
from gpuws.model.ownership.kernels import Kernel, idle_longer, kernels

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet
    from gpuws.present.documents.base import Data
    from gpuws.present.tables.base import Table


def ask(fleet: Fleet, host: str) -> bool:
    return fleet.read_notebooks(host)


RENEWAL = Renewal(ask, "notebooks", "gpuws kernels ls", always=True)


def list_kernels(options: Options, hosts: Sequence[str], idle: str | None, *, mine: bool) -> int:
    longer = seconds(idle)

    def chosen(at: Moment) -> list[Kernel]:
        return list(_chosen(at, longer, mine=mine))

    def table(at: Moment) -> Table:
        from gpuws.present.tables.notebooks import listing

        return listing(at.snapshots, chosen(at), at.now)

    def data(at: Moment) -> Data:
        from gpuws.present.documents.kernels import kernels as document

        return document(at.snapshots, chosen(at), at.now)

    return show(Listing(HOLDERS, lambda at, _: at, table, data, renewal=RENEWAL), options, hosts, [])


def seconds(idle: str | None) -> float | None:
    """Of `--idle`."""
    if idle is None:
        return None
    try:
        return parse_duration(idle)
    except ValueError as error:
        raise UsageError(f"--idle {idle}: {error}") from error


def _chosen(at: Moment, longer: float | None, *, mine: bool) -> Iterator[Kernel]:
    found = (one for snapshot in at.snapshots for one in kernels(snapshot) if one.mine or not mine)
    return iter(found) if longer is None else idle_longer(found, longer, at.now)
