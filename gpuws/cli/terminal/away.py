"""This terminal while what it was joined to is away: two lines that say since when and why, and two keys."""

from __future__ import annotations

import contextlib
import os
import select
import termios
import threading
import time
import tty
from collections.abc import Iterator

from gpuws.cli.terminal.seeking import Seeker
from gpuws.cli.terminal.tty import window
from gpuws.cli.toolkit.waiting import on_terminal
from gpuws.fleet.inside import Return
from gpuws.link.place import Terminal
from gpuws.model import units
from gpuws.model.session.terminal import Size
from gpuws.present.away import away, fitted, lost

TICK = 1.0  # seconds: the line counts them
CLEARED = "\r\x1b[K"
INTERRUPT, ENTER = 3, b"\r\n"


class Away:
    """`wait` is for the main thread."""

    def __init__(self, back: Return, since: float, input_fd: int = 0, output_fd: int = 1) -> None:
        self._back, self._since = back, since
        self._input, self._output = input_fd, output_fd
        self._left = False
        self._tilde = False
        self._wake, self._waker = os.pipe()
        os.set_blocking(self._waker, False)
        self._waking = threading.Lock()  # a closed one's number may be another file's
        self._seeker = Seeker(back, lambda: Size(*window(output_fd)), self._on_news)

    def wait(self) -> Terminal | None:
        """What was cut off, open again; None: the user left. Raises why there is no way back."""
        try:
            with self._raw():
                self._write(f"\r\n[{lost(self._back.label, self._since)}]\r\n")
                self._seeker.start()
                self._watch()
        finally:
            self._seeker.give_up()
            with self._waking:
                waker, self._waker = self._waker, -1
                os.close(waker)
            os.close(self._wake)
        if self._left:
            if self._seeker.found is not None:
                self._seeker.found.close()
            return None
        if self._seeker.failure is not None:
            raise self._seeker.failure
        return self._seeker.found

    def _watch(self) -> None:
        while not (self._seeker.done or self._left):
            self._show()
            ready, _, _ = select.select([self._wake, self._input], [], [], TICK)
            if self._wake in ready:
                os.read(self._wake, 4096)
            if self._seeker.question is not None:
                self._ask()
            elif self._input in ready:
                self._read_keys()
        self._write(CLEARED)
        if self._seeker.found is not None and not self._left:
            self._write(f"[back after {units.duration(time.time() - self._since)}]\r\n")

    def _show(self) -> None:
        seeker = self._seeker
        text = away(self._since, time.time(), seeker.snapshot, seeker.trouble)
        self._write(CLEARED + fitted(text, window(self._output)[0]))

    def _read_keys(self) -> None:
        """Nothing of what is typed gets to the program: it was meant for a screen that is not there."""
        try:
            typed = os.read(self._input, 4096)
        except OSError:
            typed = b""
        if not typed:
            self._left = True
        for byte in typed:
            self._left = self._left or byte == INTERRUPT or (self._tilde and byte == ord("."))
            self._tilde = byte == ord("~")
        if set(typed) & set(ENTER):
            self._seeker.hurry()

    def _ask(self) -> None:
        question = self._seeker.question
        assert question is not None  # as the caller saw
        self._write(CLEARED)
        with self._cooked():
            self._seeker.reply(on_terminal(question, self._back.fleet))

    def _on_news(self) -> None:
        with self._waking, contextlib.suppress(OSError):  # full: it wakes, too
            if self._waker >= 0:
                os.write(self._waker, b".")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal is gone, as reading from it tells
            os.write(self._output, text.encode())

    @contextlib.contextmanager
    def _raw(self) -> Iterator[None]:
        self._saved = termios.tcgetattr(self._input)
        tty.setraw(self._input, termios.TCSADRAIN)
        try:
            yield
        finally:
            self._restore()

    @contextlib.contextmanager
    def _cooked(self) -> Iterator[None]:
        self._restore()
        try:
            yield
        finally:
            tty.setraw(self._input, termios.TCSADRAIN)

    def _restore(self) -> None:
        with contextlib.suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(self._input, termios.TCSADRAIN, self._saved)
