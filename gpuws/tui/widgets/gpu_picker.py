"""A host's GPUs as a picture to tick: who lives on each."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import Color
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from gpuws.model.gpu import Gpu
from gpuws.tui.keys import bindings
from gpuws.tui.present.launch_lines import gpu_cell
from gpuws.tui.present.line import fit, width
from gpuws.tui.theme import paint, segments

CELL_MIN, CELL_MAX = 14, 34


class GpuPicker(Widget, can_focus=True, inherit_bindings=False):
    DEFAULT_CSS = "GpuPicker { height: 1; width: 1fr; }"
    BINDINGS = bindings("picker")
    ALLOW_SELECT = False

    class Toggled(Message):
        def __init__(self, uuid: str) -> None:
            super().__init__()
            self.uuid = uuid

    def __init__(self) -> None:
        super().__init__()
        self._gpus: Sequence[Gpu] = ()
        self._ticked: frozenset[str] = frozenset()
        self._cursor = 0

    def put(self, gpus: Sequence[Gpu], ticked: Collection[str]) -> None:
        if (tuple(gpus), frozenset(ticked)) == (self._gpus, self._ticked):
            return
        self._gpus, self._ticked = tuple(gpus), frozenset(ticked)
        self._cursor = max(0, min(self._cursor, len(gpus) - 1))
        self._size_up()
        self.refresh()

    def on_resize(self) -> None:
        self._size_up()

    def _size_up(self) -> None:
        self.styles.height = max(-(-len(self._gpus) // self._columns), 1)

    @property
    def _cell(self) -> int:
        widest = max((width(gpu_cell(gpu, False)) for gpu in self._gpus), default=CELL_MIN)
        return min(max(widest + 2, CELL_MIN), CELL_MAX, max(self.size.width, CELL_MIN))

    @property
    def _columns(self) -> int:
        return max(self.size.width // self._cell, 1)

    def render_line(self, y: int) -> Strip:
        style, background = paint(self.app), self.background_colors[1]
        found: list[Segment] = []
        if not self._gpus and y == 0:
            found = [Segment("this host shows no GPU", style("muted", background, 0))]
        first = y * self._columns
        for index in range(first, min(first + self._columns, len(self._gpus))):
            gpu = self._gpus[index]
            line = fit(gpu_cell(gpu, gpu.uuid in self._ticked), self._cell - 2)
            found += segments(style, line, self._behind(index, background))
            found.append(Segment("  ", style("text", background, 0)))
        return Strip(found).adjust_cell_length(self.size.width, Style(bgcolor=background.rich_color))

    def _behind(self, index: int, background: Color) -> Color:
        if index != self._cursor or not self.has_focus:
            return background
        return background.blend(Color.parse(self.app.theme_variables["primary"]), 0.3, alpha=1.0)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        index = event.y * self._columns + event.x // self._cell
        if index < len(self._gpus):
            self._cursor = index
            self.action_tick()

    def action_move(self, step: int) -> None:
        self._cursor = max(0, min(self._cursor + step, len(self._gpus) - 1))
        self.refresh()

    def action_tick(self) -> None:
        if self._gpus:
            self.post_message(self.Toggled(self._gpus[self._cursor].uuid))
