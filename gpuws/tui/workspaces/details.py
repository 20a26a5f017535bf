"""One container in full: how it fares, its health and last events, mounts, networks, environment; its JSON by a key."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace
from typing import Any, ClassVar

from gpuws.model.errors import GpuwsError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.workspace.details import Details
from gpuws.model.workspace.workspace import Workspace
from gpuws.present import glyphs, host_state
from gpuws.present.line import Line, Span, clean, joined
from gpuws.present.workspace_facts import Section, Subject, sections
from gpuws.tui.charts.screen import here
from gpuws.tui.command import Command
from gpuws.tui.context import Context
from gpuws.tui.fleet.actions import LIST, action
from gpuws.tui.notebooks.commands import JUPYTER
from gpuws.tui.selection import Selection
from gpuws.tui.sessions.commands import ATTACH, SHELL, WRITE
from gpuws.tui.toolkit.fitting import left
from gpuws.tui.toolkit.full_screen import FullScreen
from gpuws.tui.toolkit.page import Page
from gpuws.tui.toolkit.sections import LABEL, WIDE, beside, section
from gpuws.tui.workspaces.commands import LOGS, RESTART, STOP
from gpuws.tui.workspaces.meter import Meter
from gpuws.tui.workspaces.words import describe_command

EVERY = 15.0
"""Seconds after which its details are read again while they are looked at; at once where its row changed."""


class DetailScreen(FullScreen):
    """What was last seen of it stays when it is gone."""

    KEYS_ABOUT = "this container"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("container-back", "escape,q", "back", "Back", lambda screen: screen.back(), hint=1),
        here("container", ATTACH, hint=2),
        here("container", WRITE),
        here("container", SHELL, hint=3),
        here("container", JUPYTER),
        here("container", LOGS, hint=4),
        here("container", STOP, hint=5),
        here("container", RESTART, hint=6),
        here("container", action("kill")),
        here("container", action("remove"), hint=7),
        here("container", action("watch")),
        Command(
            "container-json", "i", "JSON", "Everything the engine knows of it, in its own words",
            lambda screen: screen.show_json(), hint=8,
        ),
        here("container", replace(LIST, help="All actions for this container, with their commands"), hint=9),
        Command("container-copy", "y", "copy", "Copy the equivalent command", lambda screen: screen.copy_command()),
        Command("container-read", "ctrl+r", "read again", "Ask its engine again", lambda screen: screen.read()),
    )  # fmt: skip
    AUTO_FOCUS = "Page"

    def __init__(self, container: Workspace) -> None:
        super().__init__()
        self._last = container
        self._details: Details | None = None
        self._why = ""
        self._read_at = 0.0
        self._reading = False
        self._meter = Meter(self.app, self.show)

    def body(self) -> Page:
        return Page()

    # its life

    def on_mount(self) -> None:
        self.set_interval(1.0, self._tick)
        self.read()
        self.show()

    def on_resize(self) -> None:
        self.show()

    def on_screen_resume(self) -> None:
        if self.is_mounted:
            self.show()

    def fleet_changed(self, hosts: Collection[str]) -> None:
        if self._last.ref.host in hosts:
            before = self._last
            self._found()
            if _life(before) != _life(self._last):
                self.read()
            self.show()

    def _tick(self) -> None:
        if self.app.sees(self):
            if time.monotonic() - self._read_at >= EVERY:
                self.read()
            self.show()

    def read(self) -> None:
        """Ask its engine for the details."""
        snapshot, ref = self._snapshot, self._last.ref
        if self._reading or snapshot.caps_of(self._last).inspection or not snapshot.state.reached:
            return
        self._reading, self._read_at = True, time.monotonic()
        self.app.verbs.run("details", lambda: self.app.fleet.details(ref), self._came, self._failed)

    def _came(self, details: Details) -> None:
        self._reading, self._details, self._why = False, details, ""
        self.show()

    def _failed(self, error: GpuwsError) -> None:
        self._reading, self._why = False, str(error)
        self.show()

    # what is shown

    @property
    def _snapshot(self) -> HostSnapshot:
        return self.app.state.hosts.get(self._last.ref.host) or HostSnapshot(self._last.ref.host)

    def _found(self) -> bool:
        """It is still there: as it is now."""
        for one in self._snapshot.workspaces:
            if one.ref == self._last.ref:
                self._last = one
                return True
        return False

    def context(self) -> Context:
        there = self._found()
        return Context(self.app, Selection(self._snapshot, container=self._last) if there else None)

    def show(self) -> None:
        if not self.is_mounted:
            return
        now, there, snapshot, one = time.time(), self._found(), self._snapshot, self._last
        if there and one.enterable and snapshot.state.reached and not snapshot.caps_of(self._last).inspection:
            self._meter.read({one.ref.host: (one.id,)})
        self.show_title(
            (
                Span(f" {clean(snapshot.name, 40)} · {clean(one.name, 80)}", "title"),
                Span(f"   {clean(one.owner, 40)}", "mine" if one.mine else "text"),
            ),
            self._standing(snapshot, now, there=there),
        )
        page = self.query_one(Page)
        page.put(laid_out(self._sections(snapshot, now), page.room))
        self.show_keys()

    def _sections(self, snapshot: HostSnapshot, now: float) -> list[Section]:
        why = self._why or snapshot.caps_of(self._last).inspection
        usage = self._meter.usage.get(self._last.ref)
        return sections(Subject(self._last, snapshot, now, self._details, why, usage, self.app.state.tunnels))

    def _standing(self, snapshot: HostSnapshot, now: float, *, there: bool) -> Line:
        why = host_state.reason(snapshot, now)
        if why is not None:
            return (Span(f"{joined([why.text, why.when])} ", why.role),)
        if not there:
            return (Span("gone: what was seen last ", "warn"),)
        if self._details is None and not self._why and self._reading:
            return (Span("reading … ", "muted"),)
        return (Span(f"{glyphs.RUNS} runs ", "ok"),) if self._last.alive else (Span("ended ", "muted"),)

    # keys

    def show_json(self) -> None:
        from gpuws.tui.workspaces.inspect import InspectScreen

        self.app.push_screen(InspectScreen(self._last, self._snapshot))

    def copy_command(self) -> None:
        self.app.copy(describe_command(self._last, self._snapshot))


def laid_out(found: list[Section], width: int) -> list[Line]:
    """Two columns where there is room: how it fares at the left, what it is at the right."""
    lines = {each.title: section(each.title, _facts(each)) for each in found}
    order = [*LEFT, *RIGHT] if width < WIDE else LEFT
    first = [line for title in order for line in lines.get(title, ())]
    if width < WIDE:
        return first
    second = [line for title in RIGHT for line in lines.get(title, ())]
    return beside(first, second, width // 2, width)


LEFT = ("NOW", "HEALTH", "LAST EVENTS", "MOUNTS", "PORTS", "NETWORKS")
RIGHT = ("WHAT IT IS", "ENVIRONMENT", "LABELS")


def _facts(each: Section) -> list[Line]:
    return [
        (Span(f" {left(fact.name, LABEL)} ", "muted"), *fact.said) if fact.name else (Span(" "), *fact.said)
        for fact in each.facts
    ]


def _life(one: Workspace) -> tuple[object, ...]:
    """What tells that its details are others now."""
    return (one.name, one.status, one.started, one.oci.health, one.oci.restarts)
