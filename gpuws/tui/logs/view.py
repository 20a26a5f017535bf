"""The rows of a log as they are drawn: colours that can be read, times, names, what was found."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.message import Message

from gpuws.model import sgr
from gpuws.model.workspace.log_messages import Output, epoch_of
from gpuws.present.glyphs import ERRORS
from gpuws.present.line import clean
from gpuws.tui.logs.layout import Layout, Row, places
from gpuws.tui.logs.store import LogStore
from gpuws.tui.logs.text import LogLine
from gpuws.tui.text.rows_view import RowsView
from gpuws.tui.toolkit.fitting import cells, cut, left
from gpuws.tui.toolkit.shades import shade
from gpuws.tui.toolkit.theme import paint

NAME_COLOURS = (6, 3, 2, 5, 4, 1)
"""Of a terminal's sixteen, in turn."""
LONGEST_NAME = 20
NEAR = 2
"""Pages from an end, where more is asked for."""


class LogView(RowsView):
    """`names`: of several logs, before each line. `times`: each line has its time in front. `at`: the line that was
    found last."""

    class Near(Message):
        """A person comes near the top, or the end, of what is held."""

        def __init__(self, *, top: bool) -> None:
            super().__init__()
            self.top = top

    def __init__(self, names: Sequence[str] = ()) -> None:
        super().__init__(follow=True)
        width = min(max(map(cells, names), default=0), LONGEST_NAME)
        self._names = [f"{left(clean(name), width)} " for name in names]
        self.times = False
        self.at: int | None = None
        self.laid = Layout(LogStore())
        self._laid_for = self.size
        self._writing: list[LogLine] = []
        self._writing_rows: list[tuple[LogLine, Row]] = []

    # what is there

    @property
    def matches(self) -> int:
        return len(self.laid.rows) + len(self._writing_rows)

    def begin(self, store: LogStore) -> None:
        """With other lines."""
        self.laid.store, self.at = store, None
        self._writing = []
        self.lay_out()

    def grown(self, writing: Sequence[LogLine]) -> None:
        """Lines came at the end. `writing`: those that are not done."""
        gone = self.laid.grown()
        self._writing = list(writing)
        self._lay_writing()
        self.show(0 if self.follow else -gone)

    def preceded(self, count: int, *, cut_off: bool) -> None:
        """So many came at the top; `cut_off`: the end is held no more."""
        came = self.laid.preceded(count)
        if cut_off:
            self._writing = []
        self._lay_writing()
        self.show(came)

    def lay_out(self) -> None:
        """What is at the top of the screen stays there."""
        top, self._laid_for = self.top, self.size
        self.laid.width = max(self.room - self._ahead, 1) if self.wrap else 0
        self.laid.wanted = self.wanted
        self.laid.anew()
        self._lay_writing()
        self.show()
        if not self.follow and top is not None:
            self.scroll_rows(self.laid.row_of(top))

    def _lay_writing(self) -> None:
        self._writing_rows = [(line, row) for line in self._writing for row in self.laid.of(self.laid.store.end, line)]

    @property
    def top(self) -> int | None:
        """The number of the line on the first row that is seen."""
        index = int(self.scroll_y)
        return self.laid.rows[index].number if index < len(self.laid.rows) else None

    @property
    def ahead_of_end(self) -> int:
        """Rows below those that are seen."""
        return self.matches - int(self.scroll_y) - self.size.height

    def in_sight(self) -> list[LogLine]:
        """The lines that are seen."""
        begin = int(self.scroll_y)
        return [self._line_at(index) for index in self._firsts(range(begin, begin + self.size.height))]

    def held(self) -> list[LogLine]:
        """All that are shown."""
        return [self._line_at(index) for index in self._firsts(range(self.matches))]

    def _firsts(self, indices: range) -> Iterator[int]:
        """A row of each line."""
        last: LogLine | None = None
        for index in indices:
            if index < self.matches and (line := self._line_at(index)) is not last:
                last = line
                yield index

    def _line_at(self, index: int) -> LogLine:
        return self._at(index)[0]

    def _at(self, index: int) -> tuple[LogLine, Row]:
        rows = self.laid.rows
        if index < len(rows):
            row = rows[index]
            return self.laid.store[row.number], row
        return self._writing_rows[index - len(rows)]

    # moving

    def scrolled(self, *, up: bool) -> None:
        super().scrolled(up=up)
        if self.size != self._laid_for:
            return  # what is seen moved because the view has another size
        page = NEAR * self.size.height
        if up and self.scroll_y < page:
            self.post_message(self.Near(top=True))
        elif not up and self.ahead_of_end < page:
            self.post_message(self.Near(top=False))

    def go_to(self, y: float) -> None:
        """Where there is nothing above, more may be read."""
        before = self.scroll_y
        super().go_to(y)
        if y <= 0 and before == self.scroll_y:
            self.post_message(self.Near(top=True))

    def seek(self, letters: str) -> None:
        """Light them wherever they stand; the nearest above the end of what is seen is gone to."""
        self.laid.seek(letters)
        self.at = None
        hits = self.laid.hits
        seen = {row.number for row in self.laid.rows[int(self.scroll_y) :][: self.size.height]}
        if hits and not seen.intersection(hits):
            last = max(seen, default=self.laid.store.end)
            self.point(next((number for number in reversed(hits) if number <= last), hits[0]))
        else:
            self.at = next((number for number in reversed(hits) if number in seen), None)
        self.refresh()

    def point(self, number: int) -> None:
        """Show the line with that number, and stay there."""
        self.at, self.follow = number, False
        row, height = self.laid.row_of(number), self.size.height
        if not self.scroll_y <= row < self.scroll_y + height - 1:
            self.scroll_rows(min(max(row - height // 2, 0), self.max_scroll_y))
            self.post_message(self.Scrolled())
        self.refresh()

    def only(self, output: Output | None) -> None:
        """Show one of the outputs; None: both."""
        self.laid.output = output
        self.lay_out()

    def show_times(self, times: bool) -> None:
        self.times = times
        self.lay_out()

    # drawing

    @property
    def _ahead(self) -> int:
        """Cells before the text of a line."""
        return (len(self._names[0]) if self._names else 0) + (len(_clock(0.0)) + 1 if self.times else 0)

    def row(self, index: int, width: int) -> list[Segment]:
        line, row = self._at(index)
        background = self.background_colors[1]
        mark = ERRORS if line.output == "stderr" else " "
        found = [Segment(mark, paint(self.app)("warn", background, 0)), *self._before(line, first=row.start == 0)]
        text = line.text[row.start : row.end]
        room = width - 1 - self._ahead
        if not self.wrap and cells(text) > room:
            text = cut(text, room)
        return [*found, *self._pieces(line, text, row)]

    def _before(self, line: LogLine, *, first: bool) -> list[Segment]:
        """Its time and its name, on its first row."""
        background = self.background_colors[1]
        muted = paint(self.app)("muted", background, 0)
        if not first:
            return [Segment(" " * self._ahead, muted)] if self._ahead else []
        found = []
        if self.times:
            told = _clock(epoch_of(line.stamp)) if line.stamp else ""
            found.append(Segment(f"{told:<{len(_clock(0.0))}} ", muted))
        if self._names:
            colour = NAME_COLOURS[line.source % len(NAME_COLOURS)]
            found.append(Segment(self._names[line.source], shade(self.app, sgr.Look(colour), background)))
        return found

    def _pieces(self, line: LogLine, text: str, row: Row) -> list[Segment]:
        """`text`, which begins at `row.start` of the line, in its looks, what was found lit."""
        background = self.background_colors[1]
        usual = shade(self.app, sgr.PLAIN, background)
        hits = places(line.text, self.laid.sought or self.wanted)
        if not line.tints and not hits:
            return [Segment(text, usual)]
        styles = [usual] * len(text)
        for start, end, look in line.tints:
            _lay(styles, start - row.start, end - row.start, shade(self.app, look, background))
        lit = self._lit(current=bool(self.laid.sought) and row.number == self.at)
        for start, end in hits:
            _lay(styles, start - row.start, end - row.start, lit)
        return _joined(text, styles)

    def _lit(self, *, current: bool) -> Style:
        background = self.background_colors[1]
        style = paint(self.app)("warn" if current else "key", background, 0)
        if style.color is None or style.bgcolor is None or style.color.is_default or background.ansi is not None:
            return style + Style(reverse=True, bold=True, underline=current)
        return Style(color=style.bgcolor, bgcolor=style.color, bold=True, underline=current)


def _lay(styles: list[Style], start: int, end: int, style: Style) -> None:
    start, end = max(start, 0), min(end, len(styles))
    if start < end:
        styles[start:end] = [style] * (end - start)


def _joined(text: str, styles: list[Style]) -> list[Segment]:
    found: list[Segment] = []
    begin = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or styles[at] is not styles[begin]:
            found.append(Segment(text[begin:at], styles[begin]))
            begin = at
    return found


@lru_cache(maxsize=256)
def _second(whole: int) -> str:
    return time.strftime("%m-%d %H:%M:%S", time.localtime(whole))


def _clock(epoch: float) -> str:
    """The moment here."""
    return _second(int(epoch))
