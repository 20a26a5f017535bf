"""A dialog that is a table: one row is chosen, or nothing."""

from __future__ import annotations

from typing import TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from gpuws.model.text import plain
from gpuws.present.tables.base import Table
from gpuws.tui.dialogs.dialog import Dialog, set_title
from gpuws.tui.toolkit.row_list import RowList
from gpuws.tui.toolkit.table_list import TableList

T = TypeVar("T")


class ListDialog(Dialog[T]):
    """`title`, `table()` and `opened(key)` are what a kind of dialog says of itself."""

    DEFAULT_CSS = """
    ListDialog > .box { width: 110; }
    ListDialog TableList { height: 3; max-height: 100%; }
    ListDialog #remark { padding: 0 1; }
    """
    AUTO_FOCUS = "TableList"
    title_text = ""
    opens = True
    opens_word = ""
    """What ⏎ does, where there is a better word than "open"."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, self.title_text)
            rows = TableList()
            rows.opens, rows.opens_word = self.opens, self.opens_word
            yield rows
            yield Static(id="remark", classes="muted", markup=False)
            yield from self.foot()

    def on_mount(self) -> None:
        self.update()
        self.ready()

    @property
    def rows(self) -> TableList:
        return self.query_one(TableList)

    @property
    def most(self) -> int:
        """So many rows can be seen at once."""
        return max(self.app.size.height - 7, 2)

    def update(self) -> None:
        """Show the table as it is now; the box is as high as it needs."""
        self.rows.set_table(self.table())
        self.rows.styles.height = max(min(len(self.rows.rows), self.most) + 1, 2)
        self._moved()

    @on(RowList.Moved)
    def _moved(self) -> None:
        said, line = plain(self.remark()), self.query_one("#remark", Static)
        line.display = bool(said)
        line.update(said)
        self.show_keys()

    def on_resize(self) -> None:
        self.update()

    @on(RowList.Opened)
    def _opened(self) -> None:
        if (row := self.rows.current) is not None:
            self.opened(row.key)

    def table(self) -> Table:
        raise NotImplementedError

    def remark(self) -> str:
        """What is said below of the row that the cursor is on; "" for nothing."""
        return ""

    def ready(self) -> None:
        """The rows are there for the first time."""

    def opened(self, key: str) -> None:
        """⏎ on a row, where rows can be opened."""
