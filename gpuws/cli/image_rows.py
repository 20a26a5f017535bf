"""Images as rows of tables and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gpuws.cli import json
from gpuws.cli.tables import Cell, Table
from gpuws.model import units
from gpuws.model.image import Image
from gpuws.model.snapshot import HostSnapshot

Snapshots = Sequence[HostSnapshot]
NOTHING = Cell(units.DASH, "dim")


@dataclass(frozen=True, slots=True)
class Compared:
    """An image against its registry. `newer` None: it can't be told; `error` says why, where something failed."""

    name: str
    newer: bool | None
    error: str | None = None


def images(given: Mapping[str, Sequence[Image]], now: float) -> Table:
    rows = [_row(host, image, now) for host, found in given.items() for image in found]
    return Table(("HOST", "IMAGE", "ID", "SIZE", "CREATED", "USED BY"), tuple(rows), frozenset({"SIZE"}))


def _row(host: str, image: Image, now: float) -> tuple[Cell, ...]:
    age = None if image.created is None else now - image.created
    return (
        Cell(host),
        Cell(" ".join(image.names)) if image.names else Cell("dangling", "dim"),
        Cell(image.short_id, "dim"),
        Cell(units.size(image.size)),
        Cell(units.duration(age)),
        Cell(" ".join(image.used_by)) if image.used_by else NOTHING,
    )


def comparison(given: Mapping[str, Sequence[Compared]]) -> Table:
    rows = [(Cell(host), Cell(one.name), _verdict(one)) for host, found in given.items() for one in found]
    return Table(("HOST", "IMAGE", "REGISTRY"), tuple(rows))


def _verdict(one: Compared) -> Cell:
    if one.error:
        return Cell(one.error, "bad")
    if one.newer is None:
        return Cell("made there, not pulled" if "@" not in one.name else "named by its digest", "dim")
    return Cell("has a newer one", "warm") if one.newer else Cell("the same", "good")


def images_data(snapshots: Snapshots, given: Mapping[str, Sequence[Image]], now: float) -> json.Data:
    rows = [_image(host, image) for host, found in given.items() for image in found]
    return {"hosts": _hosts(snapshots, now), "images": rows}


def comparison_data(snapshots: Snapshots, given: Mapping[str, Sequence[Compared]], now: float) -> json.Data:
    rows = [
        {"host": host, "name": one.name, "newer": one.newer, "error": one.error}
        for host, found in given.items()
        for one in found
    ]
    return {"hosts": _hosts(snapshots, now), "images": rows}


def pruned_data(snapshots: Snapshots, given: Mapping[str, int], now: float) -> json.Data:
    rows = [{"host": host, "freed_bytes": freed} for host, freed in given.items()]
    return {"hosts": _hosts(snapshots, now), "pruned": rows}


def _hosts(snapshots: Snapshots, now: float) -> list[json.Data]:
    return [json.host(snapshot, now) for snapshot in snapshots]


def _image(host: str, image: Image) -> json.Data:
    return {
        "host": host,
        "id": image.id,
        "names": list(image.names),
        "digests": list(image.digests),
        "size_bytes": image.size,
        "created": units.timestamp(image.created),
        "used_by": list(image.used_by),
    }
