"""The bottom of the home screen: what can be done with this row, and under it what can be done anyway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import Screen

from gpuws.model.host.host import HostState
from gpuws.present.line import Line, Span
from gpuws.tui.command import action_of
from gpuws.tui.selection import Selection, whole_host
from gpuws.tui.toolkit.bar import Bar, Part
from gpuws.tui.toolkit.fitting import width
from gpuws.tui.toolkit.hints import Live, fitting, live, ordered, tips

Kind = Literal[
    "nothing", "trouble", "host", "free", "held", "container", "session", "kernel", "tunnel", "process", "event",
    "marked containers", "marked processes", "marked GPUs", "marked kernels", "beginning",
]  # fmt: skip

PLACES: Mapping[Kind, tuple[str, ...]] = {
    "nothing": ("launch", "jump"),
    "trouble": ("reconnect", "open", "doctor", "actions", "attach", "shell"),
    "host": ("launch", "attach", "shell", "open", "images", "doctor", "actions", "reconnect"),
    "free": ("launch", "attach", "shell", "open", "mark-gpu", "images", "doctor", "actions"),
    "held": (
        "attach", "shell", "jupyter", "logs", "open", "stop", "restart", "actions",
        "inspect", "remove", "kill", "write",
    ),
    "container": (
        "attach", "shell", "logs", "stop", "restart", "remove", "inspect", "actions",
        "jupyter", "kill", "mark", "write",
    ),
    "session": ("attach", "shell", "kill", "actions", "write", "logs", "copy"),
    "kernel": ("jupyter", "kill", "message", "mark", "actions", "attach", "shell", "logs", "inspect"),
    "tunnel": ("jupyter", "remove", "tunnels", "actions", "copy", "attach", "shell", "logs"),
    "process": ("kill", "open", "attach", "shell", "logs", "actions", "mark", "jupyter", "write"),
    "event": ("open",),
    "marked containers": ("stop", "restart", "remove", "kill", "back"),
    "marked processes": ("kill", "back"),
    "marked kernels": ("kill", "back"),
    "marked GPUs": ("launch", "mark-gpu", "back"),
    "beginning": ("tick", "tick-all", "tick-filter", "open", "alias-next", "back"),
}  # fmt: skip
"""Ids of what can be done with what is selected, the most wanted first. What can't be done now keeps its place."""

ROW = frozenset(name for names in PLACES.values() for name in names) - {"launch", "jump", "tunnels"}
"""What is about a row has no place in the second line."""

LOST = (HostState.DOWN, HostState.ASKING)


def kind_of(selection: Selection | None, *, event: bool = False) -> Kind:
    """What is selected, as far as other keys matter for it."""
    if event:
        return "event"
    if selection is None:
        return "nothing"
    if selection.marked or selection.processes:
        return "marked containers" if selection.marked else "marked processes"
    if selection.kernels:
        return "marked kernels"
    if selection.slots:
        return "marked GPUs"
    for kind in ("container", "session", "kernel", "tunnel", "process"):
        if getattr(selection, kind) is not None:
            return kind
    state = selection.snapshot.state
    if state.final or state in LOST:
        return "trouble"
    if selection.gpu is None:
        return "trouble" if state is HostState.STALE else "host"
    return "free" if whole_host(selection) else "held"


@dataclass(frozen=True, slots=True)
class Situation:
    """What the footer follows. `marked`: so many rows; `fresh`: something was just launched, and `a` enters it; `said`:
    what stands at the right end, what the rows are narrowed to."""

    kind: Kind
    marked: int = 0
    fresh: bool = False
    said: Line = ()


def first_line(now: Situation, found: Mapping[str, Live], room: int) -> list[Part]:
    """What can be done with this row."""
    said = [Part((Span(f" {now.marked} marked:", "mine"),))] if now.kind.startswith("marked") else []
    names = dict.fromkeys(("attach", *PLACES[now.kind]) if now.fresh else PLACES[now.kind])
    parts = [found[name].part() for name in names if name in found and _applies(found[name])]
    return fitting([*said, *parts], room, (action_of("actions"),))


def _applies(one: Live) -> bool:
    """Writing is offered only where `a` looks on."""
    return one.command.id != "write" or bool(one.command.title(one.node))


class Footer(Vertical):
    """Two lines; where one types, the first is left out."""

    DEFAULT_CSS = """
    Footer { height: auto; dock: bottom; }
    """

    def compose(self) -> ComposeResult:
        yield Bar(id="here")
        yield Bar(id="hints")

    def on_mount(self) -> None:
        for bar in self.query(Bar):
            bar.tips = tips(self.screen)

    def show(self, screen: Screen[Any], now: Situation) -> None:
        found, room = live(screen), self.app.size.width
        first = first_line(now, found, room)
        here = self.query_one("#here", Bar)
        here.display = bool(first)
        here.put(first)
        self.query_one("#hints", Bar).put(self._second(found, first, room - width(now.said)), [Part(now.said)])

    def _second(self, found: Mapping[str, Live], first: Sequence[Part], room: int) -> list[Part]:
        shown = {part.action for part in first}
        rest = (one for name, one in found.items() if name not in ROW and action_of(name) not in shown)
        return fitting(ordered(rest), room)
