"""A table of any panel or dialog: fixed columns, marks, the cursor on a key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.message import Message

from gpuws.present.glyphs import FOLDED, WELL
from gpuws.present.line import Line, text_of
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.present.tables.sorting import FALLING, RISING, Sort, by_column, families
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
        self.folded: set[str] = set()
        """Keys of rows whose own are not shown; where they have a `level`."""
        self.wanted = ""
        self.opens_word = ""
        self._sorts: dict[tuple[Column, ...], Sort] = {}

    def set_table(self, table: Table, *, asked: bool = False) -> None:
        """Show this table; rows that read the same are left alone. `asked`: as of `show`."""
        columns = table.columns != self.table.columns
        self.table = table
        self.sort = self._sorts.get(table.columns, Sort())
        self.marked &= {row.key for row in table.rows}
        self.show([row for row in self._unfolded(by_column(table, self.sort)) if self._fits(row)], asked=asked)
        if columns or not self.rows:
            self.repaint_all()

    def _unfolded(self, rows: Sequence[TableRow]) -> Iterator[TableRow]:
        for head, under in families(rows):
            yield head
            if head.key not in self.folded:
                yield from self._unfolded(under)

    def parents(self) -> dict[str, str]:
        """The key of each row that belongs to another, and that one's."""
        found: dict[str, str] = {}
        above: list[TableRow] = []
        for row in self.table.rows:
            above = [each for each in above if each.level < row.level]
            if above:
                found[row.key] = above[-1].key
            above.append(row)
        return found

    def fold(self) -> None:
        """The row, or the one that it belongs to: without their own."""
        if (row := self.current) is not None:
            parents = self.parents()
            key = row.key if row.key in parents.values() and row.key not in self.folded else parents.get(row.key)
            if key is not None:
                self.folded.add(key)
                self.set_table(self.table, asked=True)
                self.select(key)

    def unfold(self) -> None:
        if (row := self.current) is not None and row.key in self.folded:
            self.folded.discard(row.key)
            self.set_table(self.table, asked=True)

    def opens_as(self) -> str:
        return self.opens_word

    def look_for(self, text: str) -> str:
        """Show only rows with all these words; any words are a filter."""
        self.wanted = text
        self.set_table(self.table, asked=True)
        return ""

    def _fits(self, row: TableRow) -> bool:
        words = self.wanted.lower().split()
        text = " ".join(text_of(cell) for cell in (*row.cells, row.across)).lower() if words else ""
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
        return table_lines.heading(self.table.columns, width, self._arrow()) if titled else None

    def _arrow(self) -> table_lines.Arrow | None:
        for index, column in enumerate(self.table.columns):
            if column.title and column.title == self.sort.column:
                return table_lines.Arrow(index, FALLING if self.sort.falls(column.at_right) else RISING)
        return None

    def sortable(self) -> Sequence[str]:
        columns = self.table.columns
        shown = (columns[place.column].title for place in table_lines.placed(columns, max(self.inner_width, 1)))
        return [title for title in shown if title]

    def column_at(self, x: int) -> str | None:
        columns = self.table.columns
        index = table_lines.column_at(table_lines.placed(columns, max(self.inner_width, 1)), x)
        return None if index is None else columns[index].title

    def sorted_anew(self) -> None:
        self._sorts[self.table.columns] = self.sort
        self.set_table(self.table, asked=True)

    def line(self, index: int, width: int) -> Line:
        row = self.rows[index]
        mark = WELL if row.key in self.marked else FOLDED if row.key in self.folded else ""
        return table_lines.table_line(self.table, row, width, mark)

    def nothing(self) -> str:
        return "Nothing matches. esc shows all." if self.wanted else self.table.empty
