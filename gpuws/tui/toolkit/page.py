"""Lines of roled text to scroll through; only lines that read differently are painted again."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from gpuws.present.line import Line
from gpuws.tui.toolkit.fitting import fit
from gpuws.tui.toolkit.scroller import Scroller
from gpuws.tui.toolkit.theme import paint, segments


class Page(Scroller):
    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()

    @property
    def room(self) -> int:
        """Cells a line has."""
        return max(self.scrollable_content_region.width, 20)

    def put(self, lines: Sequence[Line]) -> None:
        before, self._lines = self._lines, lines
        if len(before) != len(lines):
            self.virtual_size = Size(1, len(lines))
            self.refresh()
            return
        top = int(self.scroll_offset.y)
        for number in range(top, min(top + self.size.height, len(lines))):
            if lines[number] != before[number]:
                self.refresh(Region(0, number - top, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        background = self.background_colors[1]
        number = y + int(self.scroll_offset.y)
        line = fit(self._lines[number] if number < len(self._lines) else (), self.room)
        found = segments(paint(self.app), line, background)
        return Strip(found).adjust_cell_length(self.size.width, Style(bgcolor=background.rich_color))
