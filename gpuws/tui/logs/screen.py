"""A log as it grows: follows, filters, wraps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.message import Message

from gpuws.model.workspace.logs import LogWindow
from gpuws.present.line import Line, Span
from gpuws.tui.command import Command
from gpuws.tui.logs.reader import LogReader
from gpuws.tui.logs.text import LogBuffer
from gpuws.tui.toolkit.text_screen import TextScreen
from gpuws.tui.toolkit.text_view import TextView
from gpuws.tui.verbs import tell

if TYPE_CHECKING:
    from gpuws.fleet.base import Stream

PAINT_INTERVAL = 0.1


class FollowScreen(TextScreen):
    """`stream(window)` and `equivalent()` are what a kind of log says of itself.

    `TAIL`: lines of the past; None: all."""

    KEYS_ABOUT = "logs"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command(
            "log-follow", "s", "follow", "Follow the end of the log",
            lambda screen: screen.toggle_follow(), hint=4,
        ),
        Command(
            "log-times", "t", "times", "Show when each line was written",
            lambda screen: screen.toggle_times(), hint=4,
        ),
    )  # fmt: skip
    TAIL: ClassVar[int | None] = None

    class Came(Message):
        """The reader has something."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, FollowScreen.Came)

    def __init__(self, title: str) -> None:
        super().__init__(title, "")
        self.times = False
        self._planned = False
        self._buffer = LogBuffer()
        self._reader: LogReader | None = None

    def stream(self, window: LogWindow) -> Stream:
        """Opened by the reader's thread."""
        raise NotImplementedError

    def equivalent(self) -> str:
        """The plain one that shows the same."""
        raise NotImplementedError

    def body(self) -> TextView:
        return TextView(follow=True)

    def on_mount(self) -> None:
        self._read()

    def on_unmount(self) -> None:
        if self._reader is not None:
            self._reader.close()

    @property
    def ended(self) -> bool:
        """Nothing more comes."""
        return self._reader is not None and self._reader.ended

    def _read(self) -> None:
        window = LogWindow(follow=True, tail=self.TAIL, timestamps=self.times)
        self._command = self.equivalent()
        self._buffer = LogBuffer()
        self._reader = LogReader(lambda: self.stream(window), lambda: self.post_message(self.Came()))
        self._reader.start()

    @on(Came)
    def _came(self) -> None:
        if not self._planned:
            self._planned = True
            self.set_timer(PAINT_INTERVAL, self._drain)

    def _drain(self) -> None:
        self._planned = False
        reader = self._reader
        if reader is None:
            return
        ended = reader.ended
        if data := reader.drain():
            self._buffer.feed(data)
        if ended:
            self._buffer.end()
            if reader.error is not None:
                tell(self.app, reader.error)
                reader.error = None
        self.view.set_lines(self._buffer.lines, self._buffer.dropped)
        self.retitle()

    def said(self) -> Line:
        return (Span(f"{self.view.matches} rows · ", "muted"), self.standing())

    def standing(self) -> Span:
        """How the log stands, in a word or two."""
        if self.ended:
            return Span("ended", "muted")
        return Span("following", "ok") if self.view.follow else Span("paused, s follows", "warn")

    def toggle_follow(self) -> None:
        self.view.set_follow(not self.view.follow)
        self.retitle()

    def toggle_times(self) -> None:
        self.times = not self.times
        if self._reader is not None:
            self._reader.close()
        self._read()
        self.retitle()
