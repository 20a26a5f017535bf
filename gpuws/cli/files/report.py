"""What is said of a copy when it is over."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.cli.files.transfer import Transfer
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.model import units


@dataclass(frozen=True, slots=True)
class Row:
    """Where a thing came from, and where it lies now; as typed."""

    source: str
    target: str


def tell_end(
    options: Options, rows: Sequence[Row], transfers: Sequence[Transfer], seconds: float, *, wrong: int
) -> int:
    """A document where one is asked for, a line for a person who looked on, nothing for a script. `wrong`: how many
    things did not come along."""
    files, resumed = sum(one.tally.files for one in transfers), sum(one.resumed for one in transfers)
    size = sum(one.tally.content for one in transfers)
    if options.json:
        from gpuws.present.documents.actions import copied
        from gpuws.present.documents.base import printed

        pairs = [(row.source, row.target) for row in rows]
        sys.stdout.write(f"{printed(copied(pairs, files, size, resumed, seconds, wrong=wrong))}\n")
    elif sys.stderr.isatty():
        of = f", {units.size(resumed)} of it from before" if resumed else ""
        where = rows[0].target if len(rows) == 1 else f"{len(rows)} things"
        note(f"{units.count(files, 'file')}, {units.size(size)}{of}, {units.duration(seconds)}: {where}")
    return 1 if wrong else 0
