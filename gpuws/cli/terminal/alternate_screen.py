"""The terminal as a window that is painted again and again: its second screen, left as it was found."""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import signal
import sys
import termios
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from gpuws.cli.toolkit.output import OutputFailed, steer

ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"  # the second screen, no cursor, no wrapping
LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l"
BEGIN, END = "\x1b[?2026h", "\x1b[?2026l"  # terminals that know it show the frame at once
NEWS, RESIZED, NOTHING = "news", "resized", ""
"""What `wait` returns besides keys."""
HANG_UP = "hang up"
"""What it returns where the terminal gives no more keys."""
_SEQUENCES = {"A": "up", "B": "down", "5~": "page up", "6~": "page down"}
_KEY = re.compile(r"\x1b[\[O]([0-9;]*[A-Za-z~])|(.)", re.DOTALL)


class Window:
    """A context: the terminal is put right however the block ends. `wait` is for the main thread, `tell` for any."""

    def __enter__(self) -> Window:
        self._input = _attributes()
        self._shown: list[str] = []
        self._typed: deque[str] = deque()
        self._told, self._teller = os.pipe()
        os.set_blocking(self._teller, False)
        self._handler = signal.signal(signal.SIGWINCH, lambda *_: self._wake(b"r"))
        try:
            self._enter()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        self._leave()
        signal.signal(signal.SIGWINCH, self._handler)
        teller, self._teller = self._teller, -1
        os.close(teller)
        os.close(self._told)

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

    def draw(self, lines: Sequence[str]) -> None:
        """From the top, each as wide as the window; only lines that read differently are written.

        Nothing is erased behind them: at the right edge that would take the last sign."""
        known = self._shown
        changed = [
            f"\x1b[{row};1H{line}"
            for row, line in enumerate(lines, start=1)
            if row > len(known) or known[row - 1] != line
        ]
        if len(lines) < (len(known) or self.size().lines):
            changed.append(f"\x1b[{len(lines) + 1};1H\x1b[J")
        self._shown = [*lines]
        if changed:
            steer(f"{BEGIN}{''.join(changed)}{END}")

    def tell(self) -> None:
        """There is something new to draw."""
        self._wake(b"n")

    def wait(self, seconds: float) -> str:
        """The next key, RESIZED, NEWS, or NOTHING after so long."""
        if self._typed:
            return self._typed.popleft()
        sources = [self._told, *([sys.stdin.fileno()] if self._input is not None else [])]
        ready, _, _ = select.select(sources, (), (), max(seconds, 0.0))
        if not ready:
            return NOTHING
        if self._told in ready:
            if b"r" not in os.read(self._told, 4096):
                return NEWS
            self._shown = []  # terminals wrap and cut what was there
            return RESIZED
        self._typed += _keys(os.read(sys.stdin.fileno(), 1024).decode("ascii", "replace")) or [HANG_UP]
        return self._typed.popleft()

    def _wake(self, how: bytes) -> None:
        """A full pipe wakes, too; a closed one wakes nobody."""
        if self._teller >= 0:
            with contextlib.suppress(OSError):
                os.write(self._teller, how)

    def _enter(self) -> None:
        """What is typed is not shown; Ctrl-C and its like go on to work."""
        if self._input is not None:
            silent = [*self._input]
            silent[3] &= ~(termios.ECHO | termios.ICANON)
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, silent)
        self._shown = []
        steer(ENTER)

    def _leave(self) -> None:
        """What was typed meanwhile does not go to the shell."""
        with contextlib.suppress(OSError, OutputFailed):  # the terminal may be gone
            steer(LEAVE)
        if self._input is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSAFLUSH, self._input)


def _keys(typed: str) -> list[str]:
    """Single characters, and names of keys that come as several."""
    return [_SEQUENCES.get(one[1], "other") if one[1] else one[2] for one in _KEY.finditer(typed)]


def _attributes() -> list[Any] | None:
    try:
        return termios.tcgetattr(sys.stdin.fileno()) if sys.stdin.isatty() else None
    except (termios.error, ValueError):
        return None
