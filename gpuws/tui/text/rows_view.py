"""Rows of text to scroll through: what text and logs share. Only the visible rows are drawn."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from gpuws.tui.toolkit.scroller import Scroller


class RowsView(Scroller):
    """`follow`: the end stays in sight; scrolling up stops that, scrolling to the end starts it again. `wanted`: only
    lines with these letters are shown. A kind says what its rows are: `matches`, `lay_out`, `row`."""

    class Scrolled(Message):
        """`follow` changed by scrolling."""

    def __init__(self, *, follow: bool = False) -> None:
        super().__init__()
        self.follow = follow
        self.wrap = True
        self.wanted = ""
        self._moving = False

    @property
    def matches(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def lay_out(self) -> None:
        """Anew, for the width that is there."""
        raise NotImplementedError

    def row(self, index: int, width: int) -> list[Segment]:
        """What is drawn of it."""
        raise NotImplementedError

    @property
    def room(self) -> int:
        """Cells for text."""
        return max(self.scrollable_content_region.width - 2, 1)

    def look_for(self, text: str) -> str:
        """Show only lines with these letters; any letters are a filter."""
        self.wanted = text
        self.lay_out()
        return ""

    def toggle_wrap(self) -> None:
        self.wrap = not self.wrap
        self.lay_out()

    def set_follow(self, follow: bool) -> None:
        self.follow = follow
        self.scroll_rows(self.max_scroll_y if follow else self.scroll_y)

    def show(self, shift: float = 0) -> None:
        """The rows are others now. `shift`: how much further down what is in sight lies among them."""
        self._moving = True
        self.virtual_size = Size(1, self.matches)
        self._moving = False
        self.scroll_rows(self.max_scroll_y if self.follow else self.scroll_y + shift)
        self.refresh()

    def scroll_rows(self, y: float) -> None:
        """Not as a person scrolls."""
        self._moving = True
        self.scroll_to(y=max(y, 0), animate=False, force=True, immediate=True)
        self._moving = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if not self._moving and round(old_value) != round(new_value):
            self.scrolled(up=new_value < old_value)

    def scrolled(self, *, up: bool) -> None:  # noqa: ARG002 - for kinds that look at it
        """By a person."""
        follow = self.scroll_y >= self.max_scroll_y
        if follow != self.follow:
            self.follow = follow
            self.post_message(self.Scrolled())

    def render_line(self, y: int) -> Strip:
        background = self.background_colors[1]
        index = y + int(self.scroll_offset.y)
        found = self.row(index, self.scrollable_content_region.width) if index < self.matches else []
        return Strip(found).adjust_cell_length(self.size.width, Style(bgcolor=background.rich_color))

    def on_resize(self) -> None:
        self.lay_out()
