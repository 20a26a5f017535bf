"""Aliases of the SSH configuration to tick, each with where it leads. Nothing is dialled."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.message import Message

from gpuws.model.host.configured import Alias
from gpuws.model.host.forges import is_forge
from gpuws.present.line import Line, Span, clean
from gpuws.tui.command import Command
from gpuws.tui.toolkit.fitting import cells, fit, left
from gpuws.tui.toolkit.row_list import RowList

FEW = 8
"""Up to so many aliases all are ticked beforehand; of more a person chooses."""
NAME = 28  # cells at most


@dataclass(frozen=True, slots=True)
class Tick:
    alias: Alias

    @property
    def key(self) -> Hashable:
        return self.alias.name

    @property
    def forge(self) -> bool:
        return is_forge(self.alias.name, self.alias.hostname)


class TickList(RowList[Tick]):
    """`ticked`: names. `wanted`: the words that `/` looks for in names and addresses."""

    KEYS_ABOUT = "ticks"
    KEYS: ClassVar[tuple[Command[TickList], ...]] = (
        Command("tick", "space", "tick", "Tick or untick", lambda ticks: ticks.tick(), hint=1),
        Command("tick-all", "a", "all or none", "Tick all that are shown, or none", lambda ticks: ticks.all(), hint=2),
        Command(
            "tick-filter", "/", "filter", "Show only aliases with these letters",
            lambda ticks: ticks.open_filter(), hint=3,
        ),
    )  # fmt: skip

    class Ticked(Message):
        """Others are ticked now, or the cursor is on another."""

    def __init__(self, aliases: Sequence[Alias]) -> None:
        super().__init__()
        self._all = [Tick(alias) for alias in aliases]
        self._addresses: Mapping[str, str | None] = {}
        self._name_cells = min(max((cells(alias.name) for alias in aliases), default=0), NAME)
        self.ticked = {tick.alias.name for tick in self._all if not tick.forge} if len(aliases) <= FEW else set()
        self.wanted = ""

    def on_mount(self) -> None:
        self.show(self._all)

    @property
    def chosen(self) -> list[str]:
        """Those that are ticked, in their order; the one under the cursor where none is."""
        ticked = [tick.alias.name for tick in self._all if tick.alias.name in self.ticked]
        return ticked or ([self.current.alias.name] if self.current else [])

    def lead_to(self, addresses: Mapping[str, str | None]) -> None:
        """As `ssh -G` says, by name; None where ssh accepts no such block."""
        self._addresses = addresses
        self.repaint_all()

    def look_for(self, text: str) -> str:
        """Show only those with all these words; any words are a filter."""
        self.wanted = text
        words = text.lower().split()
        self.show([tick for tick in self._all if all(word in self._text(tick) for word in words)], asked=True)
        self.repaint_all()
        return ""

    def line(self, index: int, width: int) -> Line:
        tick = self.rows[index]
        name = tick.alias.name
        on = name in self.ticked
        known = name in self._addresses
        address = self._addresses.get(name) if known else tick.alias.hostname
        refused = Span("ssh does not accept what is written of it", "warn")
        return fit(
            (
                Span("  "),
                Span("☑ " if on else "☐ ", "key" if on else "muted"),
                Span(left(clean(name), self._name_cells), "text"),
                Span("  "),
                refused if known and address is None else Span(clean(address), "muted"),
                Span("   a git forge", "muted") if tick.forge else Span(""),
            ),
            width,
        )

    def opens_as(self) -> str:
        return "add"

    def nothing(self) -> str:
        return "Nothing matches. esc shows all."

    def tick(self) -> None:
        if (row := self.current) is not None:
            self.ticked ^= {row.alias.name}
            self.repaint()
            self.move(1)
            self.post_message(self.Ticked())

    def all(self) -> None:
        """Those that are shown, forges left out; none, where they are ticked already."""
        shown = {tick.alias.name for tick in self.rows if not tick.forge}
        self.ticked = self.ticked - shown if shown <= self.ticked else self.ticked | shown
        self.repaint()
        self.post_message(self.Ticked())

    def open_filter(self) -> None:
        from gpuws.tui.toolkit.filter_bar import FilterBar

        if self.parent is not None:
            self.screen.mount(FilterBar(self, "show only aliases with these letters"), after=self)

    def _text(self, tick: Tick) -> str:
        name = tick.alias.name
        return f"{name} {self._addresses.get(name) or tick.alias.hostname or ''}".lower()
