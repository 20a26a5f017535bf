"""How a container differs from its profile, as a table. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model.profile.captured import Difference
from gpuws.present.line import Line, clean, one
from gpuws.present.tables.base import Column, Table, TableRow

COLUMNS = (Column("KEY", 24), Column("PROFILE", 26), Column("CONTAINER", 0))
WIDEST = 60
"""Characters of a value; whole ones are in the JSON."""


def listing(found: Sequence[Difference], empty: str = "") -> Table:
    """One row a key."""
    rows = (
        TableRow(each.key, (one(clean(each.key), "strong"), _value(each.profile), _value(each.container)))
        for each in found
    )
    return Table(COLUMNS, tuple(rows), empty)


def _value(text: str | None) -> Line:
    return one("not there", "faint") if text is None else one(clean(text, WIDEST))
