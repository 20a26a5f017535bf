"""Nothing is configured yet: what there is to begin with, below this machine's row. Nothing is dialled before."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from gpuws.model.host.configured import Configured
from gpuws.present.line import Line, Span
from gpuws.tui.hosts.aliases import AliasChooser
from gpuws.tui.hosts.ticks import TickList
from gpuws.tui.toolkit.fitting import fit, left
from gpuws.tui.toolkit.row_list import RowList

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase

BESIDE = 3
"""Lines of the aliases' title and buttons."""


class FirstRun(Vertical):
    """Aliases to tick where the SSH configuration has some, else a welcome. It goes when hosts came, or with esc."""

    DEFAULT_CSS = """
    FirstRun { height: 1fr; border-top: solid $frame; }
    FirstRun .welcome { height: auto; padding: 0 2; color: $muted; }
    FirstRun #welcome { color: $primary; text-style: bold; }
    FirstRun Beginnings { height: 4; margin-top: 1; }
    FirstRun TickList { height: auto; }
    """
    app: AppBase

    def __init__(self, configured: Configured) -> None:
        super().__init__(id="first-run")
        self._aliases, self._left_out = configured.aliases, configured.left_out

    def compose(self) -> ComposeResult:
        if self._aliases:
            yield AliasChooser(self._aliases, self._left_out)
        else:
            yield Static("Welcome to gpuws", id="welcome", classes="welcome", markup=False)
            yield Static(WHY, classes="welcome", markup=False)
            yield Beginnings()

    def on_mount(self) -> None:
        self.app.typed.forget()  # it came by itself: what was typed until now was for what had the focus
        if not self._aliases:
            self.query_one(Beginnings).focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        """The buttons stand right below the aliases, however many there are."""
        beside = BESIDE + sum(one.outer_size.height for one in self.query(".left-out"))
        for ticks in self.query(TickList):
            ticks.styles.max_height = max(self.size.height - beside, 1)

    @on(RowList.Opened, "Beginnings")
    def _begin(self) -> None:
        from gpuws.tui.hosts import commands

        chosen = self.query_one(Beginnings).current
        if chosen is None:
            return
        if chosen.label == ADD.label:
            commands.new_host(self.app)
        elif chosen.label == DEMO.label:
            commands.look_at_demo(self.app)
        else:
            commands.read_first_steps(self.app)

    def back(self) -> None:
        """esc: one step back, at last away."""
        if choosers := self.query(AliasChooser):
            choosers.first().back()
        else:
            self.close()

    @property
    def wanted(self) -> str:
        """What aliases are filtered by."""
        return next((chooser.ticks.wanted for chooser in self.query(AliasChooser)), "")

    @on(AliasChooser.Closed)
    def close(self) -> None:
        self.app.home().begun()


@dataclass(frozen=True, slots=True)
class Beginning:
    label: str
    detail: str

    @property
    def key(self) -> Hashable:
        return self.label


ADD = Beginning("Add a host", "its address, as you type it after ssh")
DEMO = Beginning("Look at the demo", "a simulated lab; q comes back here")
DOCS = Beginning("First steps", "from here to a notebook on a GPU; the documentation")
WHY = (
    "Above is this machine. Servers that you reach by ssh stand beside it once you add them: now, or any time with A. "
    "Nothing is installed on them, and nothing is dialled before you ask for it."
)


class Beginnings(RowList[Beginning]):
    def on_mount(self) -> None:
        self.show((ADD, DEMO, DOCS))

    def line(self, index: int, width: int) -> Line:
        row = self.rows[index]
        return fit((Span("  "), Span(left(row.label, 19), "strong"), Span(row.detail, "muted")), width)
