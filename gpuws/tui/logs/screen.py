"""A log as it grows, and as it was: follows, searches, filters, goes back as far as there is anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.message import Message

from gpuws.model.units import count, duration
from gpuws.model.workspace.log_messages import Output, stamp_of
from gpuws.model.workspace.logs import LogWindow
from gpuws.present.line import Line, Span, clean
from gpuws.tui.command import Command
from gpuws.tui.logs.feed import Feed
from gpuws.tui.logs.older import Older
from gpuws.tui.logs.reader import CHUNKS
from gpuws.tui.logs.store import LogStore
from gpuws.tui.logs.text import LogLine
from gpuws.tui.logs.view import LogView
from gpuws.tui.text.read_screen import ReadScreen
from gpuws.tui.text.rows_view import RowsView
from gpuws.tui.toolkit.filter_bar import FilterBar
from gpuws.tui.verbs import tell

if TYPE_CHECKING:
    from gpuws.fleet.base import Stream
    from gpuws.fleet.reading import OpenLog

PAINT_INTERVAL = 0.1
PAGES_BACK = 10
"""Pages that are read, at most, in search of one more hit."""
OUTPUTS: tuple[Output | None, ...] = (None, "stdout", "stderr")


class FollowScreen(ReadScreen):
    """`stream(window)` and `equivalent()` are what a kind of log says of itself; `streams` and `names` of several.

    `TAIL`: messages of the past that are shown at first; None: all."""

    KEYS_ABOUT = "logs"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("log-find", "/", "find", "Find letters: every place is lit", lambda screen: screen.open_find(), hint=2),
        Command(
            "log-next", "n", "next", "The next place further down where they stand", lambda screen: screen.find(1),
            hint=2, why_not=lambda screen: screen.nothing_sought(),
        ),
        Command(
            "log-back", "N", "before", "The place before; older lines are read for it",
            lambda screen: screen.find(-1), why_not=lambda screen: screen.nothing_sought(),
        ),
        Command(
            "log-only", "ampersand", "only", "Show only lines with these letters",
            lambda screen: screen.open_filter(), hint=2,
        ),
        Command(
            "log-follow", "s", "follow", "Follow the end of the log",
            lambda screen: screen.toggle_follow(), hint=4,
        ),
        Command(
            "log-times", "t", "times", "Show when each line was written",
            lambda screen: screen.toggle_times(), hint=4,
        ),
        Command(
            "log-output", "o", "outputs", "Only stdout, only stderr, both",
            lambda screen: screen.next_output(), hint=5,
        ),
        Command("log-at", "at", "time", "Show from a time on, or a span", lambda screen: screen.ask_time(), hint=5),
        Command(
            "log-run", "p", "run before", "What was written before the last start; again: back to now",
            lambda screen: screen.toggle_run(), hint=5, when=lambda screen: screen.has_runs,
        ),
        Command("log-copy", "y", "copy", "Copy lines, or the equivalent command", lambda screen: screen.copy(), hint=5),
        Command("log-save", "ctrl+s", "save", "Save all of it into a file here", lambda screen: screen.save(), hint=5),
    )  # fmt: skip
    TAIL: ClassVar[int | None] = None
    names: Sequence[str] = ()

    class Came(Message):
        """A reader has something."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, FollowScreen.Came)

    def __init__(self, title: str) -> None:
        super().__init__(title, "")
        self._store = LogStore()
        self._feed: Feed | None = None
        self._planned = False
        self._searching = 0
        self._part = ""
        self._cut_off = False  # newer lines are not held any more
        self._writing = False

    # what a kind says

    def stream(self, window: LogWindow) -> Stream:
        """Opened by a thread."""
        raise NotImplementedError

    def streams(self) -> Sequence[OpenLog]:
        return (self.stream,)

    def equivalent(self) -> str:
        """The plain one that shows the same."""
        raise NotImplementedError

    has_runs = False
    """It may have been written by several runs, one after another."""

    # reading

    filter_mark = "&"

    def body(self) -> LogView:
        return LogView(self.names)

    @property
    def view(self) -> LogView:
        return self.query_one(LogView)

    @property
    def times(self) -> bool:
        return self.is_mounted and self.view.times

    def on_mount(self) -> None:
        self._live()

    def on_unmount(self) -> None:
        self._close()

    def _close(self) -> None:
        if self._feed is not None:
            self._feed.close()

    def _live(self) -> None:
        """The end of it, followed."""
        self.view.follow = True
        self._show(LogWindow(follow=True, tail=self.TAIL), "", LogStore(self._store.limit))

    def _show(self, window: LogWindow, part: str, store: LogStore, behind: Sequence[LogLine] = ()) -> None:
        """`part`: what of it that is, where it is not its end. `behind`: what is held of it already."""
        self._close()
        logs = self.streams()
        self._window, self._part, self._cut_off = window, part, False
        if not behind:
            self._store = store
            self._older = Older(logs, store, "" if window.since is None else stamp_of(window.since))
            self.view.begin(store)
        self._feed = Feed(logs, window, self._wake, behind)
        self._command = self.equivalent()
        self.retitle()

    def resume(self, runs: Callable[[int], bool]) -> None:
        """See `Feed.resume`."""
        if self._feed is not None:
            self._feed.resume(runs)

    def _wake(self) -> None:
        self.post_message(self.Came())

    @on(Came)
    def _came(self) -> None:
        self._plan(PAINT_INTERVAL)

    def _plan(self, seconds: float) -> None:
        if not self._planned:
            self._planned = True
            self.set_timer(seconds, self._drain)

    def _drain(self) -> None:
        self._planned, feed = False, self._feed
        if feed is None:
            return
        before = len(self._store.lines), self._store.dropped
        for _ in range(1 if self.view.follow else CHUNKS):
            self._store.append(feed.take((CHUNKS if self.view.follow else 1) if self._has_room() else 0))
            if not feed.waits:
                break
        for error in feed.failures():
            tell(self.app, error)
        writing = feed.writing
        if writing or self._writing or before != (len(self._store.lines), self._store.dropped):
            self.view.grown(writing)
        self._writing = bool(writing)
        if feed.cut is not None:
            self._plan(1.0)  # how long is told
        elif feed.waits and self._has_room():
            self._plan(PAINT_INTERVAL)
        self.retitle()

    def _has_room(self) -> bool:
        """For more lines: what is looked at never falls off the top."""
        top = self.view.top
        room = self._store.limit - len(self._store.lines)
        return self.view.follow or top is None or room + top - self._store.first > self._store.limit // 10

    @property
    def ended(self) -> bool:
        """Nothing more comes."""
        return self._feed is not None and self._feed.ended

    @property
    def _behind(self) -> bool:
        """Much came that was not read yet."""
        return self._cut_off or (self._feed is not None and self._feed.behind)

    # older lines

    @on(LogView.Near)
    def _near(self, event: LogView.Near) -> None:
        if event.top:
            self.read_older()
            return
        if self._cut_off:
            self._show(self._window, self._part, self._store, self._store.lines)
        self._plan(PAINT_INTERVAL)

    def read_older(self) -> None:
        older = self._older
        if older.reading or older.at_start:
            return
        older.reading, wanted = True, older.wanted()
        self.retitle()
        self.app.verbs.run(
            "reading older lines",
            lambda: older.read(wanted),
            lambda pages: self._came_older(older, pages),
            lambda error: self._failed_older(older, error),
        )

    def _failed_older(self, older: Older, error: Exception) -> None:
        older.reading = False
        self._searching = 0
        self.app.warn(clean(str(error), 600))

    def _came_older(self, older: Older, pages: Mapping[int, Sequence[LogLine]]) -> None:
        older.reading = False
        if older is not self._older or not self.is_running:
            return
        if not older.stale:
            lines = older.take(pages)
            self._cut_off = self._store.prepend(lines) or self._cut_off
            self.view.preceded(len(lines), cut_off=self._cut_off)
        if self._cut_off:
            self._close()
        if self._searching:
            self._find_on()
        self.retitle()

    # finding

    def open_find(self) -> None:
        self._open_bar(FilterBar(Sought(self.view), "find letters", mark="/"))

    def open_filter(self) -> None:
        self._open_bar(FilterBar(self.view, "show only lines with these letters", mark="&"))

    def _open_bar(self, bar: FilterBar) -> None:
        for other in self.query(FilterBar):
            if other.mark == bar.mark:
                other.focus_input()
                return
            other.remove()
        self.mount(bar)

    @on(FilterBar.Changed)
    def _sought(self) -> None:
        self.retitle()

    def on_descendant_focus(self) -> None:
        """Other keys work where letters are typed, and once something was."""
        self.show_keys()

    def nothing_sought(self) -> str:
        return "" if self.view.laid.sought else "/ finds letters first"

    def find(self, step: int) -> None:
        """The next place from the one that was found last, or from what is seen."""
        self._searching = 0
        view, laid = self.view, self.view.laid
        here = view.at if view.at is not None else view.top if view.top is not None else self._store.end
        if step > 0:
            found = next((number for number in laid.hits if number > here), None)
        else:
            found = next((number for number in reversed(laid.hits) if number < here), None)
        if found is not None:
            view.point(found)
        elif step > 0:
            self.app.say(f"{clean(laid.sought)} stands nowhere further down")
        else:
            self._searching = PAGES_BACK
            self._find_on()
        self.retitle()

    def _find_on(self) -> None:
        """In lines that are older than those that are held."""
        view, laid = self.view, self.view.laid
        here = view.at if view.at is not None else self._store.end
        found = next((number for number in reversed(laid.hits) if number < here), None)
        if found is not None:
            self._searching = 0
            view.point(found)
        elif self._older.at_start:
            self._searching = 0
            self.app.say(f"{clean(laid.sought)} stands nowhere before, to the log's beginning")
        elif self._searching > 1:
            self._searching -= 1
            self.read_older()
        else:
            self._searching = 0
            self.app.say(f"{clean(laid.sought)} stands nowhere in the lines before; N looks further back")

    def back(self) -> None:
        if self.view.laid.sought:
            self.view.seek("")
            self._sought()
        else:
            super().back()

    # what is shown

    def said(self) -> Line:
        view, laid = self.view, self.view.laid
        told: list[Span] = []
        if laid.sought:
            at = f"{laid.hits.index(view.at) + 1} of " if view.at in laid.hits else ""
            told.append(Span(f"{at}{count(len(laid.hits), 'line')} with {clean(laid.sought, 40)}   ", "key"))
        words = [self._part, f"only {laid.output}" if laid.output else "", count(len(self._store.lines), "line")]
        if self._older.reading:
            words.append("reading older ones")
        elif self._older.at_start:
            words.append("from its beginning")
        told.append(Span("".join(f"{clean(word)} · " for word in words if word), "muted"))
        return (*told, self.standing())

    def standing(self) -> Span:
        """How the log stands, in a word or two."""
        if self._feed is not None and (cut := self._feed.cut) is not None:
            return Span(f"cut off for {duration(cut)}, goes on when the host is back", "warn")
        if self._part == BEFORE:
            return Span("s goes back to now", "muted")
        if self.ended:
            return Span("ended", "muted")
        return Span("following", "ok") if self.view.follow else Span("paused, s follows", "warn")

    @on(RowsView.Scrolled)
    def _scrolled(self) -> None:
        if self.view.follow and self._behind:
            self._live()

    def toggle_follow(self) -> None:
        if not self.view.follow and (self._part or self._behind):
            self._live()
        else:
            self.view.set_follow(not self.view.follow)
        self.retitle()

    def toggle_times(self) -> None:
        self.view.show_times(not self.times)
        self._command = self.equivalent()
        self.retitle()

    def next_output(self) -> None:
        now = OUTPUTS.index(self.view.laid.output)
        self.view.only(OUTPUTS[(now + 1) % len(OUTPUTS)])
        self.retitle()

    def ask_time(self) -> None:
        from gpuws.tui.logs.span import SpanScreen

        self.app.push_screen(SpanScreen(), self._go_to_time)

    def _go_to_time(self, span: tuple[float, float | None, str] | None) -> None:
        if span is None:
            return
        since, until, words = span
        self.view.follow = False
        window = LogWindow(follow=until is None, tail=None, since=since, until=until)
        self._show(window, words, LogStore(self._store.limit))

    def toggle_run(self) -> None:
        if self._part == BEFORE:
            self._live()
            return
        logs = self.streams()
        older = Older(logs, LogStore())
        window = LogWindow(previous=True)
        self.app.verbs.run(
            "reading the run before",
            lambda: older.read(older.wanted(), window),
            lambda pages: self._show_run(older, pages),
        )

    def _show_run(self, older: Older, pages: Mapping[int, Sequence[LogLine]]) -> None:
        if not self.is_running:
            return
        if not any(pages.values()):
            self.app.say("nothing is kept from before its last start")
            return
        self._close()
        store = LogStore(self._store.limit)
        store.append(older.take(pages))
        self._store, self._part, self._cut_off = store, BEFORE, False
        self._older = Older(self.streams(), store)
        self.view.begin(store)
        self.view.set_follow(True)
        self.view.follow = False
        self._command = self.equivalent()
        self.retitle()

    # taking it along

    def copy(self) -> None:
        from gpuws.tui.logs.copying import copy

        copy(self.app, self.view, self._command)

    def save(self) -> None:
        from gpuws.tui.logs.saving import SaveLogScreen

        self.app.push_screen(SaveLogScreen(self._title, self.names, self.streams(), times=self.times))


BEFORE = "before the last start"


class Sought:
    """What is looked for in a log, as the line that opens with `/` knows it."""

    def __init__(self, view: LogView) -> None:
        self._view = view

        self.wanted = view.laid.sought

    def look_for(self, text: str) -> str:
        self.wanted = text
        self._view.seek(text)
        return ""

    def focus(self) -> object:
        return self._view.focus()
