"""What else there is of what is selected, below the panel's table: only where lines would stay empty."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from gpuws.present.line import Line, Span
from gpuws.present.tables.base import Table
from gpuws.tui.toolkit import table_lines
from gpuws.tui.toolkit.fitting import spread

LEAST = 3
"""Lines that a table needs: its rule, its heading, a row."""


class Below(NamedTuple):
    """A line, and where a click on it leads: to the panel's table of that number, and there to the row of that key, ""
    to none."""

    line: Line
    tab: int
    key: str = ""


def below(tables: Iterable[tuple[int, str, Table]], width: int, room: int) -> list[Below]:
    """As many of these, each with its number and name, as `room` lines hold."""
    found: list[Below] = []
    for tab, name, table in tables:
        left = room - len(found)
        if left < LEAST:
            break
        if table.rows:
            found.append(Below(_rule(f"{tab} {name}", len(table.rows), width), tab))
            found.append(Below(table_lines.heading(table.columns, width), tab))
            rows = table.rows[: left - LEAST + 1]
            found += [Below(table_lines.table_line(table, row, width), tab, row.key) for row in rows]
    return found


def _rule(name: str, number: int, width: int) -> Line:
    start: Line = (Span("─ ", "rule"), Span(f"{name} ", "muted"), Span(f"{number} ", "text"))
    return spread(start, (Span("─", "rule"),), width, "─")
