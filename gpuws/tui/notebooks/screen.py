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
from gpuws.present.host_state import counted
from gpuws.present.tables.notebooks import key_of, of_fleet
from gpuws.tui.charts.screen import here
from gpuws.tui.command import Command
from gpuws.tui.context import perform
from gpuws.tui.fleet.actions import COPY, LIST, action
from gpuws.tui.fleet.table_screen import FleetTable, FleetTableScreen
from gpuws.tui.notebooks.commands import JUPYTER, MESSAGE
from gpuws.tui.outcome import Outcome
from gpuws.tui.selection import Selection
from gpuws.tui.sessions.commands import ATTACH, SHELL
from gpuws.tui.toolkit.row_list import RowList

LONG = 6 * 3600.0
"""Seconds of rest after which a key marks a kernel."""
EVERY = 15.0
"""Seconds between two questions to the servers."""
NOTHING = "No notebook runs in a server of mine, and none holds a GPU."
NONE_MINE = "None of these notebooks is mine. m shows all."
LOOKING = "asking the notebook servers of all hosts …"


class NotebookTable(FleetTable):
    KEYS_ABOUT = "the table of notebooks"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command(
            "notebooks-mark", "space", "mark", "Mark a notebook: K acts on all marked ones, on whatever hosts",
            lambda it: it.toggle_mark(), hint=7,
        ),
    )  # fmt: skip

    def opens_as(self) -> str:
        return "browser"


class NotebooksScreen(FleetTableScreen[NotebookTable]):
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
        super().__init__(key_of(chosen) if chosen is not None else "")
        self._there: Mapping[str, Kernel] = {}  # by key, as the table shows them
        self._reading = False
        self._read = False

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
        if not self.is_mounted:
            return
        now, hosts = time.time(), self.app.state.snapshots
        every = [one for host in hosts if counted(host) for one in kernels(host)]
        found = [one for one in every if one.mine or not self.mine]
        self._there = {key_of(one): one for one in found}
        nothing = NONE_MINE if every else NOTHING if self._read else LOOKING
        self.put(of_fleet(found, now, nothing), hosts, now, asked=asked)
        self._show_title(every)
        self.show_keys()

    def _show_title(self, every: Sequence[Kernel]) -> None:
        held = sum(one.memory or 0 for one in every)
        busy = sum(one.busy for one in every)
        said = f"{count(len(every), 'kernel')} · {busy} busy" + (f" · {size(held)} of GPU memory" if held else "")
        self.put_title("Notebooks", said)

    # what is selected

    def selection(self) -> Selection | None:
        row, there = self.table.current, self._there
        marked = tuple(there[key] for key in self.table.marked if key in there)
        one = there.get(row.key) if row is not None else None
        first = one or next(iter(marked), None)
        host = self.app.state.hosts.get(first.host) if first is not None else None
        return Selection(host, kernel=first, kernels=marked) if host is not None else None

    @on(RowList.Opened)
    def _opened(self) -> None:
        perform(JUPYTER, self.context())

    # keys

    def mark_idle(self) -> None:
        self.table.marked |= {key_of(one) for one in self._idle()}
        self.table.repaint_all()
        self.show_keys()

    def _idle(self) -> list[Kernel]:
        return [one for one in idle_longer(self._there.values(), LONG, time.time()) if one.mine]

    def none_idle(self) -> str:
        return "" if self._idle() else f"none of yours that is shown has rested for longer than {duration(LONG)}"
