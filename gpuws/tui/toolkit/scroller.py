"""What is scrolled by lines and pages with the same keys everywhere: lists, pages, text."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.scroll_view import ScrollView

from gpuws.tui.base import AppBase
from gpuws.tui.command import Command, Commanded


class Scroller(Commanded, ScrollView, can_focus=True, inherit_bindings=False):
    DEFAULT_CSS = """
    Scroller { height: 1fr; background: $background; scrollbar-size-vertical: 1; overflow-x: hidden;
               scrollbar-gutter: stable; }
    """
    app: AppBase
    KEYS_ABOUT = "moving"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("down", "j,down", "down", "Next row", lambda it: it.move(1)),
        Command("up", "k,up", "up", "Previous row", lambda it: it.move(-1)),
        Command("first", "g,home", "first", "First row", lambda it: it.first()),
        Command("last", "G,end", "last", "Last row", lambda it: it.last()),
        Command("page-down", "ctrl+d,pagedown", "page down", "A page down", lambda it: it.page(1)),
        Command("page-up", "ctrl+u,pageup", "page up", "A page up", lambda it: it.page(-1)),
    )
    ALLOW_SELECT = False

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        """Textual tells the bar where it stands only while it is shown."""
        if shown:
            self.vertical_scrollbar.position = self.scroll_y

    def move(self, step: int) -> None:
        self.go_to(self.scroll_y + step)

    def page(self, step: int) -> None:
        self.go_to(self.scroll_y + step * max(self.size.height - 1, 1))

    def first(self) -> None:
        self.go_to(0)

    def last(self) -> None:
        self.go_to(self.max_scroll_y)

    def go_to(self, y: float) -> None:
        """That line is the first that is seen, as far as there are lines."""
        self.scroll_to(y=min(max(y, 0), self.max_scroll_y), animate=False, force=True, immediate=True)
