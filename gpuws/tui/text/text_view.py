"""Lines of text to scroll through: JSON, a page of words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.segment import Segment

from gpuws.present.line import Line
from gpuws.tui.text.rows_view import RowsView
from gpuws.tui.text.wrapping import lit, matching, rows_of
from gpuws.tui.toolkit.fitting import fit
from gpuws.tui.toolkit.theme import paint, segments

Draw = Callable[[str, str], Line]
"""text of a row, what is looked for → its line"""


class TextView(RowsView):
    def __init__(self, draw: Draw = lit) -> None:
        super().__init__()
        self._draw = draw
        self._lines: Sequence[str] = ()
        self._rows: list[str] = []

    @property
    def matches(self) -> int:
        return len(self._rows)

    def set_lines(self, lines: Sequence[str]) -> None:
        """New content."""
        self._lines = lines
        self.lay_out()

    def lay_out(self) -> None:
        self._rows = rows_of(self._lines, matching(self._lines, self.wanted), self.room, self.wrap)
        self.show()

    def row(self, index: int, width: int) -> list[Segment]:
        line = self._draw(f" {self._rows[index]}", self.wanted)
        return segments(paint(self.app), fit(line, width), self.background_colors[1])
