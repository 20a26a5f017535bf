"""Which columns the fleet list has, and in which order: seen at once in the list behind, and remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from gpuws.present.glyphs import TICKED, UNTICKED
from gpuws.present.line import Line, Role, Span, one
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.tui.command import Command
from gpuws.tui.dialogs.list_dialog import ListDialog
from gpuws.tui.fleet.columns import COLUMNS, NAME, FleetColumn, chosen


class ColumnChooser(ListDialog[None]):
    """`show`: shows these columns, none: the usual ones. The first column stands where it is."""

    KEYS_ABOUT = "columns"
    KEYS: ClassVar[tuple[Command[ColumnChooser], ...]] = (
        Command(
            "column-tick", "space,enter", "show, hide", "Show the column, or hide it",
            lambda it: it.tick(), hint=1,
        ),
        Command(
            "column-left", "left,shift+up", "left", "Move the column to the left",
            lambda it: it.shift(-1), hint=2,
        ),
        Command(
            "column-right", "right,shift+down", "right", "Move the column to the right",
            lambda it: it.shift(1), hint=3,
        ),
        Command(
            "columns-usual", "u", "usual", "The usual columns, in their order",
            lambda it: it.usual(), hint=4,
        ),
    )  # fmt: skip
    title_text = "Columns"
    opens = False

    def __init__(self, shown: Sequence[FleetColumn], show: Callable[[Sequence[str]], None]) -> None:
        super().__init__()
        self._show = show
        self._order: list[FleetColumn] = []
        self._ticked: set[str] = set()
        self._take(shown)

    def _take(self, shown: Sequence[FleetColumn]) -> None:
        """Those that are not shown stand behind the others."""
        self._order = [*shown, *(column for column in COLUMNS if column not in shown)]
        self._ticked = {column.id for column in shown}

    def table(self) -> Table:
        columns = (Column("", 16), Column("", 0))
        return Table(columns, tuple(TableRow(each.id, (self._title(each), _about(each))) for each in self._order))

    def _title(self, column: FleetColumn) -> Line:
        on = column.id in self._ticked
        role: Role = "muted" if column is NAME else "key"
        mark = Span(TICKED, role) if on else Span(UNTICKED, "muted")
        return (mark, Span(f" {column.column.title}", "text" if on else "muted"))

    def tick(self) -> None:
        if (key := self._current()) is not None:
            self._ticked ^= {key}
            self._apply()

    def shift(self, step: int) -> None:
        key = self._current()
        at = next((at for at, column in enumerate(self._order) if column.id == key), 0)
        if key is not None and 1 <= at + step < len(self._order):
            self._order.insert(at + step, self._order.pop(at))
            self._apply()

    def usual(self) -> None:
        self._take(chosen(()))
        self._apply()

    def _current(self) -> str | None:
        """The column under the cursor; None: it can't be changed."""
        row = self.rows.current
        if row is None or row.key == NAME.id:
            self.app.warn("the first column says which host and GPU it is: it stays")
            return None
        return row.key

    def _apply(self) -> None:
        ids = [column.id for column in self._order if column.id in self._ticked]
        self._show(() if ids == [column.id for column in chosen(())] else ids)
        self.update()


def _about(column: FleetColumn) -> Line:
    more = "; where there is room" if column.column.extra else ""
    return one(column.about + more, "muted")
