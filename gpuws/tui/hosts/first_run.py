"""Nothing configured yet: the SSH configuration's aliases to tick. Nothing is dialled before."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from gpuws.model.host.forges import is_forge
from gpuws.model.units import count
from gpuws.present.line import Line, Span, clean
from gpuws.tui.command import Command
from gpuws.tui.toolkit.bar import Bar, Part
from gpuws.tui.toolkit.fitting import fit
from gpuws.tui.toolkit.row_list import RowList

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase


@dataclass(frozen=True, slots=True)
class Tick:
    name: str

    @property
    def key(self) -> Hashable:
        return self.name


class TickList(RowList[Tick]):
    KEYS_ABOUT = "ticks"
    KEYS: ClassVar[tuple[Command[TickList], ...]] = (
        Command("tick", "space", "tick", "Tick or untick", lambda ticks: ticks.tick()),
    )

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.ticked = {name for name in names if not is_forge(name, None)}
        self._names = names

    def on_mount(self) -> None:
        self.show([Tick(name) for name in self._names])

    def line(self, index: int, width: int) -> Line:
        name = self.rows[index].name
        on_ = name in self.ticked
        forge = Span("  a git forge", "muted") if is_forge(name, None) else Span("")
        return fit(
            (Span("  "), Span("☑ " if on_ else "☐ ", "key" if on_ else "muted"), Span(clean(name)), forge), width
        )

    def tick(self) -> None:
        if (row := self.current) is not None:
            self.ticked ^= {row.name}
            self.repaint()
            self.move(1)


class FirstRun(Vertical):
    """It goes when hosts were added, or is closed with esc."""

    DEFAULT_CSS = """
    FirstRun { height: 60%; border-top: solid $frame; }
    FirstRun .buttons { height: 1; margin: 1 2 1 2; }
    FirstRun Button { margin-right: 2; }
    FirstRun Static { color: $muted; width: 1fr; height: 1; }
    """
    app: AppBase

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(id="first-run")
        self._names = names

    def compose(self) -> ComposeResult:
        yield Bar(id="first-title")
        yield TickList(self._names)
        with Horizontal(classes="buttons"):
            yield Button("Add these hosts", id="add", variant="primary", compact=True)
            yield Button("Not now", id="later", compact=True)
            yield Static("or look at a lab: gpuws demo", markup=False)

    def on_mount(self) -> None:
        said = (
            Span(f"  {count(len(self._names), 'host')} in your SSH configuration", "strong"),
            Span("   space ticks, ⏎ adds; nothing is dialled before", "muted"),
        )
        self.query_one("#first-title", Bar).put([Part(said)])
        self.query_one(TickList).focus()
        self.app.typed.forget()  # it came by itself: what was typed until now was for what had the focus

    @on(RowList.Opened)
    def _opened(self) -> None:
        self._add()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "add":
            self._add()
        else:
            self.close()

    def _add(self) -> None:
        chosen = [name for name in self._names if name in self.query_one(TickList).ticked]
        if not chosen:
            self.app.warn("tick the hosts to add, with space")
            return
        self.app.verbs.run("add hosts", lambda: self.app.fleet.add_hosts(chosen), lambda _: self._added(len(chosen)))

    def _added(self, number: int) -> None:
        self.app.say(f"{count(number, 'host')} added to hosts.yaml")
        self.close()

    def close(self) -> None:
        from gpuws.tui.fleet.fleet_list import FleetList

        if self.is_attached:
            self.screen.query_one(FleetList).focus()
            self.remove()
