"""Profiles to launch from, and the values of one, as tables. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model import units
from gpuws.model.profile.profile import ProfileSummary
from gpuws.present.line import Line, clean, one
from gpuws.present.tables.base import Column, Table, TableRow

COLUMNS = (Column("PROFILE"), Column("WHOSE"), Column("GPUS"), Column("IMAGE"), Column("DESCRIPTION"))
VALUES = (Column("KEY"), Column("VALUE"), Column("FROM"))
WIDEST = 80
"""Characters of a value: a Dockerfile is whole in the JSON only."""


def listing(summaries: Sequence[ProfileSummary]) -> Table:
    return Table(COLUMNS, tuple(_row(each) for each in summaries))


def values(told: Sequence[tuple[str, str, str]]) -> Table:
    """Each key of a merged profile, its value and where that was written."""
    rows = (TableRow(key, (one(key), one(clean(value, WIDEST)), one(where, "faint"))) for key, value, where in told)
    return Table(VALUES, tuple(rows))


def _row(profile: ProfileSummary) -> TableRow:
    cells = (
        one(profile.name),
        one(profile.owner, "mine" if profile.owner == "mine" else "text"),
        one(profile.gpus),
        one(profile.image or units.DASH),
        _about(profile),
    )
    return TableRow(profile.name, cells)


def _about(profile: ProfileSummary) -> Line:
    """What it is for; of a shared one where it lies, and what is to be known of it."""
    if profile.error:
        broken = profile.accepted
        return one(f"broken: {profile.error}" if broken else profile.error, "error" if broken else "warn")
    if profile.note:
        return one(profile.note, "warn")
    where = f" ({profile.source})" if profile.owner == "shared" else ""
    return one(f"{profile.description}{where}".strip())
