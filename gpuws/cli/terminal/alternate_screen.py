"""The terminal as a window that is painted again and again: its second screen, left as it was found."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import termios
from collections.abc import Iterator, Sequence
from typing import Any

from gpuws.cli.toolkit.output import OutputFailed, steer
from gpuws.cli.toolkit.tables import cut
from gpuws.model.text import plain

ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"  # the second screen, no cursor, no wrapping
LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l"
BEGIN, END = "\x1b[?2026h\x1b[H", "\x1b[J\x1b[?2026l"  # terminals that know it show the frame at once


class Window:
    """A context: the terminal is put right however the block ends."""

    def __enter__(self) -> Window:
        self._input = _attributes()
        try:
            self._enter()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """The terminal as it was, for a question."""
        self._leave()
        try:
            yield
        finally:
            self._enter()

    def size(self) -> os.terminal_size:
        """Of the terminal itself: COLUMNS and LINES do not follow it when it is resized."""
        with contextlib.suppress(OSError):
            size = os.get_terminal_size(sys.stdout.fileno())
            if size.columns > 0 and size.lines > 0:
                return size
        return shutil.get_terminal_size()

    def draw(self, lines: Sequence[str], notes: Sequence[str], size: os.terminal_size) -> None:
        """`lines` from the top, `notes` below; where there is no room it is said how many lines are missing."""
        notes = [cut(plain(note), size.columns) for note in notes][: max(size.lines - 2, 0)]
        room = max(size.lines - len(notes), 1)
        if len(lines) > room:
            hidden = len(lines) - room + 1
            lines = [*lines[: room - 1], cut(f"… {hidden} more; --filter shows less", size.columns)]
        frame = "\r\n".join(f"{line}\x1b[K" for line in (*lines, *notes))
        steer(f"{BEGIN}{frame}{END}")

    def _enter(self) -> None:
        """What is typed is not shown; Ctrl-C and its like go on to work."""
        if self._input is not None:
            silent = [*self._input]
            silent[3] &= ~(termios.ECHO | termios.ICANON)
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, silent)
        steer(ENTER)

    def _leave(self) -> None:
        """What was typed meanwhile does not go to the shell."""
        with contextlib.suppress(OSError, OutputFailed):  # the terminal may be gone
            steer(LEAVE)
        if self._input is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSAFLUSH, self._input)


def _attributes() -> list[Any] | None:
    try:
        return termios.tcgetattr(sys.stdin.fileno()) if sys.stdin.isatty() else None
    except (termios.error, ValueError):
        return None
