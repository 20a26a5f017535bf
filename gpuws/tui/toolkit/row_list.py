"""A list of rows drawn line by line: one widget, however many rows; only changed lines are painted again."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import Color
from textual.content import Content
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.strip import Strip

from gpuws.present.glyphs import CURSOR, meaning
from gpuws.present.line import Line
from gpuws.present.tables.sorting import Sort
from gpuws.tui.command import Command
from gpuws.tui.toolkit.fitting import sign_at
from gpuws.tui.toolkit.scroller import Scroller
from gpuws.tui.toolkit.theme import behind_cursor, paint, segments

RIGHT = 3
"""The right button, as Textual numbers them."""


class Keyed(Protocol):
    @property
    def key(self) -> Hashable: ...


R = TypeVar("R", bound=Keyed)


class RowList(Scroller, Generic[R]):
    """The cursor belongs to a row's key, not to its place: it stays with the row when others come and go."""

    KEYS_ABOUT = "list"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command(
            "open", "enter", "open", "Open what is selected",
            lambda rows: rows.open(), hint=11, when=lambda rows: rows.opens, says=lambda rows: rows.opens_as(),
        ),
        Command(
            "sort-left", "<", "sort", "Sort by the column to the left; a click on its title does, too, again turns it",
            lambda rows: rows.sort_beside(-1), when=lambda rows: bool(rows.sortable()),
        ),
        Command(
            "sort-right", ">", "sort", "Sort by the column to the right",
            lambda rows: rows.sort_beside(1), when=lambda rows: bool(rows.sortable()),
        ),
    )  # fmt: skip
    opens = True
    """Rows can be opened."""

    class Moved(Message):
        """The cursor is on another row, or its row changed."""

        def __init__(self, source: RowList[Any]) -> None:
            super().__init__()
            self.source = source

        @property
        def control(self) -> RowList[Any]:
            return self.source

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, RowList.Moved) and message.source is self.source

    class Opened(Message):
        """Enter, or a double click."""

        def __init__(self, source: RowList[Any]) -> None:
            super().__init__()
            self.source = source

        @property
        def control(self) -> RowList[Any]:
            return self.source

    class Menu(Message):
        """The right button on a row, which has the cursor now. `at`: where on the screen."""

        def __init__(self, source: RowList[Any], at: Offset) -> None:
            super().__init__()
            self.source = source
            self.at = at

        @property
        def control(self) -> RowList[Any]:
            return self.source

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.rows: Sequence[R] = ()
        self.cursor = 0
        self.sort = Sort()
        self.moved_by_itself = 0.0
        """When (monotonic) the row under the cursor went away by itself and another took its place."""
        self._lines: dict[int, Line] = {}
        self._head: Line | None = None

    # what a kind of list says of itself

    def heading(self, width: int) -> Line | None:  # noqa: ARG002 - for those that have one
        """The line that stays at the top; None: there is none."""
        return None

    def line(self, index: int, width: int) -> Line:
        """The row as a line of exactly `width` cells."""
        raise NotImplementedError

    def fade(self, index: int) -> int:  # noqa: ARG002 - for those that dim rows
        """How dimmed the row is (`theme.FADES`)."""
        return 0

    def nothing(self) -> str:
        """What an empty list says."""
        return ""

    def stand_in(self, key: Hashable) -> Hashable:
        """The key the cursor goes to when its row is gone."""
        return key

    def sortable(self) -> Sequence[str]:
        """The columns that are shown and that rows can be sorted by, from left to right."""
        return ()

    def column_at(self, x: int) -> str | None:  # noqa: ARG002 - for those that have columns
        """The column whose title stands there."""
        return None

    def sorted_anew(self) -> None:
        """`sort` was chosen anew."""

    def opens_as(self) -> str:
        """What ⏎ leads to on the row under the cursor, in a word; "": it opens it."""
        return ""

    # rows and cursor

    @property
    def inner_width(self) -> int:
        return self.scrollable_content_region.width

    @property
    def head_lines(self) -> int:
        return 0 if self.heading(max(self.inner_width, 1)) is None else 1

    @property
    def current(self) -> R | None:
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    @property
    def in_sight(self) -> Sequence[R]:
        """Those that can be seen, from the top down."""
        return [self.rows[index] for index in self._visible()]

    def show(self, rows: Sequence[R], *, asked: bool = False) -> None:
        """Take new rows; the cursor stays on its row, and its row on its line of the screen.

        `asked`: the user wanted other rows; nothing happened by itself."""
        before = [row.key for row in self.rows]
        key = before[self.cursor] if self.cursor < len(before) else None
        self.rows = rows
        after = [row.key for row in rows]
        if after == before:
            self.repaint()
        else:
            self._place(key, after)
            if key is not None and key not in after:
                self.moved_by_itself = 0.0 if asked else time.monotonic()
        self.post_message(self.Moved(self))

    def select(self, key: Hashable) -> bool:
        """Put the cursor on that row; False: there is none."""
        for index, row in enumerate(self.rows):
            if row.key == key:
                self.move_to(index)
                return True
        return False

    def move_to(self, index: int) -> None:
        index = max(0, min(index, len(self.rows) - 1))
        if index != self.cursor:
            for changed in (self.cursor, index):
                self._refresh_row(changed)
            self.cursor = index
            self.post_message(self.Moved(self))
        self._reveal()

    def repaint(self) -> None:
        """Paint the visible lines that read differently now."""
        width = self.inner_width
        if (head := self.heading(width)) != self._head:
            self._head = head
            self.refresh(Region(0, 0, self.size.width, 1))
        for index in self._visible():
            shown = self._lines.get(index)
            if shown is not None and self._compute(index, width) != shown:
                self._refresh_row(index)

    def repaint_all(self) -> None:
        self._lines.clear()
        self._head = None
        self.refresh()

    def _compute(self, index: int, width: int) -> Line:
        line = self._lines[index] = self.line(index, width)
        return line

    def _visible(self) -> range:
        top = int(self.scroll_offset.y)
        return range(top, min(top + max(self.size.height - self.head_lines, 0), len(self.rows)))

    def _refresh_row(self, index: int) -> None:
        self.refresh(Region(0, index + self.head_lines - int(self.scroll_offset.y), self.size.width, 1))

    def _place(self, key: Hashable, keys: Sequence[Hashable]) -> None:
        offset = self.cursor - int(self.scroll_offset.y)
        for wanted in (key, self.stand_in(key)):
            if wanted in keys:
                self.cursor = keys.index(wanted)
                break
        else:
            self.cursor = max(0, min(self.cursor, len(keys) - 1))
        self._lines.clear()
        self.virtual_size = Size(1, len(keys) + self.head_lines)
        self.scroll_to(y=max(self.cursor - offset, 0), animate=False, force=True, immediate=True)
        self._reveal()
        self.refresh()

    def _reveal(self) -> None:
        room = self.size.height - self.head_lines
        top = int(self.scroll_offset.y)
        if room <= 0 or top <= self.cursor < top + room:
            return
        target = self.cursor if self.cursor < top else self.cursor - room + 1
        self.scroll_to(y=target, animate=False, force=True, immediate=True)

    # drawing

    def render_line(self, y: int) -> Strip:
        width = self.inner_width
        head_lines = self.head_lines
        background = self.background_colors[1]
        if y < head_lines:
            self._head = self.heading(width)
            return self._strip(self._head or (), background, 0)
        index = y - head_lines + int(self.scroll_offset.y)
        if index < len(self.rows):
            line = self._lines.get(index) or self._compute(index, width)
            at_cursor = index == self.cursor
            return self._strip(line, self._row_background(background, at_cursor), self.fade(index), at_cursor)
        return self._strip(self._nothing(index, width), background, 0)

    def _nothing(self, index: int, width: int) -> Line:
        from gpuws.present.line import Span
        from gpuws.tui.toolkit.fitting import fit

        text = self.nothing() if index == 0 and not self.rows else ""
        return fit((Span(f"  {text}", "muted"),), width)

    def _row_background(self, background: Color, at_cursor: bool) -> Color:
        return behind_cursor(self.app, background, focused=self.has_focus) if at_cursor else background

    def _strip(self, line: Line, background: Color, fade: int, at_cursor: bool = False) -> Strip:
        style = paint(self.app)
        found = segments(style, line, background, fade)
        if at_cursor and self.has_focus and found and found[0].text.startswith(" "):
            rest = found[0]
            found[:1] = [Segment(CURSOR, style("key", background, 0)), Segment(rest.text[1:], rest.style)]
        return Strip(found).adjust_cell_length(self.size.width, Style(bgcolor=background.rich_color))

    # events and keys

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._lines.clear()

    def on_resize(self) -> None:
        self.virtual_size = Size(1, len(self.rows) + self.head_lines)
        self.repaint_all()
        self._reveal()

    def on_focus(self) -> None:
        self._refresh_row(self.cursor)

    def on_blur(self) -> None:
        self._refresh_row(self.cursor)

    def on_click(self, event: events.Click) -> None:
        if event.y < self.head_lines:
            self.sort_at(event.x)
            return
        index = self._row_at(event.y)
        if index is None:
            return
        self.move_to(index)
        if event.button == RIGHT:
            self.post_message(self.Menu(self, event.screen_offset))
        else:
            self.clicked(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """A sign says what it means."""
        index = self._row_at(event.y)
        tip = meaning(sign_at(self._lines.get(index, ()), event.x)) if index is not None else ""
        if tip != str(self.tooltip or ""):
            self.tooltip = Content(tip) if tip else None

    def _row_at(self, y: int) -> int | None:
        """The row on that line of the widget."""
        index = y - self.head_lines + int(self.scroll_offset.y)
        return index if self.head_lines <= y and index < len(self.rows) else None

    def clicked(self, event: events.Click) -> None:
        """The row under the pointer has the cursor now."""
        if event.chain == 2:
            self.open()

    def sort_at(self, x: int) -> None:
        """By the column whose title stands there; again turns it round."""
        if (column := self.column_at(x)) in self.sortable():
            self.sort_by(self.sort.by(str(column)))

    def sort_beside(self, step: int) -> None:
        self.sort_by(self.sort.beside(self.sortable(), step))

    def sort_by(self, sort: Sort) -> None:
        """The first rows are shown, as far as the cursor's can be seen with them."""
        self.sort = sort
        self.sorted_anew()
        self.scroll_to(y=0, animate=False, force=True, immediate=True)
        self._reveal()

    def move(self, step: int) -> None:
        self.move_to(self.cursor + step)

    def page(self, step: int) -> None:
        self.move_to(self.cursor + step * max(self.size.height - self.head_lines - 1, 1))

    def first(self) -> None:
        self.move_to(0)

    def last(self) -> None:
        self.move_to(len(self.rows) - 1)

    def open(self) -> None:
        if self.current is not None:
            self.post_message(self.Opened(self))
