"""Tiles in rows, with a cursor; only those that read differently are painted again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present import host_state
from gpuws.present.line import Line
from gpuws.tui.command import Command
from gpuws.tui.tiles.layout import Layout, layout
from gpuws.tui.tiles.tile import GAP, tile
from gpuws.tui.toolkit.scroller import Scroller
from gpuws.tui.toolkit.theme import behind_cursor, paint, segments


class TileGrid(Scroller):
    KEYS_ABOUT = "the hosts"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("tile-left", "left", "left", "The host to the left", lambda grid: grid.step(-1)),
        Command("tile-right", "right", "right", "The host to the right", lambda grid: grid.step(1)),
        Command("tile-open", "enter", "open", "This host in full", lambda grid: grid.post_message(grid.Opened()), 2),
    )

    class Moved(Message):
        """The cursor is on another host."""

    class Opened(Message):
        """⏎, or a second click."""

    def __init__(self, wanted: str = "") -> None:
        super().__init__()
        self.cursor = 0
        self._wanted = wanted
        self._hosts: Sequence[HostSnapshot] = ()
        self._layout = Layout(1, 24, 3)
        self._tiles: list[list[Line]] = []
        self._fades: list[int] = []

    @property
    def current(self) -> HostSnapshot | None:
        return self._hosts[self.cursor] if self.cursor < len(self._hosts) else None

    # what is shown

    def put(self, hosts: Sequence[HostSnapshot], now: float) -> None:
        """The cursor stays on its host. A tile is made anew where the host told something, or what it told ages."""
        name = self._wanted or (self.current.name if self.current is not None else "")
        self._wanted = "" if hosts else self._wanted
        before, self._hosts = self._hosts, hosts
        names = [host.name for host in hosts]
        self.cursor = names.index(name) if name in names else min(self.cursor, max(len(hosts) - 1, 0))
        self._lay_out(before, now)

    def _lay_out(self, hosts: Sequence[HostSnapshot], now: float) -> None:
        """`hosts`: of which the tiles are that there are."""
        size = self.scrollable_content_region.size
        found = layout(len(self._hosts), max(size.width, 1), max(size.height, 1))
        idle_after = self.app.look.thresholds.idle_after
        before, fades = self._tiles, self._fades
        same = {id(host): lines for host, lines in zip(hosts, before, strict=False) if host.state is HostState.UP}
        known = same if found == self._layout else {}
        self._tiles = [
            known.get(id(host)) or tile(host, found.width, found.height, idle_after, now) for host in self._hosts
        ]
        self._fades = [host_state.fade(host, now) for host in self._hosts]
        if found != self._layout or len(before) != len(self._tiles):
            self._layout = found
            self.virtual_size = Size(1, found.rows(len(self._hosts)) * found.height)
            self._reveal()
            self.refresh()
            return
        for index, pair in enumerate(zip(before, self._tiles, strict=True)):
            if pair[0] != pair[1] or fades[index] != self._fades[index]:
                self._refresh_tile(index)

    def _place(self, index: int) -> Region:
        """Where it is on what can be scrolled."""
        shape = self._layout
        row, column = divmod(index, shape.columns)
        return Region(column * shape.width, row * shape.height, shape.width, shape.height)

    def _refresh_tile(self, index: int) -> None:
        self.refresh(self._place(index).translate((0, -int(self.scroll_offset.y))))

    def render_line(self, y: int) -> Strip:
        shape, background = self._layout, self.background_colors[1]
        row, part = divmod(y + int(self.scroll_offset.y), shape.height)
        style, found = paint(self.app), []
        first = row * shape.columns
        for index in range(first, min(first + shape.columns, len(self._tiles))):
            line, under = self._tiles[index][part], background
            if index == self.cursor and part < shape.height - 1:
                under = behind_cursor(self.app, background, focused=self.has_focus)
            found += segments(style, line, under, self._fades[index])
            found.append(Segment(" " * (GAP - 1), Style(bgcolor=background.rich_color)))
        return Strip(found).adjust_cell_length(self.size.width, Style(bgcolor=background.rich_color))

    # moving

    def move(self, step: int) -> None:
        """Up or down."""
        self.step(step * self._layout.columns)

    def step(self, hosts: int) -> None:
        wanted = self.cursor + hosts
        if 0 <= wanted < len(self._hosts):
            self._go(wanted)
        elif hosts > 1:  # the last row is shorter
            self._go(len(self._hosts) - 1)

    def page(self, step: int) -> None:
        rows = max(self.size.height // self._layout.height, 1)
        self._go(min(max(self.cursor + step * rows * self._layout.columns, 0), len(self._hosts) - 1))

    def first(self) -> None:
        self._go(0)

    def last(self) -> None:
        self._go(len(self._hosts) - 1)

    def _go(self, index: int) -> None:
        if index != self.cursor and 0 <= index < len(self._hosts):
            for changed in (self.cursor, index):
                self._refresh_tile(changed)
            self.cursor = index
            self.post_message(self.Moved())
        self._reveal()

    def _reveal(self) -> None:
        place, top, height = self._place(self.cursor), int(self.scroll_offset.y), self.size.height
        if place.y < top:
            self.go_to(place.y)
        elif place.bottom > top + height:
            self.go_to(place.bottom - height)

    def on_click(self, event: events.Click) -> None:
        shape = self._layout
        column, row = event.x // shape.width, (event.y + int(self.scroll_offset.y)) // shape.height
        index = row * shape.columns + column
        if column >= shape.columns or index >= len(self._hosts):
            return
        if index == self.cursor:
            self.post_message(self.Opened())
        self._go(index)
