"""The frame of dialogs that find: a line to type in, and the rows that match, the best first."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Input

from gpuws.present.line import Span
from gpuws.present.tables.base import Table
from gpuws.tui.command import Command
from gpuws.tui.dialogs.dialog import Dialog, set_title
from gpuws.tui.toolkit.bar import Bar, Part
from gpuws.tui.toolkit.hints import hints
from gpuws.tui.toolkit.row_list import RowList
from gpuws.tui.toolkit.table_list import TableList

T = TypeVar("T")


class FindDialog(Dialog[T]):
    """`found(query)` and `opened(key)` are what a kind of dialog says of itself; `opens_as`: what ⏎ does, in a word."""

    DEFAULT_CSS = """
    FindDialog { align: center top; }
    FindDialog > .box { width: 110; height: 100%; max-height: 30; margin-top: 1; }
    """
    AUTO_FOCUS = "Input"
    KEYS_ABOUT = "finding"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("find-down", "down,ctrl+n", "down", "Next row", lambda dialog: dialog.rows.move(1)),
        Command("find-up", "up,ctrl+p", "up", "Previous row", lambda dialog: dialog.rows.move(-1)),
        Command("find-page-down", "pagedown", "page down", "A page down", lambda dialog: dialog.rows.page(1)),
        Command("find-page-up", "pageup", "page up", "A page up", lambda dialog: dialog.rows.page(-1)),
    )  # fmt: skip
    title_text = ""
    placeholder = ""
    opens_as = "open"
    begins_at = 0
    """The row that the cursor is on first."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, self.title_text)
            yield Input(placeholder=self.placeholder, compact=True)
            rows = TableList()
            rows.can_focus = False  # letters always go to the line
            yield from self.body(rows)
            yield from self.foot()

    def body(self, rows: Widget) -> ComposeResult:
        """What is under the line: the rows, and whatever stands beside them."""
        yield rows

    def on_mount(self) -> None:
        self.search()

    @property
    def rows(self) -> TableList:
        return self.query_one(TableList)

    @on(Input.Changed)
    def search(self) -> None:
        """Show what matches now."""
        self.rows.set_table(self.found(self.query_one(Input).value), asked=True)
        self.rows.move_to(self.begins_at)
        self.show_keys()

    def show_keys(self) -> None:
        """What can be done with the row under the cursor."""
        bar = self.query_one("#dialog-hints", Bar)
        bar.put([*self.opening(), *hints(self, bar.size.width)])

    def opening(self) -> list[Part]:
        """What ⏎ does: the line has that key, so no live binding tells."""
        return [Part((Span(" ⏎", "key"), Span(f" {self.opens_as} ", "muted")))]

    @on(Input.Submitted)
    @on(RowList.Opened)
    def _open(self) -> None:
        if (row := self.rows.current) is not None:
            self.opened(row.key)

    def found(self, query: str) -> Table:
        raise NotImplementedError

    def opened(self, key: str) -> None:
        raise NotImplementedError
