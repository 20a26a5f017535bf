"""What the home screen shows: the top, the fleet, the panel, and at the bottom the keys for what is selected."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from gpuws.present.line import Line, Span, joined
from gpuws.tui.base import AppBase
from gpuws.tui.command import Commanded
from gpuws.tui.context import Context
from gpuws.tui.fleet import header
from gpuws.tui.fleet.fleet_list import FleetList
from gpuws.tui.fleet.footer import Footer, Kind, Situation, kind_of
from gpuws.tui.fleet.order import of
from gpuws.tui.fleet.panel import EVENTS, Panel
from gpuws.tui.selection import Selection
from gpuws.tui.toolkit.bar import Bar, Part
from gpuws.tui.toolkit.hints import typing
from gpuws.tui.toolkit.row_list import RowList

if TYPE_CHECKING:
    from gpuws.tui.hosts.first_run import FirstRun

ROOMY = 32
"""From this many lines on the panel and the line about me are shown without being asked for."""

VIEWS = {"hosts": True, "gpus": False}
"""What the view is remembered as, and whether all hosts are folded in it."""

PANEL_LEAST = 8
"""Lines: its rule, its facts, a heading, five rows."""


class HomeFrame(Commanded, Screen[None]):
    """How its parts share the screen, and when each is shown anew. Keys are its subclass's."""

    app: AppBase
    AUTO_FOCUS = "FleetList"

    def __init__(self) -> None:
        super().__init__(id="home")
        self.first_run: FirstRun | None = None  # while it offers hosts
        self._panel_wanted: bool | None = None
        self._fresh_shown = ""  # what was just launched, as the footer names it
        self._told: tuple[Selection | None, Widget | None] = (None, None)  # whom the footer is about
        self._most: int | None = None  # lines of the list

    def compose(self) -> ComposeResult:
        look, last = self.app.look, self.app.remembered
        yield Bar(id="top")
        yield Bar(id="mine")
        yield FleetList(
            look.thresholds, sort=of(last.order), columns=last.columns, folded=VIEWS.get(last.view), id="fleet"
        )
        yield Panel(self.app.state, id="panel")
        yield Footer()

    def on_mount(self) -> None:
        self.set_interval(1.0, self._tick)
        self.screen_layout_refresh_signal.subscribe(self, lambda _: self._share_height())
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

    def context(self) -> Context:
        return Context(self.app, self.selection())

    def _base(self) -> Selection | None:
        row = self.list.current
        if row is None:
            return None
        return Selection(row.snapshot, gpu=row.gpu, mig=row.mig, slots=self.list.marked_on(row.snapshot))

    # updates

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - the list compares lines itself
        if not self._composed:  # what there is then is shown when it is mounted
            return
        self.list.update_fleet(self.app.state.snapshots)
        self._show_top()

    def on_screen_resume(self) -> None:
        if self.is_mounted:
            self.fleet_changed(())

    @property
    def _composed(self) -> bool:
        """It has its parts: not before it is mounted, nor while they are made anew."""
        return bool(self.query(FleetList))

    def _tick(self) -> None:
        if self._composed and self.app.sees(self):
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
            tasks=app.state.tasks,
            clock=time.strftime("%H:%M"),
            demo=app.demo,
            sort=self.list.sort,
            waits=sum(wait.open for wait in app.state.waits),
        )
        self.query_one("#top", Bar).put([Part(header.top_line(top, self.size.width))])
        idle_after = app.look.thresholds.idle_after
        self.query_one("#mine", Bar).put([Part(header.mine_line(app.state.snapshots, idle_after))])
        self.set_class(header.holds_idle(app.state.snapshots, idle_after), "idle")

    def _show_hints(self) -> None:
        said: Line = ()
        first = self.first_run
        wanted = (
            self.list.wanted,
            "mine" if self.list.mine else "",
            self.panel.table.wanted,
            first.wanted if first else "",
        )
        if words := joined(wanted, " "):
            keeps = "  ⏎ keeps it" if typing(self) else ""
            said = (Span(" / ", "key"), Span(words, "strong"), Span(f"{keeps}  esc shows all ", "muted"))
        self._fresh_shown = self._fresh()
        self._told = (self.selection(), self.focused)
        event = self.focused is self.panel.table and self.panel.tab == EVENTS
        kind: Kind = (
            "beginning" if first is not None and first.has_focus_within else kind_of(self.selection(), event=event)
        )
        marked = len(self.list.marked if kind == "marked GPUs" else self.panel.table.marked)
        self.query_one(Footer).show(self, Situation(kind, marked, bool(self._fresh_shown), said))

    def _fresh(self) -> str:
        door = self.app.fresh.door
        return door.label if door else ""

    @on(RowList.Moved)
    def _moved(self, event: RowList.Moved) -> None:
        if event.source is self.list:
            self._share_height()
            self.panel.follow(self._base())
            self.app.watch_host(self.list.current.snapshot.name if self.list.current else None)
        if (self.selection(), self.focused) != self._told:
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
        wanted = self.first_run is None and (roomy if self._panel_wanted is None else self._panel_wanted)
        if wanted != self.panel.display:
            self.panel.display = wanted
            self.panel.follow(self._base())
        self._share_height()

    def _share_height(self) -> None:
        """The list takes no more lines than it has rows, and leaves the panel its least: that has the others. While a
        filter is typed nothing moves."""
        if self.list.filter.on and self._most is not None and self.panel.display:
            return
        shared = (self.list, self.panel)
        others = sum(part.outer_size.height for part in self.children if part.display and part not in shared)
        room = self.size.height - others - PANEL_LEAST
        most = max(min(max(len(self.list.rows), 1) + 1, room), 2) if self.panel.display else None
        if most != self._most:
            self._most = most
            self.list.styles.max_height = most
