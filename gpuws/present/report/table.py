"""The rows of a report as a table, for the shell; the same as Markdown and as CSV. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from gpuws.model.history.report import Gap, Report, Row
from gpuws.present.line import Line, Role, Span, one
from gpuws.present.report import words
from gpuws.present.tables.base import Column, Table, TableRow

BAR = 16
"""Cells of a bar."""
MOST_GAPS = 12
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would run begins so."""
HEADS = ("HELD h", "SHARE", "USED", "IDLE", "UTIL", "kWh")


def table(report: Report) -> Table:
    columns = (
        Column(words.TITLES[report.by], kept=True),
        *(Column(head, at_right=True, kept=True) for head in HEADS),
        Column("", extra=True),
    )
    longest = max((row.held.seconds for row in report.rows), default=0.0)
    rows = [_row(row, report, longest) for row in report.rows]
    return Table(columns, (*rows, _sum(report)), words.EMPTY)


def _cells(row: Row, report: Report) -> tuple[str, ...]:
    held = row.held
    return (
        words.name(row.whose, report),
        words.hours(held.seconds),
        words.share(held.seconds, words.of(row, report)),
        words.share(held.used, held.seconds),
        words.share(held.idle, held.seconds),
        words.load(held),
        words.energy(held),
    )


def _row(row: Row, report: Report, longest: float) -> TableRow:
    role: Role = "mine" if row.whose.kind == "me" else "text"
    texts = _cells(row, report)
    idle: Role = "idle" if row.held.idle > row.held.seconds / 4 else "text"
    cells = (one(texts[0], role), *(one(text, idle if at == 3 else "text") for at, text in enumerate(texts[1:])))
    return TableRow(texts[0], (*cells, _bar(row, longest)))


def _bar(row: Row, longest: float) -> Line:
    """What worked, what is neither for sure, what rested."""
    if longest <= 0:
        return ()
    cells = round(BAR * row.held.seconds / longest)
    worked = round(BAR * row.held.used / longest)
    rested = min(round(BAR * row.held.idle / longest), cells - worked) if cells > worked else 0
    parts: tuple[tuple[str, int, Role], ...] = (
        ("█", min(worked, cells), "ok"),
        ("▒", max(cells - worked - rested, 0), "muted"),
        ("░", rested, "idle"),
    )
    return tuple(Span(sign * count, role) for sign, count, role in parts if count)


def _sum(report: Report) -> TableRow:
    held = report.all
    texts = ("all", words.hours(held.seconds), words.share(held.seconds, report.watched))
    more = (words.share(held.used, held.seconds), words.share(held.idle, held.seconds))
    cells = (*texts, *more, words.load(held), words.energy(held))
    return TableRow("", (*(one(text, "strong") for text in cells), ()), sum=True)


def before(report: Report) -> list[Line]:
    """What stands above the table."""
    return [one(words.headline(report), "title"), one(words.extent(report)), ()]


def after(report: Report) -> list[Line]:
    """What stands below it: rests, gaps, how to read it."""
    found: list[Line] = [
        (),
        (Span("█ used", "ok"), Span("  "), Span("▒ neither for sure", "muted"), Span("  "), Span("░ idle", "idle")),
    ]
    if report.rests:
        found += [(), one("Longest idle", "head")]
        found += [one(f"  {words.rest(rest, report)}") for rest in report.rests]
    found += [(), one("Nobody watched" if report.gaps else "Watched without a gap", "head")]
    found += [one(f"  {line}") for line in gap_lines(report)]
    return found


def gap_lines(report: Report) -> list[str]:
    """The longest of many, and what the others are together."""
    if len(report.gaps) <= MOST_GAPS:
        return [words.gap(gap) for gap in report.gaps]
    shown = sorted(report.gaps, key=lambda gap: -gap.seconds)[:MOST_GAPS]
    left = [gap for gap in report.gaps if gap not in shown]
    rest = f"{len(left)} more, together {words.length(sum(gap.seconds for gap in left))}: --format json has all"
    return [*(words.gap(gap) for gap in sorted(shown, key=_by_host)), rest]


def _by_host(gap: Gap) -> tuple[str, float]:
    return gap.host, gap.since


def markdown(report: Report) -> str:
    lines = ["# GPU use", "", words.headline(report), "", f"{words.extent(report)}.", ""]
    heads = (words.TITLES[report.by].capitalize(), "Held h", "Share", "Used", "Idle", "Utilization", "kWh")
    lines += [f"| {' | '.join(heads)} |", f"|---|{'---:|' * len(HEADS)}"]
    lines += [f"| {' | '.join(_safe(cell) for cell in _cells(row, report))} |" for row in report.rows]
    summed = [span[0].text if span else "" for span in _sum(report).cells[:-1]]
    lines += [f"| {' | '.join(f'**{cell}**' for cell in summed)} |", ""]
    if report.rests:
        lines += ["## Longest idle", "", *(f"- {_safe(words.rest(rest, report))}" for rest in report.rests), ""]
    lines += ["## Nobody watched", ""]
    lines += [f"- {_safe(line)}" for line in gap_lines(report)] or ["Watched without a gap."]
    return "\n".join([*lines, "", *(f"{note}\n" for note in words.NOTES)])


def _safe(text: str) -> str:
    """No sign of it means anything in Markdown or HTML."""
    for sign in "\\`*_[]<>|#&":
        text = text.replace(sign, f"\\{sign}" if sign not in "<>&" else {"<": "&lt;", ">": "&gt;", "&": "&amp;"}[sign])
    return text


def comma_separated(report: Report) -> str:
    """RFC 4180. Unknown is empty."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        (report.by, "gpu_hours_held", "gpu_hours_used", "gpu_hours_idle", "utilization_percent", "energy_kwh")
    )
    writer.writerows(_values(report))
    return out.getvalue()


def _values(report: Report) -> Iterator[tuple[object, ...]]:
    for row in report.rows:
        held = row.held
        label = words.name(row.whose, report)
        yield (
            f"'{label}" if label.startswith(_FORMULA) else label,
            *(round(seconds / words.HOUR, 3) for seconds in (held.seconds, held.used, held.idle)),
            round(held.load / held.measured, 1) if held.measured else "",
            round(held.joules / 3.6e6, 3) if held.metered else "",
        )
