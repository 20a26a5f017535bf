"""report: reads what is kept, sums it up, prints it."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Sequence

from gpuws.cli.toolkit.environment import demo_wanted
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.setup import keeper_home, user_paths
from gpuws.model.errors import UsageError
from gpuws.model.history.report import By, Report
from gpuws.model.history.report import report as sum_up
from gpuws.model.history.usage import Record
from gpuws.model.moments import parse_moment
from gpuws.present.report import words

WEEK = 7 * 86400.0  # seconds
FOR_PEOPLE = ("text", "md")
"""What says nothing on paper where nothing was watched."""


def show_report(
    options: Options,
    hosts: Sequence[str],
    since: str | None,
    until: str | None,
    by: By,
    form: str,
    *,
    names: bool,
) -> int:
    now = time.time()
    end = now if until is None else _moment("--until", until, now)
    begin = end - WEEK if since is None else _moment("--since", since, now)
    if begin >= end:
        raise UsageError("the report would end before it begins", "give --since an earlier moment than --until")
    record = _record(options, begin, end)
    chosen = _chosen(options, hosts, {each.host for each in record.watched})
    found = sum_up(record, begin, end, by, names=names, hosts=chosen)
    if found.gpus or form not in FOR_PEOPLE:
        sys.stdout.write(_text(found, form, now))
    if not found.gpus:
        note(f"{words.EMPTY} — {words.BEGIN}")
    return 0


def _moment(option: str, text: str, now: float) -> float:
    try:
        return parse_moment(text, now)
    except ValueError as error:
        raise UsageError(f"{option} {text}: {error}", "write 7d, 12h, 14:05 or 2026-05-01") from error


def _record(options: Options, since: float, until: float) -> Record:
    if demo_wanted():
        from gpuws.fleet.demo.lab.past_weeks import record

        return record(time.time())
    from gpuws.history.store import Store

    return Store(keeper_home(options, user_paths(options)).history).read(since, until)


def _chosen(options: Options, hosts: Sequence[str], watched: Collection[str]) -> Collection[str]:
    """Hosts that are no more may be asked for as well, where they were watched; a tag is of those that are."""
    others = [name for name in hosts if name not in watched]
    if not others and not options.tag:
        return hosts
    from gpuws.cli.toolkit.selection import chosen_hosts
    from gpuws.cli.toolkit.setup import set_up

    return {*hosts, *chosen_hosts(set_up(options, person=False), others, options.tag)}


def _text(found: Report, form: str, now: float) -> str:
    if form == "json":
        from gpuws.present.documents.base import printed
        from gpuws.present.documents.report import report

        return f"{printed(report(found))}\n"
    if form == "html":
        from gpuws.present.report.page import page

        return page(found, now)
    from gpuws.present.report import table

    if form == "csv":
        return table.comma_separated(found)
    return table.markdown(found) if form == "md" else _plainly(found)


def _plainly(found: Report) -> str:
    from gpuws.cli.toolkit.tables import coloured, filled, render, style
    from gpuws.present.report import table

    how = style()
    lines = [*table.before(found)]
    drawn = [coloured(filled(line, how.width) if how.width else line, how).rstrip() for line in lines]
    drawn += render(table.table(found), how)
    drawn += [coloured(filled(line, how.width) if how.width else line, how).rstrip() for line in table.after(found)]
    return "".join(f"{line}\n" for line in drawn)
