"""Home: the fleet, the panel under it, and the keys that act on what is selected."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.screen import Screen

from gpuws.tui import keys
from gpuws.tui.present import header
from gpuws.tui.present.filter import Filter
from gpuws.tui.present.line import Line, Span, joined, width
from gpuws.tui.selection import Selection
from gpuws.tui.widgets.bar import Bar, Part
from gpuws.tui.widgets.fleet_list import FleetList
from gpuws.tui.widgets.hints import hints
from gpuws.tui.widgets.panel import Panel
from gpuws.tui.widgets.row_list import RowList
from gpuws.tui.widgets.table import TableList

if TYPE_CHECKING:
    from gpuws.tui.app import GpuwsApp
    from gpuws.tui.widgets.filter_bar import FilterBar

ROOMY = 32
"""From this many lines on the panel and the line about me are shown without being asked for."""


class FleetScreen(Screen[None]):
    BINDINGS = keys.bindings("home")
    AUTO_FOCUS = "FleetList"
    app: GpuwsApp

    def __init__(self) -> None:
        super().__init__(id="home")
        self._mine = False
        self._query = ""
        self._panel_wanted: bool | None = None
        self._narrowing: FleetList | TableList | None = None
        self._fresh_shown = ""

    def compose(self) -> ComposeResult:
        look = self.app.look
        yield Bar(id="top")
        yield Bar(id="mine")
        yield FleetList(self.app.state.history, look.thresholds, id="fleet")
        yield Panel(id="panel")
        yield Bar(id="hints")

    def on_mount(self) -> None:
        self.set_interval(1.0, self._tick)
        self.fleet_changed(())

    # parts

    @property
    def list(self) -> FleetList:
        return self.query_one(FleetList)

    @property
    def panel(self) -> Panel:
        return self.query_one(Panel)

    def selection(self) -> Selection | None:
        """What keys act on: a row of the panel while it has the focus, else the fleet list's."""
        panel = self.panel
        if panel.display and self.focused is panel.table:
            return panel.selection()
        return self._base()

    def _base(self) -> Selection | None:
        row = self.list.current
        return None if row is None else Selection(row.snapshot, gpu=row.gpu)

    # updates

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - the list compares lines itself
        self.list.update_fleet(self.app.state.snapshots)
        self._show_top()

    def on_screen_resume(self) -> None:
        if self.is_mounted:
            self.fleet_changed(())

    def _tick(self) -> None:
        if self.is_current:
            self.list.tick()
            self.list.repaint()
            self._show_top()
            if self._fresh() != self._fresh_shown:
                self._show_hints()

    def _show_top(self) -> None:
        app = self.app
        top = header.Top(
            snapshots=app.state.snapshots,
            tunnels=len(app.state.tunnels),
            questions=len(app.state.questions),
            running=app.tasks.newest(),
            clock=time.strftime("%H:%M"),
            demo=app.demo,
        )
        self.query_one("#top", Bar).put([Part(header.top_line(top, self.size.width))])
        held = header.mine_line(app.state.snapshots, app.look.thresholds.idle_after)
        self.query_one("#mine", Bar).put([Part(held)])

    def _show_hints(self) -> None:
        said: Line = ()
        if marked := len(self.panel.table.marked):
            said = (Span(f" ✓ {marked} marked ", "key"),)
        if words := joined([self._query, "mine" if self._mine else "", self.panel.table.wanted], " "):
            said = (*said, Span(" / ", "key"), Span(words, "strong"), Span("  esc shows all ", "muted"))
        room = self.size.width - width(said)
        self._fresh_shown = self._fresh()
        self.query_one("#hints", Bar).put(hints(self, room, self.selection(), self._fresh_shown), [Part(said)])

    def _fresh(self) -> str:
        fresh = self.app.actions.fresh
        return fresh.label if fresh else ""

    @on(RowList.Moved)
    def _moved(self, event: RowList.Moved) -> None:
        if event.source is self.list:
            self.panel.follow(self._base(), self.app.state.tunnels)
            self.app.watch_host(self.list.current.snapshot.name if self.list.current else None)
        self._show_hints()

    def on_descendant_focus(self) -> None:
        self._show_hints()

    def on_resize(self, event: events.Resize) -> None:
        self._arrange(event.size.height)
        self._show_top()
        self._show_hints()

    def _arrange(self, height: int) -> None:
        roomy = height >= ROOMY
        self.set_class(not roomy, "small")
        wanted = roomy if self._panel_wanted is None else self._panel_wanted
        if wanted != self.panel.display:
            self.panel.display = wanted
            self.panel.follow(self._base(), self.app.state.tunnels)

    # keys: panels

    def action_panel(self, tab: int) -> None:
        self._panel_wanted = True
        self.panel.base = self._base()
        self.panel.open(tab)
        self.panel.table.focus()

    def action_cycle(self, step: int) -> None:
        panel = self.panel
        at = panel.tab if panel.display and self.focused is panel.table else 0
        nxt = (at + step) % 5
        if nxt:
            self.action_panel(nxt)
        else:
            self.list.focus()

    def action_zoom(self) -> None:
        if not self.panel.display:
            self.action_panel(self.panel.tab)
        self.toggle_class("zoomed")
        (self.panel.table if self.has_class("zoomed") else self.list).focus()

    def action_back(self) -> None:
        if first_run := self.query("#first-run"):
            first_run.first().close()  # type: ignore[attr-defined]
        elif self.has_class("zoomed"):
            self.action_zoom()
        elif self.panel.table.wanted:
            self.panel.table.look_for("")
            self._show_hints()
        elif self.focused is not self.list:
            self.list.focus()
        elif self._query or self._mine:
            self._query, self._mine = "", False
            self._apply_filter()
        elif self.panel.display and self.has_class("small"):
            self._panel_wanted = False
            self._arrange(self.size.height)

    @on(RowList.Opened, "FleetList")
    def _open_row(self) -> None:
        row = self.list.current
        if row is None:
            return
        if self.app.actions.explain(row.snapshot):
            return
        self.action_panel(self.panel.tab)

    @on(RowList.Opened, "PanelTable")
    async def _open_inside(self) -> None:
        selection = self.selection()
        if selection is not None:
            self.app.actions.enter(selection)

    @on(TableList.Marked)
    def _marked(self) -> None:
        self._show_hints()

    def offer_hosts(self, candidates: tuple[str, ...]) -> None:
        """Nothing is configured: what the SSH configuration knows."""
        from gpuws.tui.widgets.first_run import FirstRun

        self.mount(FirstRun(candidates), after="#fleet")
        self._panel_wanted = False
        self._arrange(self.size.height)

    # keys: filter

    def action_filter(self) -> None:
        from gpuws.tui.widgets.filter_bar import FilterBar

        bars = self.query(FilterBar)
        if bars:
            bars.first().focus_input()
            return
        table = self.panel.table
        self._narrowing = table if self.focused is table else self.list
        if self._narrowing is table:
            self.mount(FilterBar(table.wanted, "show only rows with these letters"), before="#hints")
        else:
            self.mount(FilterBar(self._query), before="#hints")

    def action_mine(self) -> None:
        self._mine = not self._mine
        self._apply_filter()

    def filtered(self, text: str) -> None:
        """The filter bar's text, while it is typed: for the panel's table, or for the fleet."""
        if isinstance(self._narrowing, TableList):
            self._narrowing.look_for(text)
            self._show_hints()
        else:
            self._query = text
            self._apply_filter()

    def filter_done(self, bar: FilterBar, *, keep: bool) -> None:
        bar.remove()
        if not keep:
            self.filtered("")
        (self._narrowing or self.list).focus()

    def _apply_filter(self) -> None:
        idle_after = self.app.look.thresholds.idle_after
        self.list.set_filter(Filter.of(self._query, mine=self._mine, idle_after=idle_after))
        self._show_hints()

    # keys: verbs

    def action_verb(self, verb: str) -> None:
        self.app.actions.do(verb, self.selection())
