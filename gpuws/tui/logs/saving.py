"""All of a log in a file of this machine, as the containers wrote it."""

from __future__ import annotations

import contextlib
import heapq
import os
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from gpuws.fleet.reading import LogReading, OpenLog, whole_lines
from gpuws.model import units
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.workspace.log_messages import Message
from gpuws.model.workspace.logs import LogWindow
from gpuws.tui.dialogs.dialog import set_title
from gpuws.tui.dialogs.form import Form, row

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase

_ODD = re.compile(r"[^A-Za-z0-9._-]+")


class SaveLogScreen(Form[None]):
    """`names`: of several, before each line. `times`: each line has its time in front."""

    DEFAULT_CSS = """
    SaveLogScreen .row Static { width: 8; }
    """

    def __init__(self, title: str, names: Sequence[str], logs: Sequence[OpenLog], *, times: bool) -> None:
        super().__init__()
        self._about, self._names, self._logs, self._times = title, names, logs, times

    def compose(self) -> ComposeResult:
        stem = _ODD.sub("-", self._about.removeprefix("log · ")).strip("-.") or "log"
        with Vertical(classes="box") as box:
            set_title(box, "Save the whole log")
            file = f"~/{stem}-{time.strftime('%Y%m%d-%H%M')}.log"
            yield row("File", Input(file, id="file", compact=True, select_on_focus=False))
            yield Static("As it was written, from its beginning, colours included.", markup=False, classes="muted")
            yield self.why()
            yield from self.buttons()

    def go(self) -> None:
        try:
            file = opened(self.query_one("#file", Input).value.strip())
        except UsageError as error:
            self.refuse(error)
            return
        app: AppBase = self.app
        app.say(f"saving into {file} …")
        names, logs, times = self._names, self._logs, self._times
        app.verbs.run(
            "saving the log",
            lambda: write(file, names, logs, times=times),
            lambda size: app.say(f"saved {units.size(size)} into {file}"),
        )
        self.dismiss(None)


def opened(text: str) -> Path:
    """A new file, mine alone: logs hold secrets. UsageError where it can't be made."""
    file = Path(text).expanduser()
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise UsageError(f"{file} is there already", "choose another name") from None
    except OSError as error:
        raise UsageError(f"{file} can't be written: {error.strerror}", "choose another place") from None
    return file


def write(file: Path, names: Sequence[str], logs: Sequence[OpenLog], *, times: bool) -> int:
    """Bytes written. What fails leaves what came until then."""
    readings = [LogReading(one, LogWindow(tail=None)) for one in logs]
    size = 0
    try:
        with file.open("wb") as into, contextlib.ExitStack() as stack:
            for reading in readings:
                stack.callback(reading.close)
            for name, line in _by_time(readings, names):
                stamp = f"{line.stamp} ".encode() if times and line.stamp else b""
                size += into.write(name + stamp + line.data)
    except OSError as error:
        raise GpuwsError(f"{file} can't be written: {error.strerror}", "is the disk full?") from error
    return size


def _by_time(readings: Sequence[LogReading], names: Sequence[str]) -> Iterator[tuple[bytes, Message]]:
    width = max(map(len, names), default=0)
    marks = [f"{name:<{width}} │ ".encode() for name in names] or [b""]

    def marked(mark: bytes, reading: LogReading) -> Iterator[tuple[bytes, Message]]:
        return ((mark, line) for line in whole_lines(iter(reading.more, [])))

    return heapq.merge(
        *(marked(mark, reading) for mark, reading in zip(marks, readings, strict=True)), key=lambda one: one[1].stamp
    )
