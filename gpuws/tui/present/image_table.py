"""Images of a host's engine, as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gpuws.model import units
from gpuws.model.image import Image
from gpuws.present.line import Line, Span, clean, count, joined, one
from gpuws.present.table import Column, Table, TableRow

COLUMNS = (
    Column("SIZE", 6, True),
    Column("AGE", 6, True, drop=1),
    Column("USED BY", 16, drop=2),
    Column("IMAGE", 0),
)
ASKED = Column("NEWER", 12)
NEWER: Mapping[bool | None, Line] = {
    True: one("newer exists", "warn"),
    False: one("newest", "ok"),
    None: one("can't tell", "muted"),
}


def image_table(images: Sequence[Image], newer: Mapping[str, bool | None], now: float) -> Table:
    """The largest first. `newer`: by id, of those that were asked about."""
    ordered = sorted(images, key=lambda image: -(image.size or 0))
    rows = [(image, _row(image, now)) for image in ordered]
    if not newer:
        return Table(COLUMNS, tuple(TableRow(image.id, row) for image, row in rows))
    told = {image.id: NEWER[newer[image.id]] if image.id in newer else one("") for image in images}
    return Table((ASKED, *COLUMNS), tuple(TableRow(image.id, (told[image.id], *row)) for image, row in rows))


def _row(image: Image, now: float) -> tuple[Line, ...]:
    age = None if image.created is None else now - image.created
    users = ", ".join(clean(name, 40) for name in image.used_by)
    name = (Span(clean(image.name), "strong"), Span("".join(f"  {clean(other)}" for other in image.names[1:]), "muted"))
    loose: Line = (Span(clean(image.short_id), "muted"), Span("  no name leads to it", "faint"))
    return (
        one(units.size(image.size)),
        one(units.duration(age), "muted"),
        one(users or units.DASH, "text" if users else "muted"),
        loose if image.dangling else name,
    )


def summary(images: Sequence[Image]) -> str:
    """`12 images · 84G with shared layers · 2 without a name`."""
    total = units.size(sum(image.size or 0 for image in images))
    loose = sum(image.loose for image in images)
    return joined(
        [count(len(images), "image"), f"{total} with shared layers", f"{loose} without a name" if loose else ""]
    )
