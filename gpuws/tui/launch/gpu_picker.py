"""A host's GPUs as a picture to tick: who lives on each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import Color
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from gpuws.present.gpu_choices import Cell, cell_line, linked
from gpuws.tui.base import AppBase
from gpuws.tui.command import Command, Commanded
from gpuws.tui.toolkit.fitting import fit, width
from gpuws.tui.toolkit.theme import behind_cursor, paint, segments

CELL_MIN, CELL_MAX = 14, 34


class GpuPicker(Commanded, Widget, can_focus=True, inherit_bindings=False):
    DEFAULT_CSS = "GpuPicker { height: 1; width: 1fr; }"
    app: AppBase
    KEYS_ABOUT = "picker"
    KEYS: ClassVar[tuple[Command[GpuPicker], ...]] = (
        Command("gpu-left", "left,h", "left", "GPU to the left", lambda picker: picker.move(-1)),
        Command("gpu-right", "right,l", "right", "GPU to the right", lambda picker: picker.move(1)),
        Command("gpu-up", "up,k", "up", "GPU above", lambda picker: picker.row(-1)),
        Command("gpu-down", "down,j", "down", "GPU below", lambda picker: picker.row(1)),
        Command("gpu-tick", "space,enter", "tick", "Take or leave this GPU", lambda picker: picker.tick()),
    )
    ALLOW_SELECT = False

    class Toggled(Message):
        def __init__(self, uuid: str) -> None:
            super().__init__()
            self.uuid = uuid

    class Moved(Message):
        """Another one is under the cursor, or the picker has the focus now or no more."""

    def __init__(self) -> None:
        super().__init__()
        self._cells: Sequence[Cell] = ()
        self._near: frozenset[str] = frozenset()
        self._cursor = 0

    @property
    def current(self) -> Cell | None:
        """The one under the cursor, while the picker has the focus."""
        return self._cells[self._cursor] if self._cells and self.has_focus else None

    def put(self, cells: Sequence[Cell]) -> None:
        if tuple(cells) == self._cells:
            return
        self._cells = tuple(cells)
        self._cursor = max(0, min(self._cursor, len(cells) - 1))
        self._size_up()
        self._look()

    def on_resize(self) -> None:
        self._size_up()

    def _size_up(self) -> None:
        self.styles.height = max(-(-len(self._cells) // self._columns), 1)

    @property
    def _cell(self) -> int:
        widest = max((width(cell_line(cell)) for cell in self._cells), default=CELL_MIN)
        room = max(self.size.width // 2, CELL_MIN)  # two stand side by side on a small screen too
        return min(max(widest + 2, CELL_MIN), CELL_MAX, room)

    @property
    def _columns(self) -> int:
        return max(self.size.width // self._cell, 1)

    def render_line(self, y: int) -> Strip:
        style, background = paint(self.app), self.background_colors[1]
        found: list[Segment] = []
        if not self._cells and y == 0:
            found = [Segment("this host shows no GPU", style("muted", background, 0))]
        first = y * self._columns
        for index in range(first, min(first + self._columns, len(self._cells))):
            cell = self._cells[index]
            line = fit(cell_line(cell, near=cell.gpu.uuid in self._near), self._cell - 2)
            found += segments(style, line, self._behind(index, background))
            found.append(Segment("  ", style("text", background, 0)))
        return Strip(found).adjust_cell_length(self.size.width, Style(bgcolor=background.rich_color))

    def _behind(self, index: int, background: Color) -> Color:
        at_cursor = index == self._cursor and self.has_focus
        return behind_cursor(self.app, background, focused=True) if at_cursor else background

    def on_focus(self) -> None:
        self._look()

    def on_blur(self) -> None:
        self._look()

    def on_click(self, event: events.Click) -> None:
        index = event.y * self._columns + event.x // self._cell
        if index < len(self._cells):
            self._cursor = index
            self.tick()
            self._look()

    def move(self, step: int) -> None:
        self._cursor = max(0, min(self._cursor + step, len(self._cells) - 1))
        self._look()

    def row(self, step: int) -> None:
        at = self._cursor + step * self._columns
        if 0 <= at < len(self._cells):
            self.move(at - self._cursor)

    def tick(self) -> None:
        if self._cells:
            self.post_message(self.Toggled(self._cells[self._cursor].uuid))

    def _look(self) -> None:
        self._near = linked(self.current, self._cells) if self.current else frozenset()
        self.refresh()
        self.post_message(self.Moved())
