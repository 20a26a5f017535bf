"""A container beside its profile: what differs."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model.captured import Difference
from gpuws.present.line import clean, one
from gpuws.present.table import Column, Table, TableRow

COLUMNS = (Column("KEY", 24), Column("ITS PROFILE SAYS", 26), Column("THE CONTAINER HAS", 0))
ABSENT = one("not there", "faint")


def drift_table(found: Sequence[Difference], name: str) -> Table:
    """One row a key. Where nothing differs, that is said."""
    rows = tuple(
        TableRow(
            each.key,
            (
                one(clean(each.key), "strong"),
                ABSENT if each.profile is None else one(clean(each.profile)),
                ABSENT if each.container is None else one(clean(each.container), "warn"),
            ),
        )
        for each in found
    )
    return Table(COLUMNS, rows, f"{clean(name)} is as its profile says.")
