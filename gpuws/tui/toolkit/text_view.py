"""Lines of text to scroll through: logs, JSON. Only the visible rows are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.style import Style
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from gpuws.present.line import Line
from gpuws.tui.toolkit.fitting import fit
from gpuws.tui.toolkit.scroller import Scroller
from gpuws.tui.toolkit.theme import paint, segments
from gpuws.tui.toolkit.wrapping import lit, matching, rows_of

Draw = Callable[[str, str], Line]
"""text of a row, what is looked for → its line"""


class TextView(Scroller):
    """`follow`: the end stays in sight; scrolling up stops that, scrolling to the end starts it again."""

    class Scrolled(Message):
        """`follow` changed by scrolling."""

    def __init__(self, draw: Draw = lit, *, follow: bool = False) -> None:
        super().__init__()
        self.follow = follow
        self.wrap = True
        self.wanted = ""
        self._draw = draw
        self._lines: Sequence[str] = ()
        self._rows: list[str] = []
        self._dropped = 0
        self._moving = False

    @property
    def matches(self) -> int:
        return len(self._rows)

    def set_lines(self, lines: Sequence[str], dropped: int = 0) -> None:
        """New content. `dropped` counts lines that fell off the top since the beginning: the view stays on its text."""
        fallen, self._dropped = dropped - self._dropped, dropped
        self._lines = lines
        self._lay_out(0 if self.follow or self.wanted else -fallen)

    def look_for(self, text: str) -> str:
        """Show only lines with these letters; any letters are a filter."""
        self.wanted = text
        self._lay_out()
        return ""

    def toggle_wrap(self) -> None:
        self.wrap = not self.wrap
        self._lay_out()

    def set_follow(self, follow: bool) -> None:
        self.follow = follow
        self._scroll(self.max_scroll_y if follow else self.scroll_y)

    def _lay_out(self, shift: int = 0) -> None:
        width = max(self.scrollable_content_region.width - 2, 1)
        self._rows = rows_of(self._lines, matching(self._lines, self.wanted), width, self.wrap)
        self._moving = True
        self.virtual_size = Size(1, len(self._rows))
        self._moving = False
        self._scroll(self.max_scroll_y if self.follow else self.scroll_y + shift)
        self.refresh()

    def _scroll(self, y: float) -> None:
        self._moving = True
        self.scroll_to(y=max(y, 0), animate=False, force=True, immediate=True)
        self._moving = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if not self._moving and round(old_value) != round(new_value):
            follow = new_value >= self.max_scroll_y
            if follow != self.follow:
                self.follow = follow
                self.post_message(self.Scrolled())

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        background = self.background_colors[1]
        index = y + int(self.scroll_offset.y)
        line = self._draw(f" {self._rows[index]}", self.wanted) if index < len(self._rows) else ()
        found = segments(paint(self.app), fit(line, width), background)
        return Strip(found).adjust_cell_length(self.size.width, Style(bgcolor=background.rich_color))

    def on_resize(self) -> None:
        self._lay_out()
