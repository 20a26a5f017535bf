"""A remote terminal on this tty: bytes are copied as they are, and the tty is always given back as it was."""

from __future__ import annotations

import contextlib
import os
import queue
import select
import signal
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gpuws.link.escape import Escape
from gpuws.link.modes import Modes
from gpuws.link.place import Terminal
from gpuws.model.errors import GpuwsError
from gpuws.model.terminal import Size

CHUNK = 65536
SWITCH_INTERVAL = 0.0005  # seconds: an echo must not wait for other threads' Python
FAREWELL = 1.0  # seconds for the reader of the keyboard to let go
LOST, LEFT = "connection lost", "left; what runs there goes on"


def run_terminal(open_terminal: Callable[[Size], Terminal], *, input_fd: int = 0, output_fd: int = 1) -> int | None:
    """Hand this tty to a remote terminal until its program ends; its exit status.

    None: the status was never told, because the link was lost or the user left with `~.` after a newline; one plain
    line says so. To be called from the main thread. What `open_terminal` raises comes before the tty is touched."""
    terminal = open_terminal(_size(output_fd))
    session = _Session(terminal, input_fd, output_fd)
    try:
        with _raw(input_fd), _signals(session.events), _quick_switching():
            status = session.run()
            session.tidy()
    finally:
        terminal.close()
    if session.number is not None:
        signal.raise_signal(session.number)
    if status is None:
        _write(output_fd, f"\n[{LEFT if session.left else LOST}]\n".encode())
    return status


class _Session:
    """The main thread waits for `events`: "resize", "end", or a signal's number."""

    def __init__(self, terminal: Terminal, input_fd: int, output_fd: int) -> None:
        self.events: queue.SimpleQueue[str | int] = queue.SimpleQueue()
        self.left = False
        self.number: int | None = None
        self._terminal = terminal
        self._input = input_fd
        self._output = output_fd
        self._modes = Modes()
        self._over = False
        self._wake, self._waker = os.pipe()

    def run(self) -> int | None:
        reader = threading.Thread(target=self._keyboard, daemon=True)
        screen = threading.Thread(target=self._screen, daemon=True)
        reader.start()
        screen.start()
        self.events.put("resize")  # the window may have changed before anybody listened
        try:
            self._until_the_end()
        finally:
            # A reader left behind would steal the next key typed at whatever comes after us.
            self._over = True
            os.close(self._waker)
            reader.join(FAREWELL)
            if not reader.is_alive():
                os.close(self._wake)
        return None if self.left or self.number is not None else self._terminal.exit_status()

    def _until_the_end(self) -> None:
        while (event := self.events.get()) != "end":
            if isinstance(event, int):
                self.number = event
                return
            with contextlib.suppress(GpuwsError, OSError):
                self._terminal.resize(_size(self._output))

    def tidy(self) -> None:
        """Switch off what the program left on."""
        _write(self._output, self._modes.undo())

    def _keyboard(self) -> None:
        escape = Escape()
        with contextlib.suppress(GpuwsError, OSError):
            while data := self._typed():
                data, self.left = escape.feed(data)
                if data:
                    self._terminal.sendall(data)
                if self.left:
                    self.events.put("end")
                    return

    def _typed(self) -> bytes:
        """b"" at the end of the input, or of the session."""
        if self._over:
            return b""
        poll = select.poll()
        poll.register(self._input, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        ready = {fd for fd, _ in poll.poll()}
        return b"" if self._wake in ready else os.read(self._input, CHUNK)

    def _screen(self) -> None:
        with contextlib.suppress(GpuwsError, OSError):
            while data := self._terminal.recv(CHUNK):
                if self.left:
                    break
                self._modes.feed(data)
                _write(self._output, data)
        self.events.put("end")


def _size(fd: int) -> Size:
    try:
        columns, rows = os.get_terminal_size(fd)
    except OSError:
        return Size()
    return Size(columns, rows) if columns and rows else Size()


def _write(fd: int, data: bytes) -> None:
    """All of it, also where somebody made the descriptor non-blocking."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view) :]
        except BlockingIOError:
            select.select([], [fd], [])


@contextmanager
def _raw(fd: int) -> Iterator[None]:
    """Keys as bytes; what was typed ahead is kept."""
    if not os.isatty(fd):
        yield
        return
    saved = termios.tcgetattr(fd)
    tty.setraw(fd, termios.TCSADRAIN)
    try:
        yield
    finally:
        with contextlib.suppress(termios.error):  # the tty may be gone
            termios.tcsetattr(fd, termios.TCSADRAIN, saved)


@contextmanager
def _signals(events: queue.SimpleQueue[str | int]) -> Iterator[None]:
    """Window changes and the order to end, as events; taken later as they would have been without us."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {
        signal.SIGWINCH: signal.signal(signal.SIGWINCH, lambda *_: events.put("resize")),
        signal.SIGTERM: signal.signal(signal.SIGTERM, lambda number, _: events.put(number)),
        signal.SIGHUP: signal.signal(signal.SIGHUP, lambda number, _: events.put(number)),
    }
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


@contextmanager
def _quick_switching() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
