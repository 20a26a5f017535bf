"""Home: the fleet, the panel under it, and the keys that act on what is selected."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on

from gpuws.model.consent.confirm import ENDS
from gpuws.model.host.configured import Configured
from gpuws.model.workspace.workspace import Workspace
from gpuws.tui.command import Command
from gpuws.tui.context import Context, Selecting
from gpuws.tui.fleet.actions import ACTIONS, COPY, LIST, action, enter, list_actions
from gpuws.tui.fleet.fleet_list import FleetList
from gpuws.tui.fleet.frame import VIEWS, HomeFrame
from gpuws.tui.fleet.order import ORDERS, kept
from gpuws.tui.fleet.panel import EVENTS, PROCESSES, TABS
from gpuws.tui.fleet.row import Key
from gpuws.tui.hosts.commands import HOSTS, RECONNECT, explain
from gpuws.tui.images.commands import IMAGES
from gpuws.tui.jump.commands import JUMP
from gpuws.tui.launch.commands import LAUNCH
from gpuws.tui.notebooks.commands import JUPYTER
from gpuws.tui.notebooks.show import NOTEBOOKS
from gpuws.tui.notices.commands import TOLD
from gpuws.tui.people.commands import PEOPLE
from gpuws.tui.sessions.commands import ATTACH, SHELL, WRITE
from gpuws.tui.tasks.commands import TASKS
from gpuws.tui.tiles.commands import TILES
from gpuws.tui.toolkit.row_list import RowList
from gpuws.tui.toolkit.table_list import TableList
from gpuws.tui.tunnels.commands import TUNNELS
from gpuws.tui.workspaces.commands import INSPECT, LOGS, RESTART, STOP
from gpuws.tui.workspaces.show import CONTAINERS

SETTLE = 1.0
"""Seconds in which no key harms the row that took the place of one that went away under the cursor."""


def _selected(*commands: Command[Context]) -> list[Command[Selecting]]:
    """These, with what the cursor is on."""
    return [command.of(lambda screen: screen.context()) for command in commands]


FIRST = (ATTACH, WRITE, SHELL, JUPYTER, LAUNCH, JUMP, LOGS, LIST)
THEN = (INSPECT, COPY)
LAST = (STOP, RESTART, action("kill"), action("remove"), RECONNECT, IMAGES, TASKS, TOLD)
_PLACED = {command.id for command in (*FIRST, TUNNELS, PEOPLE, *THEN, *LAST)}
OTHERS = tuple(command for command in ACTIONS if command.keys and command.id not in _PLACED)
"""Keys of features for which no place was chosen here: they stand behind the others."""


class FleetScreen(HomeFrame):
    KEYS_ABOUT = "the selection"
    KEYS: ClassVar[tuple[Command[FleetScreen], ...]] = (
        *_selected(*FIRST),
        Command(
            "filter", "/", "filter", "Show only matches: free, alice, h200, free>40g, !idle …",
            lambda screen: screen.open_filter(), hint=10, palette=True,
        ),
        Command(
            "processes", "p", "processes", "Processes on the selected GPU or host",
            lambda screen: screen.open_panel(1), hint=22,
        ),
        *_selected(TUNNELS, CONTAINERS, NOTEBOOKS, PEOPLE, HOSTS, TILES),
        Command(
            "host-page", "", "host", "This host in full: its figures over time, people, workspaces, disks",
            lambda screen: screen.show_host(), palette=True,
        ),
        Command(
            "view", "v", "view", "One line for each host, or one for each GPU",
            lambda screen: screen.fold_all(), hint=18, palette=True,
        ),
        Command(
            "order", "r", "order", "Order: as configured, free first, busy first, by who",
            lambda screen: screen.next_order(1), hint=19, palette=True,
        ),
        Command(
            "columns", "C", "columns", "Columns of the list: which ones, and in which order",
            lambda screen: screen.choose_columns(), palette=True,
        ),
        *_selected(*THEN),
        Command(
            "mine", "m", "mine", "Show only what is mine",
            lambda screen: screen.toggle_mine(), hint=23, palette=True,
        ),
        *_selected(*LAST, *OTHERS),
        Command("cycle-panel", "tab", "panels", "Next panel", lambda screen: screen.cycle_panels(1), hint=21),
        Command("cycle-panel-back", "shift+tab", "panels", "Previous panel", lambda screen: screen.cycle_panels(-1)),
        Command("panel-1", "1", "processes", "Panel: processes", lambda screen: screen.open_panel(1), palette=True),
        Command("panel-2", "2", "containers", "Panel: containers", lambda screen: screen.open_panel(2), palette=True),
        Command("panel-3", "3", "sessions", "Panel: tmux sessions", lambda screen: screen.open_panel(3), palette=True),
        Command("panel-4", "4", "notebooks", "Panel: notebooks", lambda screen: screen.open_panel(4), palette=True),
        Command("panel-5", "5", "tunnels", "Panel: tunnels", lambda screen: screen.open_panel(5), palette=True),
        Command(
            "panel-6", "6", "events", "Panel: what happened",
            lambda screen: screen.open_panel(6), palette=True,
        ),
        Command(
            "zoom", "z", "zoom", "Give the panel the whole screen, and back",
            lambda screen: screen.zoom(), palette=True, hint=24,
        ),
        Command(
            "back", "escape", "back", "Back: unmark, end the filter, leave the panel", lambda screen: screen.back(),
            says=lambda screen: "unmarks" if screen.panel.table.marked or screen.list.marked else "",
        ),
    )  # fmt: skip

    # keys: panels

    def open_panel(self, tab: int) -> None:
        self._panel_wanted = True
        self.panel.base = self._base()
        self.panel.open(tab)
        self._share_height()
        self.panel.table.focus()

    def select_host(self, host: str) -> None:
        self.list.select((host, ""))

    def show_processes(self, key: Key) -> None:
        """The processes of this row of the list."""
        self.list.select(key)
        self.open_panel(PROCESSES)

    def cycle_panels(self, step: int) -> None:
        panel = self.panel
        at = panel.tab if panel.display and self.focused is panel.table else 0
        nxt = (at + step) % (len(TABS) + 1)
        if nxt:
            self.open_panel(nxt)
        else:
            self.list.focus()

    def zoom(self) -> None:
        if not self.panel.display:
            self.open_panel(self.panel.tab)
        self.toggle_class("zoomed")
        (self.panel.table if self.has_class("zoomed") else self.list).focus()

    def back(self) -> None:
        if (first_run := self.first_run) is not None:
            first_run.back()
        elif self.panel.table.marked and self.focused is self.panel.table:
            self.unmark()
        elif self.list.marked and self.focused is self.list:
            self.list.unmark()
        elif self.has_class("zoomed"):
            self.zoom()
        elif self.panel.table.wanted:
            self.panel.table.look_for("")
            self._show_hints()
        elif self.focused is not self.list:
            self.list.focus()
        elif self.list.wanted or self.list.mine:
            self.list.mine = False
            self.list.look_for("")
            self._show_hints()
        elif self.panel.display and self.has_class("small"):
            self._panel_wanted = False
            self._arrange(self.size.height)

    @on(RowList.Opened, "FleetList")
    def _open_row(self) -> None:
        row = self.list.current
        if row is None:
            return
        if row.kind != "gpu" and row.kind != "mig" and explain(self.app, row.snapshot):
            return
        if row.gpu is not None:
            from gpuws.tui.gpu.screen import GpuScreen

            self.app.push_screen(GpuScreen(row.snapshot.name, row.gpu.uuid))
        else:
            self.show_host()

    @on(RowList.Menu)
    def _menu(self, event: RowList.Menu) -> None:
        selection = self.selection()
        if selection is not None and not (event.source is self.panel.table and self.panel.tab == EVENTS):
            list_actions(self.app, selection, event.at)

    @on(RowList.Opened, "PanelTable")
    async def _open_inside(self) -> None:
        if self.panel.tab == EVENTS:
            self._go_to_event()
            return
        selection = self.selection()
        if selection is None:
            return
        if selection.process is not None and selection.gpu is not None:
            from gpuws.tui.processes.screen import ProcessScreen

            self.app.push_screen(ProcessScreen(selection.snapshot, selection.gpu, selection.process))
        else:
            enter(self.app, selection)

    def show_host(self) -> None:
        """The page of the host that the cursor is on, whatever of it that is."""
        if (row := self.list.current) is not None:
            from gpuws.tui.host.screen import HostScreen

            self.app.push_screen(HostScreen(row.snapshot.name))

    def show_container(self, one: Workspace) -> None:
        """Its page."""
        from gpuws.tui.workspaces.details import DetailScreen

        self.app.push_screen(DetailScreen(one))

    def _go_to_event(self) -> None:
        """To the row of the host where it happened."""
        row = self.panel.table.current
        number = int(row.key) if row is not None else 0
        event = next((event for event in self.app.state.journal.events if event.number == number), None)
        if event is not None and self.list.select((event.host, "")):
            self.list.focus()

    @on(TableList.Marked)
    @on(FleetList.Marked)
    def _marked(self) -> None:
        self._show_hints()

    def unmark(self) -> None:
        """What was to be done with the marked rows is done, or not wanted."""
        self.panel.table.clear_marks()
        self.list.unmark()
        self._show_hints()

    def offer_hosts(self, configured: Configured) -> None:
        """There is no host but this machine: what could be beside it."""
        from gpuws.tui.hosts.first_run import FirstRun

        if configured.aliases or not configured.written:
            self.first_run = FirstRun(configured)
            self.mount(self.first_run, after="#fleet")
            self.add_class("beginning")
            self._arrange(self.size.height)

    def begun(self) -> None:
        self.list.settled = False  # as after a start: to what matters of what there is now
        if (first_run := self.first_run) is None:
            return
        self.first_run = None
        self.list.focus()
        first_run.remove()
        self.remove_class("beginning")
        self._arrange(self.size.height)

    # keys: filter

    def open_filter(self) -> None:
        from gpuws.model.query.filter import complete_filter
        from gpuws.tui.toolkit.filter_bar import FilterBar

        table = self.panel.table
        if bars := self.query(FilterBar):
            bars.first().focus_input()
        elif self.focused is table:
            self.mount(FilterBar(table, "show only rows with these letters"), before="Footer")
        else:
            bar = FilterBar(self.list, complete=lambda text, at: complete_filter(text, at, self.app.state.snapshots))
            self.mount(bar, before="Footer")

    def on_filter_bar_changed(self) -> None:
        self._show_hints()

    def toggle_mine(self) -> None:
        self.list.show_mine(not self.list.mine)
        self._show_hints()

    def fold_all(self) -> None:
        folded = self.list.fold_all()
        self.app.remember(view=next(view for view, all_folded in VIEWS.items() if all_folded == folded))

    def next_order(self, step: int) -> None:
        """From one that is none of these, the key leads to the first."""
        at = ORDERS.index(self.list.sort) + step if self.list.sort in ORDERS else 0
        self.list.sort_by(ORDERS[at % len(ORDERS)])

    def choose_columns(self) -> None:
        from gpuws.tui.fleet.column_chooser import ColumnChooser

        self.app.push_screen(ColumnChooser(self.list.columns, self._show_columns))

    def _show_columns(self, columns: Sequence[str]) -> None:
        self.list.choose(columns)
        self.app.remember(columns=tuple(columns))

    @on(FleetList.Sorted)
    def _sorted(self) -> None:
        self.app.remember(order=kept(self.list.sort))
        self._show_top()

    def look_for(self, text: str) -> None:
        """Show only what this filter means, as if it had been typed."""
        self.list.look_for(text)
        self._show_hints()
        self.list.focus()

    # keys: verbs

    def action_command(self, name: str) -> object:
        if name in ENDS and (trap := self._trap()):
            self.app.warn(trap)
            return None
        return super().action_command(name)

    def _trap(self) -> str:
        """Why what the key would hit is not what was looked at."""
        rows: RowList[Any] = self.panel.table if self.focused is self.panel.table else self.list
        if rows is not self.list and not rows.rows:
            return "there is nothing in this panel; esc goes back to the list"
        if time.monotonic() - rows.moved_by_itself < SETTLE:
            return "the row under the cursor has just changed: look again"
        return ""
