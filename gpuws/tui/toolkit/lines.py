"""A few lines of roled text, as high as it needs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from gpuws.present.line import Line
from gpuws.tui.toolkit.fitting import fit
from gpuws.tui.toolkit.theme import paint, segments


class Lines(Widget):
    DEFAULT_CSS = "Lines { width: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()
        self.styles.height = 0

    def put(self, lines: Sequence[Line]) -> None:
        if tuple(lines) != self._lines:
            self._lines = tuple(lines)
            self.styles.height = len(lines)
            self.refresh(layout=True)

    def render_line(self, y: int) -> Strip:
        background = self.background_colors[1]
        line = fit(self._lines[y] if y < len(self._lines) else (), self.size.width)
        found = segments(paint(self.app), line, background)
        return Strip(found).adjust_cell_length(self.size.width, Style(bgcolor=background.rich_color))
