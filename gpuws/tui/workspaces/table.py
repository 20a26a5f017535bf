"""The containers of the whole fleet: one table in groups, filtered by the language of filters, sorted by any column."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.message import Message

from gpuws.model.consent.confirm import ENDS
from gpuws.model.consent.prune import to_prune
from gpuws.model.errors import UsageError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.query.filter import ContainerPredicate, compile_container_filter, complete_container_filter
from gpuws.model.units import count
from gpuws.model.workspace.workspace import Workspace
from gpuws.present.tables.base import TableRow
from gpuws.present.tables.workspaces import By, Fleet, key_of, listing
from gpuws.tui.charts.screen import here
from gpuws.tui.command import Command
from gpuws.tui.context import Context
from gpuws.tui.fleet.actions import COPY, LIST, action
from gpuws.tui.fleet.table_screen import FleetTable, FleetTableScreen
from gpuws.tui.launch.commands import LAUNCH
from gpuws.tui.notebooks.commands import JUPYTER
from gpuws.tui.selection import Selection
from gpuws.tui.sessions.commands import ATTACH, SHELL, WRITE
from gpuws.tui.toolkit.filter_bar import FilterBar
from gpuws.tui.toolkit.row_list import RowList
from gpuws.tui.tunnels.commands import TUNNELS
from gpuws.tui.workspaces.commands import INSPECT, LOGS, RESTART, STOP, ask
from gpuws.tui.workspaces.meter import Meter

EXAMPLES = "running  alice  torch  gpus>0  mem>40g  unhealthy  restarts>0  up>2d  project=search  alpha,bravo"
GROUPS: tuple[By, ...] = ("host", "user", "project", "")
SAID: Mapping[By, str] = {"host": "by host", "user": "by person", "project": "by project", "": "one list"}
UNGROUPED = "no"
PACE = 1.0
"""Seconds between two tables that come by themselves: what they show is hardly newer than that."""
SETTLE = 1.0
"""Seconds in which no key harms the row that took the place of one that went away under the cursor."""
MEASURED = ("CPU", "RAM")


class ContainerTable(FleetTable):
    """`wanted` is of the language of filters. `matches`: what it means."""

    KEYS_ABOUT = "the table of containers"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("containers-fold", "left", "fold", "Hide what is in a group", lambda it: it.fold()),
        Command("containers-unfold", "right", "unfold", "Show what is in a group", lambda it: it.unfold()),
        Command(
            "containers-mark", "space", "mark", "Mark a container: S R K D act on all marked ones, on whatever hosts",
            lambda it: it.toggle_mark(), hint=12,
        ),
    )  # fmt: skip

    class Narrowed(Message):
        """Another filter holds."""

    def __init__(self) -> None:
        super().__init__()
        self.matches: ContainerPredicate = compile_container_filter("")

    def look_for(self, text: str) -> str:
        """ "" or why it is no filter (yet): then nothing changes."""
        try:
            self.matches = compile_container_filter(text)
        except UsageError as error:
            return str(error)
        self.wanted = text.strip()
        self.post_message(self.Narrowed())
        return ""

    def toggle_mark(self) -> None:
        """Groups are no containers."""
        if (row := self.current) is not None and not row.key.startswith("="):
            super().toggle_mark()
        else:
            self.move(1)

    def opens_as(self) -> str:
        row = self.current
        if row is None or not row.key.startswith("="):
            return "details"
        return "unfold" if row.key in self.folded else "fold"

    def _fits(self, row: TableRow) -> bool:  # noqa: ARG002 - what is no match is no row
        return True


def _in_table(command: Command[Context], hint: int = 0) -> Command[Any]:
    return here("containers", command, hint)


class ContainersScreen(FleetTableScreen[ContainerTable]):
    KEYS_ABOUT = "containers"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command(
            "containers-back", "escape,q", "back", "Unmark, end the filter, then back",
            lambda it: it.back(), hint=1, says=lambda it: it.back_word(),
        ),
        _in_table(ATTACH, hint=2),
        _in_table(WRITE),
        _in_table(SHELL, hint=3),
        _in_table(JUPYTER),
        _in_table(LOGS, hint=4),
        _in_table(INSPECT),
        _in_table(STOP, hint=5),
        _in_table(RESTART, hint=6),
        _in_table(action("kill")),
        _in_table(action("remove"), hint=8),
        _in_table(LIST, hint=9),
        Command(
            "containers-filter", "/", "filter", "Show only matches: running, alice, gpus>0, unhealthy, up>2d …",
            lambda it: it.open_filter(), hint=10,
        ),
        Command(
            "containers-group", "v", "group", "In groups by host, by person, by Compose project, or one list",
            lambda it: it.next_group(), hint=11, says=lambda it: SAID[it.next],
        ),
        Command("containers-mine", "m", "mine", "Show only what is mine", lambda it: it.toggle_mine(), hint=13),
        Command(
            "containers-prune", "P", "prune", "Remove those of mine that have ended, as far as they are shown",
            lambda it: it.prune(), why_not=lambda it: it.nothing_to_prune(), hint=14,
        ),
        _in_table(action("watch")),
        _in_table(LAUNCH),
        _in_table(TUNNELS),
        _in_table(COPY),
    )  # fmt: skip
    AUTO_FOCUS = "ContainerTable"

    def __init__(self, key: str = "") -> None:
        super().__init__(key)
        self._shown = 0.0
        self._there: Mapping[str, tuple[HostSnapshot, Workspace]] = {}  # by key, as the table shows them
        self._meter = Meter(self.app, self._news)

    def body(self) -> ContainerTable:
        return ContainerTable()

    @property
    def table(self) -> ContainerTable:
        return self.query_one(ContainerTable)

    # its life

    def on_mount(self) -> None:
        self.set_interval(PACE, self._tick)
        self.show()

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - the table compares lines itself
        self._news()

    def _news(self) -> None:
        """A tick later where the last table is new."""
        if time.monotonic() - self._shown >= PACE:
            self.show()

    def _tick(self) -> None:
        if self.app.sees(self):
            self.show()

    # what is shown

    @property
    def by(self) -> By:
        kept = self.app.remembered.grouped
        return next((by for by in GROUPS if by == kept and by), "" if kept == UNGROUPED else GROUPS[0])

    @property
    def next(self) -> By:
        return GROUPS[(GROUPS.index(self.by) + 1) % len(GROUPS)]

    def show(self, *, asked: bool = False) -> None:
        if not self.is_mounted:
            return
        self._shown = time.monotonic()
        state = self.app.state
        self._there = {key_of(one): (host, one) for host in state.snapshots for one in host.workspaces}
        fleet = Fleet(
            state.snapshots, time.time(), self.by, self._meter.usage, state.tunnels, self.keeps, hosts=not self.narrowed
        )
        self.put(listing(fleet), state.snapshots, fleet.now, asked=asked)
        self._show_title()
        self.show_keys()
        self._measure()

    def keeps(self, snapshot: HostSnapshot, workspace: Workspace) -> bool:
        return (workspace.mine or not self.mine) and self.table.matches(snapshot, workspace)

    def _show_title(self) -> None:
        every = [one for host in self.app.state.snapshots for one in host.workspaces]
        shown = sum(not row.key.startswith("=") for row in self.table.table.rows)
        running = sum(one.alive for one in every)
        self.put_title(
            "Containers",
            f"{count(len(every), 'container')} · {running} running · {SAID[self.by]}",
            f" shows {shown}",
        )

    def _measure(self) -> None:
        """Ask for what those in sight take; for all where they are sorted by it, or summed up."""
        table = self.table
        rows: Sequence[TableRow] = table.rows if table.sort.column in MEASURED else table.in_sight
        keys = {row.key for row in rows}
        wanted = {
            host.name: [
                one.id
                for one in host.workspaces
                if one.enterable and key_of(one) in keys and not host.caps_of(one).inspection
            ]
            for host in self.app.state.snapshots
            if host.state.reached
        }
        self._meter.read({host: ids for host, ids in wanted.items() if ids})

    # what is selected

    def selection(self) -> Selection | None:
        row = self.table.current
        there = self._there
        marked = [there[key] for key in self.table.marked if key in there]
        if row is not None and row.key in there:
            host, one = there[row.key]
            return Selection(host, container=one, marked=tuple(each for _, each in marked))
        if marked:
            return Selection(marked[0][0], marked=tuple(each for _, each in marked))
        name = row.key.removeprefix("=") if row is not None else ""
        host_itself = self.app.state.hosts.get(name)
        if host_itself is None:
            return None
        shown = (one for one in host_itself.workspaces if self.keeps(host_itself, one))
        return Selection(replace(host_itself, workspaces=tuple(shown)))  # what is not shown is not meant

    @on(ContainerTable.Narrowed)
    def _narrowed(self) -> None:
        self.show(asked=True)

    @on(RowList.Opened)
    def _opened(self) -> None:
        table, row = self.table, self.table.current
        selection = self.selection()
        if row is not None and row.key.startswith("="):
            (table.unfold if row.key in table.folded else table.fold)()
        elif selection is not None and selection.container is not None:
            from gpuws.tui.workspaces.details import DetailScreen

            self.app.push_screen(DetailScreen(selection.container))

    # keys

    def action_command(self, name: str) -> object:
        if name.removeprefix("containers-") in ENDS and time.monotonic() - self.table.moved_by_itself < SETTLE:
            self.app.warn("the row under the cursor has just changed: look again")
            return None
        return super().action_command(name)

    def filter_bar(self) -> FilterBar:
        return FilterBar(
            self.table,
            EXAMPLES,
            complete=lambda text, at: complete_container_filter(text, at, self.app.state.snapshots),
            kept_in="container_filters",
        )

    def next_group(self) -> None:
        self.app.remember(grouped=self.next or UNGROUPED)
        self.show(asked=True)

    def prune(self) -> None:
        ask(self.app, "remove", self._ended())

    def _ended(self) -> list[Workspace]:
        return [
            one
            for host in self.app.state.snapshots
            if not host.readonly and host.state.reached
            for one in to_prune(host)
            if self.keeps(host, one)
        ]

    def nothing_to_prune(self) -> str:
        return "" if self._ended() else "none of yours that is shown has ended: nothing to prune"
