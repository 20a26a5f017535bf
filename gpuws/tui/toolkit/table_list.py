"""A table of any panel or dialog: fixed columns, marks, the cursor on a key."""

from __future__ import annotations

from textual.message import Message

from gpuws.present.glyphs import WELL
from gpuws.present.line import Line, text_of
from gpuws.present.tables.base import Table, TableRow
from gpuws.tui.toolkit import table_lines
from gpuws.tui.toolkit.row_list import RowList


class TableList(RowList[TableRow]):
    """`marked`: keys of marked rows."""

    class Marked(Message):
        """A row was marked or unmarked."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.table = Table()
        self.marked: set[str] = set()
        self.wanted = ""

    def set_table(self, table: Table, *, asked: bool = False) -> None:
        """Show this table; rows that read the same are left alone. `asked`: as of `show`."""
        columns = table.columns != self.table.columns
        self.table = table
        self.marked &= {row.key for row in table.rows}
        self.show([row for row in table.rows if self._fits(row)], asked=asked)
        if columns or not self.rows:
            self.repaint_all()

    def look_for(self, text: str) -> str:
        """Show only rows with all these words; any words are a filter."""
        self.wanted = text
        self.set_table(self.table, asked=True)
        return ""

    def _fits(self, row: TableRow) -> bool:
        words = self.wanted.lower().split()
        text = " ".join(text_of(cell) for cell in row.cells).lower() if words else ""
        return all(word in text for word in words)

    def toggle_mark(self) -> None:
        if (row := self.current) is not None:
            self.marked ^= {row.key}
            self.repaint()
            self.move(1)
            self.post_message(self.Marked())

    def clear_marks(self) -> None:
        self.marked.clear()
        self.repaint()

    def heading(self, width: int) -> Line | None:
        titled = self.rows and any(column.title for column in self.table.columns)
        return table_lines.heading(self.table, width) if titled else None

    def line(self, index: int, width: int) -> Line:
        row = self.rows[index]
        return table_lines.table_line(self.table, row, width, WELL if row.key in self.marked else "")

    def nothing(self) -> str:
        return "Nothing matches. esc shows all." if self.wanted else self.table.empty
