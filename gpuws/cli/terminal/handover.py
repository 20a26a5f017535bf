"""This tty handed to a remote terminal: bytes are copied as they are, and the tty is always given back as it was.

It is loaded while the other side opens the terminal, and what is not needed for its first words, later still."""

from __future__ import annotations

import _socket
import errno
import os
import select
import sys
import termios
import tty

from gpuws.model.errors import GpuwsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Callable
    from typing import Any, Protocol

    from gpuws.cli.terminal.escape import Escape
    from gpuws.cli.terminal.modes import Modes

    class Far(Protocol):
        """What a `Terminal` is beyond its bytes."""

        def exit_status(self) -> int | None: ...
        def close(self) -> None: ...

else:
    import _signal as signal  # what `signal` is made of; the rest gives its numbers names


CHUNK = 65536
PAUSE = 100  # milliseconds without a byte, before what came is looked through
MOST_TYPED = 1 << 20  # bytes that wait for a program that reads none; more wait in the tty
SWITCH_INTERVAL = 0.0005  # seconds: an echo must not wait for other threads' Python
LOST, LEFT = "connection lost", "left; what runs there goes on"


def join(
    far: Far, data: _socket.socket, follow: Callable[[], None], *, input_fd: int = 0, output_fd: int = 1
) -> tuple[int | None, bool]:
    """Join this tty to `data`, the bytes of `far`, until its program ends, and close it. Its exit status, None: never
    told, because the link was lost; and whether the user left with `~.` after a newline, or with this terminal.

    `follow` tells it this window's size. To be called from the main thread."""
    session = _Session(data, follow, input_fd, output_fd)
    quick = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL)
    follows = _listen(session.on_resize)
    try:
        saved = termios.tcgetattr(input_fd) if os.isatty(input_fd) else None
        try:
            if saved is not None:
                tty.setraw(input_fd, termios.TCSADRAIN)  # keys as bytes; what was typed ahead is kept
            session.run()
            status = None if session.left else far.exit_status()
        finally:
            session.tidy()
            _restore(input_fd, saved)
    finally:
        if follows is not None:
            signal.signal(signal.SIGWINCH, follows)
        sys.setswitchinterval(quick)
        session.close()
        far.close()
        data.close()
    return status, session.left


def say(output_fd: int, text: str) -> None:
    """One plain line on a terminal that a program may have left anywhere."""
    _write(output_fd, f"\n[{text}]\n".encode())


class _Session:
    """One thread waits for keys, for the program's bytes, and for the window's changes, which come through a pipe.

    `left`: by the user, or because this terminal is gone."""

    def __init__(self, data: _socket.socket, follow: Callable[[], None], input_fd: int, output_fd: int) -> None:
        self.left = False
        self._data = data
        self._follow = follow
        self._input = input_fd
        self._output = output_fd
        self._on_tty = os.isatty(input_fd)
        self._typed = bytearray()  # and not sent yet
        self._listening = True  # there are keys to come
        self._deaf = False  # the program takes no more
        self._over = False
        self._wake, self._waker = os.pipe()
        self._escape: Escape | None = None
        self._modes: Modes | None = None
        self._shown = bytearray()  # and not looked through for modes yet

    def on_resize(self, _number: int, _frame: object) -> None:
        os.write(self._waker, b".")

    def run(self) -> None:
        self._follow_window()  # it may have changed before anybody listened
        while not self._over:
            ready = self._wait()
            if not ready or len(self._shown) > CHUNK:
                self._look_through()
            if self._wake in ready:
                os.read(self._wake, 64)
                self._follow_window()
            if self._data.fileno() in ready:
                self._exchange(ready[self._data.fileno()])
            if self._input in ready:
                self._read_keys()

    def tidy(self) -> None:
        """Switch off what the program left on."""
        self._look_through()
        if self._modes is not None:
            _write(self._output, self._modes.undo())

    def close(self) -> None:
        os.close(self._wake)
        os.close(self._waker)

    def _wait(self) -> dict[int, int]:
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        poll.register(self._data, select.POLLIN | (select.POLLOUT if self._typed else 0))
        if self._listening and len(self._typed) < MOST_TYPED:
            poll.register(self._input, select.POLLIN)
        return dict(poll.poll(PAUSE if self._shown else None))

    def _follow_window(self) -> None:
        try:
            self._follow()
        except (GpuwsError, OSError):
            return  # the end is on the way

    def _exchange(self, events: int) -> None:
        if events & select.POLLOUT:
            self._send()
        if events & ~select.POLLOUT:
            self._show()

    def _show(self) -> None:
        try:
            data = self._data.recv(CHUNK)
        except OSError:
            data = b""
        if not data:
            self._over = True
            return
        self._shown += data
        if not _write(self._output, data):
            self._leave()

    def _look_through(self) -> None:
        if self._shown:
            if self._modes is None:
                from gpuws.cli.terminal.modes import Modes

                self._modes = Modes()
            self._modes.feed(bytes(self._shown))
            self._shown.clear()

    def _read_keys(self) -> None:
        try:
            data = os.read(self._input, CHUNK)
        except OSError:
            data = b""
        if not data:
            self._listening = False
            if self._on_tty:  # a raw one has no other end
                self._leave()
            return
        if self._escape is None:
            from gpuws.cli.terminal.escape import Escape

            self._escape = Escape()
        data, self.left = self._escape.feed(data)
        self._over = self._over or self.left
        if not self._deaf:
            self._typed += data
            self._send()

    def _leave(self) -> None:
        self.left = self._over = True

    def _send(self) -> None:
        """What goes without waiting: a program that reads no keys may still have much to say."""
        try:
            if self._typed:
                del self._typed[: self._data.send(self._typed, _socket.MSG_DONTWAIT)]
        except BlockingIOError:
            return
        except OSError:
            self._deaf = True
            self._typed.clear()


def _write(fd: int, data: bytes) -> bool:
    """All of it, also where somebody made the descriptor non-blocking. False: the terminal is gone."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view) :]
        except BlockingIOError:
            select.select([], [fd], [])
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return False
    return True


def _restore(fd: int, saved: list[Any] | None) -> None:
    if saved is not None:
        try:
            termios.tcsetattr(fd, termios.TCSADRAIN, saved)
        except termios.error:
            return  # the tty is gone


def _listen(handler: Callable[[int, object], None]) -> Any:
    """The window's changes come to `handler`. The handler until now; None off the main thread, which alone is told."""
    try:
        return signal.signal(signal.SIGWINCH, handler)
    except ValueError:
        return None
