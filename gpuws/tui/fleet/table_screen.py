"""One table of what all hosts have, as a screen: a filter, mine or everybody's, marks, the actions of the selection."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from textual import on

from gpuws.model.host.naming import split_host
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.host_state import counted, fade
from gpuws.present.line import Line, Span, clean
from gpuws.present.tables.base import Table
from gpuws.tui.context import Context
from gpuws.tui.fleet.actions import list_actions
from gpuws.tui.selection import Selection
from gpuws.tui.toolkit.filter_bar import FilterBar
from gpuws.tui.toolkit.full_screen import FullScreen
from gpuws.tui.toolkit.row_list import RowList
from gpuws.tui.toolkit.table_list import TableList


class FleetTable(TableList):
    """The key of each row begins with its host's name, before a `/`; of a row over others with `=`.

    `fades`: how dimmed the rows of a host are, by its name."""

    def __init__(self) -> None:
        super().__init__()
        self.fades: Mapping[str, int] = {}

    def fade(self, index: int) -> int:
        return self.fades.get(split_host(self.rows[index].key.removeprefix("="))[0], 0)


T = TypeVar("T", bound=FleetTable)


class FleetTableScreen(FullScreen, Generic[T]):
    """`chosen`: the key that the cursor begins on. `mine`: only what is mine is shown."""

    def __init__(self, chosen: str) -> None:
        super().__init__()
        self._wanted = chosen
        self.mine = False

    # what a kind of table says of itself

    @property
    @abstractmethod
    def table(self) -> T: ...

    @abstractmethod
    def show(self, *, asked: bool = False) -> None:
        """All of it as it is now. `asked`: the user wants to see something else."""

    @abstractmethod
    def selection(self) -> Selection | None:
        """What the cursor is on, and what is marked."""

    def filter_bar(self) -> FilterBar:
        return FilterBar(self.table)

    # what is shown

    def on_screen_resume(self) -> None:
        if self.is_mounted:
            self.show()

    def put(self, table: Table, hosts: Sequence[HostSnapshot], now: float, *, asked: bool) -> None:
        """These rows; those of hosts whose figures are old are dimmed."""
        here = self.table
        before, here.fades = here.fades, {each.name: fade(each, now) for each in hosts if counted(each)}
        here.set_table(table, asked=asked)
        if self._wanted and here.select(self._wanted):
            self._wanted = ""
        if here.fades != before:
            here.repaint_all()

    @property
    def narrowed(self) -> bool:
        """Not all is shown."""
        return bool(self.table.wanted) or self.mine

    def put_title(self, title: str, said: str, shows: str = "") -> None:
        """With what is shown of it, where that is not all: the filter, and `shows`."""
        end: Line = ()
        if self.narrowed:
            words = " ".join(word for word in ("mine" if self.mine else "", self.table.wanted) if word)
            end = (Span(f"/ {clean(words, 60)}", "key"), Span(f"{shows} ", "muted"))
        self.show_title((Span(f" {title}", "title"), Span(f"   {said}", "muted")), end)

    # what is selected

    def context(self) -> Context:
        return Context(self.app, self.selection())

    @on(RowList.Moved)
    @on(TableList.Marked)
    def _selected(self) -> None:
        self.show_keys()

    @on(RowList.Menu)
    def _menu(self, event: RowList.Menu) -> None:
        if (selection := self.selection()) is not None:
            list_actions(self.app, selection, event.at)

    # keys

    def unmark(self) -> None:
        """What was to be done with the marked rows is done, or not wanted."""
        self.table.clear_marks()
        self.show_keys()

    def back(self) -> None:
        if self.table.marked:
            self.unmark()
        elif self.narrowed:
            self.mine = False
            self.table.look_for("")
            self.show(asked=True)
        else:
            super().back()

    def back_word(self) -> str:
        if self.table.marked:
            return f"unmarks {len(self.table.marked)}"
        return "shows all" if self.narrowed else ""

    def open_filter(self) -> None:
        if bars := self.query(FilterBar):
            bars.first().focus_input()
        else:
            self.mount(self.filter_bar(), before="#foot")

    def toggle_mine(self) -> None:
        self.mine = not self.mine
        self.show(asked=True)
