"""A container's log: follows, filters, wraps."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.message import Message

from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.workspace.logs import LogWindow
from gpuws.model.workspace.workspace import Workspace
from gpuws.present.line import Line, Span
from gpuws.tui.command import Command
from gpuws.tui.toolkit.text_screen import TextScreen
from gpuws.tui.toolkit.text_view import TextView
from gpuws.tui.verbs import tell
from gpuws.tui.workspaces.log_reader import LogReader
from gpuws.tui.workspaces.log_text import LogBuffer
from gpuws.tui.workspaces.words import LOG_TAIL, log_command

PAINT_INTERVAL = 0.1


class LogScreen(TextScreen):
    KEYS_ABOUT = "logs"
    KEYS: ClassVar[tuple[Command[LogScreen], ...]] = (
        Command(
            "log-follow", "s", "follow", "Follow the end of the log",
            lambda screen: screen.toggle_follow(), hint=4,
        ),
        Command(
            "log-times", "t", "times", "Show when each line was written",
            lambda screen: screen.toggle_times(), hint=4,
        ),
    )  # fmt: skip

    class Came(Message):
        """The reader has something."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, LogScreen.Came)

    def __init__(self, container: Workspace, snapshot: HostSnapshot) -> None:
        super().__init__(f"log · {container.name} on {container.ref.host}", log_command(container, snapshot))
        self._snapshot = snapshot
        self._container = container
        self._times = False
        self._planned = False
        self._buffer = LogBuffer()
        self._reader: LogReader | None = None

    def body(self) -> TextView:
        return TextView(follow=True)

    def on_mount(self) -> None:
        self._read()

    def on_unmount(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def _read(self) -> None:
        window = LogWindow(follow=True, tail=LOG_TAIL, timestamps=self._times)
        fleet, ref = self.app.fleet, self._container.ref
        self._buffer = LogBuffer()
        self._reader = LogReader(lambda: fleet.logs(ref, window), lambda: self.post_message(self.Came()))
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
        state = Span("following", "ok") if self.view.follow else Span("paused, s follows", "warn")
        if self._reader is not None and self._reader.ended:
            state = Span("ended", "muted")
        rows = f"{self.view.matches} rows"
        return (Span(f"{rows} · ", "muted"), state)

    def toggle_follow(self) -> None:
        self.view.set_follow(not self.view.follow)
        self.retitle()

    def toggle_times(self) -> None:
        self._times = not self._times
        self._command = log_command(self._container, self._snapshot, times=self._times)
        self.retitle()
        if self._reader is not None:
            self._reader.close()
        self._read()
