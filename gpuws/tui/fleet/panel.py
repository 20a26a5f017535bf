"""The lower panel: what the selected host or GPU has inside, one table at a time."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical

from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.kernels import kernels
from gpuws.model.session.session import Session
from gpuws.present import host_state
from gpuws.present.alerts import troubles
from gpuws.present.holders import evidence
from gpuws.present.line import Line, Span, clean, joined
from gpuws.present.tables import notebooks, processes, sessions, tunnels, workspaces
from gpuws.present.tables.base import Table
from gpuws.present.tables.hosts import facts
from gpuws.present.tables.processes import chosen, process_key
from gpuws.tui.command import Command, action_of
from gpuws.tui.fleet.below import Below, below
from gpuws.tui.fleet.event_table import event_table
from gpuws.tui.selection import Selection
from gpuws.tui.sessions.doors import place_of
from gpuws.tui.state import State
from gpuws.tui.toolkit.bar import Bar, Part
from gpuws.tui.toolkit.fitting import cells
from gpuws.tui.toolkit.lines import Lines
from gpuws.tui.toolkit.row_list import RowList
from gpuws.tui.toolkit.table_list import TableList

TABS = ("Processes", "Containers", "Sessions", "Notebooks", "Tunnels", "Events")
PREVIEWED = 5
"""Lines of the panel from which on the selected session is shown under its list."""
SHORTER = (TABS, tuple(tab[:4] for tab in TABS), ("Prc", "Ctr", "Ses", "Nbk", "Tun", "Evt"), ("",) * len(TABS))
"""Names of the tabs that are not open, the longest first: those that fit are taken."""
PROCESSES, CONTAINERS, SESSIONS, NOTEBOOKS, TUNNELS, EVENTS = range(1, len(TABS) + 1)


class PanelTable(TableList):
    KEYS_ABOUT = "the panel"
    KEYS: ClassVar[tuple[Command[PanelTable], ...]] = (
        Command("previous-panel", "left", "panel", "Panel to the left", lambda table: table.panel.turn(-1)),
        Command("next-panel", "right", "panel", "Panel to the right", lambda table: table.panel.turn(1)),
        Command(
            "mark", "space", "mark", "Mark a container, a process or a notebook: S R K D act on all marked ones",
            lambda table: table.toggle_mark(), when=lambda table: table.panel.tab in (PROCESSES, CONTAINERS, NOTEBOOKS),
        ),
    )  # fmt: skip

    def opens_as(self) -> str:
        return {EVENTS: "go there", PROCESSES: "its past"}.get(self.panel.tab, "")

    @property
    def panel(self) -> Panel:
        assert isinstance(self.parent, Panel)
        return self.parent


class Panel(Vertical):
    """`tab`: 1 for the first. `base`: what is selected in the fleet list."""

    def __init__(self, state: State, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.tab: int = PROCESSES
        self.base: Selection | None = None
        self._state = state
        self._read = 0  # so many events were in sight
        self._below: list[Below] = []
        self._most: int | None = None  # lines of the table

    def compose(self) -> ComposeResult:
        yield Bar("─", id="panel-title")
        yield Bar(id="panel-facts")
        yield PanelTable(id="panel-table")
        yield Lines(id="panel-below")

    @property
    def table(self) -> PanelTable:
        return self.query_one(PanelTable)

    def follow(self, base: Selection | None) -> None:
        """Show what `base` has; costs nothing while the panel is closed."""
        if base is not None and self.base is not None and base.host != self.base.host:
            self.table.clear_marks()
        asked = _subject(base) != _subject(self.base)
        self.base = base
        if self.display:
            self.update(asked=asked)

    def open(self, tab: int) -> None:
        if tab != self.tab:
            self.tab = tab
            self.table.wanted = ""
            self.table.cursor = 0
            self.table.clear_marks()
        self.display = True
        self.update(asked=True)

    def turn(self, step: int) -> None:
        self.open((self.tab - 1 + step) % len(TABS) + 1)

    def on_resize(self) -> None:
        self._show_title()
        self._show_below()

    def update(self, *, asked: bool) -> None:
        """`asked`: the user wants to see something else."""
        self.table.set_table(self._table_of(self.tab), asked=asked)
        if self.tab == EVENTS:
            self._read = self._state.journal.written
        self._show_title()
        self._show_facts()
        self._show_below()

    # the rule above the table

    def _show_title(self) -> None:
        base = self.base
        name = "" if base is None else clean(base.host)
        if base is not None and base.gpu is not None:
            name += f" · GPU {base.gpu.index}" + (f":{base.mig.index}" if base.mig is not None else "")
        counts = self._counts()
        room = self.size.width - cells(name) - 4
        tabs = next((found for names in SHORTER if _width(found := self._tabs(counts, names)) <= room), [])
        self.query_one("#panel-title", Bar).put(
            [Part((Span("─ ", "rule"), Span(name, "title"), Span(" ", "rule")))], tabs
        )

    def _tabs(self, counts: tuple[int, ...], names: tuple[str, ...]) -> list[Part]:
        """The open one has its whole name."""
        found = []
        for number, (whole, name, count) in enumerate(zip(TABS, names, counts, strict=True), start=1):
            on = number == self.tab
            label = " ".join(part for part in (str(number), whole if on else name) if part)
            spans: Line = (Span(" "), Span(label, "title" if on else "muted"))
            if count:
                spans = (*spans, Span(f" {count}", "text" if on else "muted"))
            found.append(Part((*spans, Span(" ─", "rule")), action_of(f"panel-{number}")))
        return found

    def _counts(self) -> tuple[int, ...]:
        """Rows of each table; of the events those that were not seen yet."""
        base = self.base
        if base is None:
            return (0,) * len(TABS)
        snapshot = base.snapshot
        return (
            len(chosen(snapshot, base.gpu, base.mig)),
            len(snapshot.workspaces),
            len(snapshot.sessions),
            len(kernels(snapshot)),
            sum(tunnel.leads_to(snapshot.name) for tunnel in self._state.tunnels),
            self._state.journal.written - self._read,
        )

    def _show_facts(self) -> None:
        """What shows that a holder is idle and what is wrong, else the host's figures."""
        base = self.base
        urgent: Line = ()
        if base is not None:
            place = base.mig or base.gpu
            urgent = (*_old(base.snapshot), *(evidence(place.held_by) if place else ()), *troubles(base.snapshot))
        self.set_class(bool(urgent), "urgent")
        figures = facts(base.snapshot) if base is not None else ()
        self.query_one("#panel-facts", Bar).put([Part((Span("  "), *urgent, *figures))])

    def _show_below(self) -> None:
        """The other tables, where the open one leaves lines empty; under sessions what the selected one shows."""
        table = self.table
        needed = max(len(table.rows), 1) + table.head_lines
        whole = self.size.height - 1 - self.query_one("#panel-facts").display
        previews = self._show_preview(whole)
        others = ((tab, name, self._table_of(tab)) for tab, name in enumerate(TABS, start=1) if tab != self.tab)
        self._below = [] if previews else below(others, self.size.width, whole - needed)
        most = min(needed, max(whole // 2, 2)) if previews else needed if self._below else None
        if most != self._most:
            self._most = table.styles.max_height = most
        self.query_one("#panel-below", Lines).put([each.line for each in self._below])

    def _show_preview(self, room: int) -> bool:
        """What the selected session shows, where it has at least a few lines."""
        session = self._session() if self.tab == SESSIONS and room >= PREVIEWED else None
        found = self.query("#panel-preview")
        if session is None and not found:
            return False
        from gpuws.tui.sessions.preview import Preview, Sight

        preview = found.first(Preview) if found else Preview(id="panel-preview")
        if not found:
            self.mount(preview)
        place = place_of(self.base.snapshot, session) if session and self.base else None
        preview.display = place is not None
        preview.look_at(Sight(place, session.name, session) if session and place else None)
        return place is not None

    def _session(self) -> Session | None:
        """That the cursor of the table is on."""
        selection = self.selection()
        return selection.session if selection is not None else None

    @on(RowList.Moved)
    def _moved(self) -> None:
        if self.tab == SESSIONS:
            self._show_below()

    @on(events.Click, "#panel-below")
    def _clicked_below(self, event: events.Click) -> None:
        if event.y < len(self._below):
            _, tab, key = self._below[event.y]
            self.open(tab)
            self.table.select(key)
            self.table.focus()

    # the table

    def _table_of(self, tab: int) -> Table:
        base, now = self.base, time.time()
        if tab == EVENTS:
            return event_table(tuple(self._state.journal.events), base.host if base is not None else None)
        if base is None:
            return Table()
        snapshot = base.snapshot
        if tab == PROCESSES:
            return processes.of_place(snapshot, base.gpu, base.mig, now)
        if tab == CONTAINERS:
            return workspaces.of_host(snapshot, base.gpu, now)
        if tab == SESSIONS:
            return sessions.of_host(snapshot, now)
        if tab == NOTEBOOKS:
            return notebooks.of_host(snapshot, now)
        found = [tunnel for tunnel in self._state.tunnels if tunnel.leads_to(snapshot.name)]
        return tunnels.listing(
            found, time.time(), f"No tunnels to {snapshot.name}. o opens Jupyter of a container, f any port."
        )

    def selection(self) -> Selection | None:
        """What the cursor of the table is on, or the base where the table is empty."""
        base, row = self.base, self.table.current
        if base is None or row is None or self.tab == EVENTS:
            return base
        snapshot, key = base.snapshot, row.key
        if self.tab == PROCESSES:
            return self._process(base, key)
        if self.tab == CONTAINERS:
            container = next((c for c in snapshot.workspaces if c.id == key), None)
            marked = tuple(c for c in snapshot.workspaces if c.id in self.table.marked)
            return Selection(snapshot, container=container, marked=marked)
        if self.tab == SESSIONS:
            session = next((s for s in snapshot.sessions if sessions.session_key(s) == key), None)
            return Selection(snapshot, session=session)
        if self.tab == NOTEBOOKS:
            found = {one.id: one for one in kernels(snapshot)}
            marks = tuple(found[each] for each in self.table.marked if each in found)
            return Selection(snapshot, kernel=found.get(key), kernels=marks)
        return Selection(snapshot, tunnel=next((t for t in self._state.tunnels if t.id == key), None))

    def _process(self, base: Selection, key: str) -> Selection:
        found = {process_key(gpu, each): (gpu, each) for gpu, each in chosen(base.snapshot, base.gpu, base.mig)}
        gpu, process = found.get(key, (base.gpu, None))
        marked = {found[each][1].pid: found[each][1] for each in self.table.marked if each in found}
        return Selection(base.snapshot, gpu=gpu, mig=base.mig, process=process, processes=tuple(marked.values()))


def _old(snapshot: HostSnapshot) -> Line:
    """Why values are shown that are old, and what to do; where there are none, the table says so."""
    why = host_state.reason(snapshot, time.time())
    if why is None or not host_state.counted(snapshot):
        return ()
    return (Span(f"{host_state.glyph(snapshot)[0]} {joined([why.text, why.remedy], ' — ')}   ", why.role),)


def _subject(base: Selection | None) -> tuple[str, str, str] | None:
    """What the panel is about."""
    if base is None:
        return None
    return (base.host, base.gpu.uuid if base.gpu else "", base.mig.uuid if base.mig else "")


def _width(parts: list[Part]) -> int:
    return sum(cells(span.text) for part in parts for span in part.line)
