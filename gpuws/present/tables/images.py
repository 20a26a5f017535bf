"""Images of hosts' engines as a table, and how they compare with their registries. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gpuws.model import units
from gpuws.model.units import count
from gpuws.model.workspace.image import Image
from gpuws.present.line import Line, Span, clean, joined, one
from gpuws.present.tables.base import NOTHING, Column, Table, TableRow

HOST = Column("HOST", only="shell")
IMAGE = Column("IMAGE", 0)
REGISTRY = Column("REGISTRY", 16)
COLUMNS = (
    HOST,
    IMAGE,
    Column("ID", 12, drop=3),
    Column("SIZE", 6, at_right=True),
    Column("CREATED", 7, drop=1),
    Column("USED BY", 16, drop=2),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """An image against its registry. `newer` None: it can't be told; `error` says why, where something failed."""

    name: str
    newer: bool | None
    error: str | None = None


def listing(given: Mapping[str, Sequence[Image]], now: float) -> Table:
    """`given`: of each host."""
    return Table(COLUMNS, tuple(_row(host, image, now) for host, found in given.items() for image in found))


def comparison(given: Mapping[str, Sequence[Compared]]) -> Table:
    rows = [
        TableRow(each.name, (one(host), one(clean(each.name)), verdict(each)))
        for host, found in given.items()
        for each in found
    ]
    return Table((HOST, IMAGE, REGISTRY), tuple(rows))


def of_host(images: Sequence[Image], newer: Mapping[str, bool | None], now: float) -> Table:
    """The largest first. `newer`: by id, of those whose registries were asked."""
    ordered = sorted(images, key=lambda image: -(image.size or 0))
    rows = tuple(_row(image.host, image, now) for image in ordered)
    if not newer:
        return Table(COLUMNS, rows)
    told = {each.id: verdict(Compared(each.name, newer[each.id])) for each in images if each.id in newer}
    more = tuple(TableRow(row.key, (told.get(row.key, one("")), *row.cells)) for row in rows)
    return Table((REGISTRY, *COLUMNS), more)


def verdict(compared: Compared) -> Line:
    if compared.error:
        return one(clean(compared.error, 500), "error")
    if compared.newer is None:
        return one("made there, not pulled" if "@" not in compared.name else "named by its digest", "faint")
    return one("has a newer one", "warn") if compared.newer else one("the same", "ok")


def _row(host: str, image: Image, now: float) -> TableRow:
    first, others = clean(image.name), "".join(f" {clean(name)}" for name in image.names[1:])
    name: Line = (Span(first, "strong"), Span(others, "muted")) if others else one(first, "strong")
    users = " ".join(clean(user) for user in image.used_by)
    cells = (
        one(host),
        name if image.names else one("dangling", "faint"),
        one(clean(image.short_id), "faint"),
        one(units.size(image.size)),
        one(units.duration(None if image.created is None else now - image.created), "muted"),
        one(users) if users else NOTHING,
    )
    return TableRow(image.id, cells)


def summary(images: Sequence[Image]) -> str:
    """`12 images · 84G with shared layers · 2 without a name`"""
    total = units.size(sum(image.size or 0 for image in images))
    loose = sum(image.loose for image in images)
    return joined(
        [count(len(images), "image"), f"{total} with shared layers", f"{loose} without a name" if loose else ""]
    )
