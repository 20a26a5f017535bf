"""What is said of a copy when it is over."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.model import units
from gpuws.model.files.copied import Copied


@dataclass(frozen=True, slots=True)
class Row:
    """Where a thing came from, and where it lies now; as typed."""

    source: str
    target: str


def tell_end(options: Options, rows: Sequence[Row], done: Copied, seconds: float, *, wrong: int) -> int:
    """A document where one is asked for, a line for a person who looked on, nothing for a script. `wrong`: how many
    things did not come along."""
    if options.json:
        from gpuws.present.documents.actions import copied
        from gpuws.present.documents.base import printed

        pairs = [(row.source, row.target) for row in rows]
        sys.stdout.write(f"{printed(copied(pairs, done.files, done.size, done.resumed, seconds, wrong=wrong))}\n")
    elif sys.stderr.isatty():
        of = f", {units.size(done.resumed)} of it from before" if done.resumed else ""
        where = rows[0].target if len(rows) == 1 else f"{len(rows)} things"
        note(f"{units.count(done.files, 'file')}, {units.size(done.size)}{of}, {units.duration(seconds)}: {where}")
    return 1 if wrong else 0
