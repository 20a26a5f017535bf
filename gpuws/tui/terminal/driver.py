"""The terminal as Textual drives it, and what Textual does not know of one: that it may be gone, what was typed before
a moment, and how light it is."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import sys
import termios
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Iterable
from functools import partial
from io import TextIOWrapper
from typing import IO, Any, cast

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from gpuws.tui.terminal.background import MUTE, Answers

CHUNK = 4096
TICK = 0.1
"""Seconds between two looks whether the screen is being left, or an escape came alone."""

GONE = 128 + signal.SIGHUP

ANSWERED = 0.4
"""Seconds after the question in which the terminal is not left without its answer: whoever is there then would get it
as typed."""


class Fence(Message):
    """All that had been typed when it was asked for came before it."""


class Background(Message):
    """The terminal told how light it is."""

    def __init__(self, *, dark: bool) -> None:
        super().__init__()
        self.dark = dark


class TerminalDriver(LinuxDriver):
    """Keys are read as Textual reads them. Here an end of the input is the end: there it would be read for ever."""

    def __init__(self, app: App[Any], **settings: Any) -> None:
        super().__init__(app, **settings)
        self._file = cast("TextIOWrapper", _Paper(sys.__stderr__ or sys.stderr))
        self._asked, self._asks = os.pipe()
        self._ours: list[Any] | None = None
        self._entered = False
        self._rests = False
        self._answers = Answers()
        self._asked_at = 0.0
        self._answered = threading.Event()

    @property
    def all_read(self) -> bool:
        """Nothing lies in the terminal, nor is anything just being read: whatever was typed until now was delivered."""
        try:
            unread = fcntl.ioctl(self.fileno, termios.FIONREAD, bytes(4))
        except OSError:  # the terminal is gone
            return True
        return self._rests and not any(unread)

    def fence(self) -> None:
        """Post a `Fence` behind all that has been typed until now, be it read or not."""
        os.write(self._asks, b".")

    def use_mouse(self) -> None:
        """Until then the terminal keeps its mouse."""
        self._mouse = True
        self._enable_mouse_support()
        if self._in_band_window_resize:  # as Textual does where it has asked for the mouse before that answer came
            self._enable_mouse_pixels()

    def start_application_mode(self) -> None:
        self._entered = True
        super().start_application_mode()  # type: ignore[no-untyped-call]
        with contextlib.suppress(termios.error):
            self._ours = termios.tcgetattr(self.fileno)
        if not self._asked_at and os.environ.get("TERM", "") not in MUTE:
            self._asked_at = time.monotonic()
            self.write(self._answers.ask())

    def disable_input(self) -> None:
        """Not before the terminal has answered, if it does so at all."""
        if self._asked_at:
            self._answered.wait(max(self._asked_at + ANSWERED - time.monotonic(), 0))
        super().disable_input()

    def stop_application_mode(self) -> None:
        """Left once all that leaves it was written, whatever may become of us next."""
        self._ours = None
        super().stop_application_mode()
        self.close()
        self._entered = False

    def leave(self) -> None:
        """The terminal as it was, where Textual did not see to it: an end may come between any two of its steps."""
        if self._entered:
            self.stop_application_mode()

    def resume_application_mode(self) -> None:
        """What another program left unread was typed for it."""
        with contextlib.suppress(termios.error):
            termios.tcflush(self.fileno, termios.TCIFLUSH)
        super().resume_application_mode()

    def _sigcont_application(self, *signal_and_frame: object) -> None:
        """Stopped from outside, we still read and draw: a second start would make a second reader of the same keys. But
        whoever had the terminal meanwhile may have left it otherwise."""
        if self._ours is None:
            super()._sigcont_application(*signal_and_frame)
            return
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self.fileno, termios.TCSANOW, self._ours)
        repaint = partial(self._app.call_later, self._app.refresh, layout=True)
        self._loop.call_soon_threadsafe(repaint)  # a queue that is just being read must not be touched here

    def run_input_thread(self) -> None:
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        fences = 0
        while not self.exit_event.is_set():
            self._rests = True
            ready, _, _ = select.select([self.fileno, self._asked], [], [], 0 if fences else TICK)
            self._rests = False
            if self._asked in ready:
                fences += len(os.read(self._asked, CHUNK))
            elif self.fileno in ready:
                if not (data := self._read()):
                    self._app.call_later(self._app.exit, None, GONE)
                    return
                self._post(_keys(parser, self._typed(decode(data))))
            else:  # whatever has come was read: only now is an escape without more a key
                self._post([*_keys(parser, self._answers.rest()), *parser.tick(), *(Fence() for _ in range(fences))])
                fences = 0

    def _typed(self, text: str) -> str:
        """What of it was typed; what the terminal told is posted."""
        told, text = self._answers.dark, self._answers.take(text)
        if self._answers.dark is not None and self._answers.dark != told:
            self.process_message(Background(dark=self._answers.dark))
        if self._answers.over:
            self._answered.set()
        return text

    def _read(self) -> bytes:
        """Nothing: the terminal is gone."""
        try:
            return os.read(self.fileno, CHUNK)
        except OSError:
            return b""

    def _post(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)


def _keys(parser: XTermParser, text: str) -> Iterable[Message]:
    """Nothing at all would be the end of the input for it."""
    return parser.feed(text) if text else ()


class _Paper:
    """What is drawn on: a terminal that is gone takes no frame, and nobody has to know."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()

    def isatty(self) -> bool:
        return self._file.isatty()
