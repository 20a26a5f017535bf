"""The lower panel: what the selected host or GPU has inside, one table at a time."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical

from gpuws.model.tunnel import Tunnel
from gpuws.tui.keys import bindings
from gpuws.tui.present import panels
from gpuws.tui.present.line import Span, clean
from gpuws.tui.present.tables import Table
from gpuws.tui.selection import Selection
from gpuws.tui.widgets.bar import Bar, Part
from gpuws.tui.widgets.table import TableList

TABS = ("Processes", "Containers", "Sessions", "Tunnels")
CONTAINERS = 2


class PanelTable(TableList):
    BINDINGS = bindings("panel")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.panel.tab == CONTAINERS if action == "mark" else super().check_action(action, parameters)

    @property
    def panel(self) -> Panel:
        assert isinstance(self.parent, Panel)
        return self.parent

    def action_mark(self) -> None:
        self.toggle_mark()

    def action_turn(self, step: int) -> None:
        self.panel.turn(step)


class Panel(Vertical):
    """`tab`: 1 for the first. `base`: what is selected in the fleet list."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.tab = 1
        self.base: Selection | None = None
        self._tunnels: Sequence[Tunnel] = ()

    def compose(self) -> ComposeResult:
        yield Bar("─", id="panel-title")
        yield Bar(id="panel-facts")
        yield PanelTable(id="panel-table")

    @property
    def table(self) -> PanelTable:
        return self.query_one(PanelTable)

    def follow(self, base: Selection | None, tunnels: Sequence[Tunnel]) -> None:
        """Show what `base` has; costs nothing while the panel is closed."""
        if base is not None and self.base is not None and base.host != self.base.host:
            self.table.clear_marks()
        self.base, self._tunnels = base, tunnels
        if self.display:
            self.update()

    def open(self, tab: int) -> None:
        if tab != self.tab:
            self.tab = tab
            self.table.wanted = ""
            self.table.cursor = 0
        self.display = True
        self.update()

    def turn(self, step: int) -> None:
        self.open((self.tab - 1 + step) % len(TABS) + 1)

    def update(self) -> None:
        found = self._tables()
        base = self.base
        name = "" if base is None else clean(base.host)
        if base is not None and base.gpu is not None:
            name += f" · GPU {base.gpu.index}"
        start = [Part((Span("─ ", "faint"), Span(name, "title"), Span(" ", "faint")))]
        self.query_one("#panel-title", Bar).put(start, [self._tab(number, found) for number in range(1, 5)])
        facts = panels.facts(base.snapshot) if base is not None else ()
        self.query_one("#panel-facts", Bar).put([Part((Span("  "), *facts))])
        self.table.set_table(found[self.tab - 1])

    def _tab(self, number: int, found: Sequence[Table]) -> Part:
        on = number == self.tab
        rows = len(found[number - 1].rows)
        label = Span(f"{number} {TABS[number - 1]}", "title" if on else "muted")
        count = Span(f" {rows}" if rows else "", "text" if on else "faint")
        return Part((Span(" "), label, count, Span(" ─", "faint")), f"panel({number})")

    def _tables(self) -> tuple[Table, ...]:
        base, now = self.base, time.time()
        if base is None:
            return (Table(),) * len(TABS)
        snapshot = base.snapshot
        return (
            panels.processes(snapshot, base.gpu, now),
            panels.containers(snapshot, base.gpu, now),
            panels.sessions(snapshot, now),
            panels.tunnels(self._tunnels, snapshot.name),
        )

    def selection(self) -> Selection | None:
        """What the cursor of the table is on, or the base where the table is empty."""
        base, row = self.base, self.table.current
        if base is None or row is None:
            return base
        snapshot = base.snapshot
        marked = tuple(c for c in snapshot.containers if c.id in self.table.marked) if self.tab == CONTAINERS else ()
        if self.tab == 1:
            uuid, _, pid = row.key.rpartition("/")
            gpu = next((g for g in snapshot.gpus if g.uuid == uuid), None)
            process = next((p for p in gpu.processes if str(p.pid) == pid), None) if gpu else None
            return Selection(snapshot, gpu=gpu, process=process)
        if self.tab == CONTAINERS:
            container = next((c for c in snapshot.containers if c.id == row.key), None)
            return Selection(snapshot, container=container, marked=marked)
        if self.tab == 3:
            session = next((s for s in snapshot.sessions if panels.session_key(s) == row.key), None)
            return Selection(snapshot, session=session)
        return Selection(snapshot, tunnel=next((t for t in self._tunnels if t.id == row.key), None))
