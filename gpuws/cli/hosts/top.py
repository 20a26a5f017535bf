"""hosts top: which processes load hosts most, all hosts asked at the same time."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from gpuws.cli.images.query import query_hosts
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.tables import coloured, render, style
from gpuws.model.host.busiest import Busiest
from gpuws.present.documents import load as documents
from gpuws.present.documents.base import printed
from gpuws.present.line import Line, Span
from gpuws.present.tables.load import busiest as table


def show_top(options: Options, hosts: Sequence[str], *, everything: bool) -> int:
    """`everything`: all rows that a host tells, not only the first ones."""
    with query_hosts(options, hosts) as query:
        answers = query.ask(lambda snapshot: query.fleet.busiest(snapshot.name), engine=False)
        found, now = list(answers.given.values()), time.time()
        if options.json:
            sys.stdout.write(f"{printed(documents.load(query.snapshots, found, now))}\n")
        else:
            _print(found, now, None if everything else table.SHOWN)
        return query.end(answers)


def _print(found: Sequence[Busiest], now: float, most: int | None) -> None:
    look = style()
    lines = [coloured(_named(one, note), look) for one in found for note in table.notes(one)]
    lines += render(table.listing(found, now, most=most), look) if found else []
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _named(found: Busiest, note: Line) -> Line:
    return (Span(f"{found.host}: ", "strong"), *note)
