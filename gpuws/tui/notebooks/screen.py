"""The notebooks of the whole fleet: what their kernels hold, since when they rest, whose they are. Their servers are
asked while this is open."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from textual import on

from gpuws.model.ownership.kernels import Kernel, idle_longer, kernels
from gpuws.model.units import count, duration, size
from gpuws.present.host_state import counted, fade
from gpuws.present.line import Line, Span, clean
from gpuws.present.tables.notebooks import key_of, of_fleet
from gpuws.tui.charts.screen import here
from gpuws.tui.command import Command
from gpuws.tui.context import Context, perform
from gpuws.tui.fleet.actions import COPY, LIST, action, list_actions
from gpuws.tui.notebooks.commands import JUPYTER, MESSAGE
from gpuws.tui.outcome import Outcome
from gpuws.tui.selection import Selection
from gpuws.tui.sessions.commands import ATTACH, SHELL
from gpuws.tui.toolkit.filter_bar import FilterBar
from gpuws.tui.toolkit.full_screen import FullScreen
from gpuws.tui.toolkit.row_list import RowList
from gpuws.tui.toolkit.table_list import TableList

LONG = 6 * 3600.0
"""Seconds of rest after which a key marks a kernel."""
EVERY = 15.0
"""Seconds between two questions to the servers."""
NOTHING = "No notebook runs in a server of mine, and none holds a GPU."
NONE_MINE = "None of these notebooks is mine. m shows all."
LOOKING = "asking the notebook servers of all hosts …"


class NotebookTable(TableList):
    """`fades`: how dimmed the rows of a host are, by its name."""

    KEYS_ABOUT = "the table of notebooks"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command(
            "notebooks-mark", "space", "mark", "Mark a notebook: K acts on all marked ones, on whatever hosts",
            lambda it: it.toggle_mark(), hint=7,
        ),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.fades: Mapping[str, int] = {}

    def fade(self, index: int) -> int:
        return self.fades.get(self.rows[index].key.partition("/")[0], 0)

    def opens_as(self) -> str:
        return "browser"


class NotebooksScreen(FullScreen):
    """`chosen`: that the cursor begins on."""

    KEYS_ABOUT = "notebooks"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command(
            "notebooks-back", "escape,q", "back", "Unmark, end the filter, then back",
            lambda it: it.back(), hint=1, says=lambda it: it.back_word(),
        ),
        here("notebooks", JUPYTER, hint=2),
        here("notebooks", action("kill"), hint=3),
        here("notebooks", MESSAGE, hint=4),
        Command(
            "notebooks-idle", "u", "idle 6h", "Mark all of mine that have rested for longer than six hours",
            lambda it: it.mark_idle(), why_not=lambda it: it.none_idle(), hint=5,
        ),
        Command("notebooks-mine", "m", "mine", "Show only what is mine", lambda it: it.toggle_mine(), hint=6),
        Command(
            "notebooks-filter", "/", "filter", "Show only rows with these words", lambda it: it.open_filter(), hint=8
        ),
        here("notebooks", ATTACH, hint=10),
        here("notebooks", SHELL, hint=11),
        here("notebooks", action("watch")),
        here("notebooks", COPY),
        here("notebooks", LIST, hint=9),
        Command("notebooks-read", "ctrl+r", "read again", "Ask the servers again, now", lambda it: it.read()),
    )  # fmt: skip
    AUTO_FOCUS = "NotebookTable"

    def __init__(self, chosen: Kernel | None = None) -> None:
        super().__init__()
        self._wanted = key_of(chosen) if chosen is not None else ""
        self._there: Mapping[str, Kernel] = {}  # by key, as the table shows them
        self._reading = False
        self._read = False
        self.mine = False

    def body(self) -> NotebookTable:
        return NotebookTable()

    @property
    def table(self) -> NotebookTable:
        return self.query_one(NotebookTable)

    # its life

    def on_mount(self) -> None:
        self.set_interval(EVERY, self._tick)
        self.read()
        self.show()

    def on_screen_resume(self) -> None:
        if self.is_mounted:
            self.show()

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - the table compares lines itself
        self.show()

    def _tick(self) -> None:
        if self.app.sees(self):
            self.read()
            self.show()

    def read(self) -> None:
        """Ask the servers of all hosts that are up; not while they are being asked."""
        if self._reading:
            return
        fleet = self.app.fleet
        hosts = [one.name for one in self.app.state.snapshots if one.state.reached and not one.readonly]
        self._reading = bool(hosts)

        def done(_: Outcome) -> None:
            """Of a host that did not answer what was told before stays; what is wrong with it the fleet's list says."""
            self._reading, self._read = False, True
            if self.is_running:
                self.show()

        self.app.verbs.run_all({host: partial(fleet.read_notebooks, host) for host in hosts}, done)

    # what is shown

    def show(self, *, asked: bool = False) -> None:
        """`asked`: the user wants to see something else."""
        if not self.is_mounted:
            return
        table, now, hosts = self.table, time.time(), self.app.state.snapshots
        every = [one for host in hosts if counted(host) for one in kernels(host)]
        found = [one for one in every if one.mine or not self.mine]
        self._there = {key_of(one): one for one in found}
        before, table.fades = table.fades, {each.name: fade(each, now) for each in hosts if counted(each)}
        nothing = NONE_MINE if every else NOTHING if self._read else LOOKING
        table.set_table(of_fleet(found, now, nothing), asked=asked)
        if self._wanted and table.select(self._wanted):
            self._wanted = ""
        if table.fades != before:
            table.repaint_all()
        self._show_title(every)
        self.show_keys()

    def _show_title(self, every: Sequence[Kernel]) -> None:
        held = sum(one.memory or 0 for one in every)
        busy = sum(one.busy for one in every)
        said = f"   {count(len(every), 'kernel')} · {busy} busy" + (f" · {size(held)} of GPU memory" if held else "")
        narrowed: Line = ()
        if self.table.wanted or self.mine:
            words = " ".join(word for word in ("mine" if self.mine else "", self.table.wanted) if word)
            narrowed = (Span(f"/ {clean(words, 60)} ", "key"),)
        self.show_title((Span(" Notebooks", "title"), Span(said, "muted")), narrowed)

    # what is selected

    def context(self) -> Context:
        return Context(self.app, self._selection())

    def _selection(self) -> Selection | None:
        row, there = self.table.current, self._there
        marked = tuple(there[key] for key in self.table.marked if key in there)
        one = there.get(row.key) if row is not None else None
        first = one or next(iter(marked), None)
        host = self.app.state.hosts.get(first.host) if first is not None else None
        return Selection(host, kernel=first, kernels=marked) if host is not None else None

    @on(RowList.Moved)
    def _moved(self) -> None:
        self.show_keys()

    @on(TableList.Marked)
    def _marked(self) -> None:
        self.show_keys()

    @on(RowList.Opened)
    def _opened(self) -> None:
        perform(JUPYTER, self.context())

    @on(RowList.Menu)
    def _menu(self, event: RowList.Menu) -> None:
        if (selection := self._selection()) is not None:
            list_actions(self.app, selection, event.at)

    # keys

    def unmark(self) -> None:
        """What was to be done with the marked rows is done, or not wanted."""
        self.table.clear_marks()
        self.show_keys()

    def back(self) -> None:
        if self.table.marked:
            self.unmark()
        elif self.table.wanted or self.mine:
            self.mine = False
            self.table.look_for("")
            self.show(asked=True)
        else:
            super().back()

    def back_word(self) -> str:
        if self.table.marked:
            return f"unmarks {len(self.table.marked)}"
        return "shows all" if self.table.wanted or self.mine else ""

    def open_filter(self) -> None:
        if bars := self.query(FilterBar):
            bars.first().focus_input()
        else:
            self.mount(FilterBar(self.table), before="#foot")

    def toggle_mine(self) -> None:
        self.mine = not self.mine
        self.show(asked=True)

    def mark_idle(self) -> None:
        self.table.marked |= {key_of(one) for one in self._idle()}
        self.table.repaint_all()
        self.show_keys()

    def _idle(self) -> list[Kernel]:
        return [one for one in idle_longer(self._there.values(), LONG, time.time()) if one.mine]

    def none_idle(self) -> str:
        return "" if self._idle() else f"none of yours that is shown has rested for longer than {duration(LONG)}"
