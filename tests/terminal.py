"""A real terminal for tests: a program on a PTY, its screen read by pyte."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence

import pyte

KEYS = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
    "space": " ", "backspace": "\x7f",
}  # fmt: skip


class ScreenTerminal:
    """Runs `argv` on a PTY. `wait_for` waits for what the screen shows, woken by every byte that arrives."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], columns: int = 120, rows: int = 36) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._changed = threading.Condition()
        self._over = False
        self.raw = bytearray()
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env={**env, "TERM": "xterm-256color", "COLUMNS": str(columns), "LINES": str(rows)},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        self.attributes = termios.tcgetattr(slave)
        os.close(slave)
        self._stop, self._stopper = os.pipe()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def text(self) -> str:
        with self._changed:
            return "\n".join(line.rstrip() for line in self.screen.display)

    def send(self, text: str) -> None:
        os.write(self._master, text.encode())

    def press(self, *keys: str) -> None:
        """Names of `KEYS`, `ctrl+x`, or the characters themselves."""
        for key in keys:
            self.send(chr(ord(key[-1]) & 0x1F) if key.startswith("ctrl+") else KEYS.get(key, key))

    def resize(self, columns: int, rows: int) -> None:
        """As a person does with the window; the program is told."""
        with self._changed:
            self.screen.resize(rows, columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def click(self, text: str) -> None:
        """The left button on the first place where the screen shows `text`."""
        row, column = next((y, line.index(text)) for y, line in enumerate(self.text.split("\n")) if text in line)
        self.send(f"\x1b[<0;{column + 1};{row + 1}M\x1b[<0;{column + 1};{row + 1}m")

    def wait_for(self, wanted: str | Callable[[str], bool], timeout: float = 20.0) -> str:
        """The screen once it matches (a regular expression, or a rule); fails with the screen after `timeout`."""
        holds = wanted if callable(wanted) else lambda text: re.search(wanted, text) is not None
        deadline = time.monotonic() + timeout
        with self._changed:
            while not holds(text := "\n".join(line.rstrip() for line in self.screen.display)):
                left = deadline - time.monotonic()
                if left <= 0 or (self._over and not holds(text)):
                    raise AssertionError(f"never saw {wanted!r} within {timeout} s; the screen shows:\n{text}")
                self._changed.wait(left)
            return text

    def hang_up(self) -> None:
        """Close the terminal as a window is closed, while the program runs."""
        os.write(self._stopper, b".")  # nobody may hold it open by reading from it
        self._reader.join(5)
        os.close(self._master)
        self._master = -1

    @property
    def restored(self) -> bool:
        """It has ended, lines and their echo are as they were before it, and its screen is left."""
        self._reader.join(5)
        raw = bytes(self.raw)
        on_second_screen = raw.rfind(b"\x1b[?1049h") > raw.rfind(b"\x1b[?1049l")
        return termios.tcgetattr(self._master) == self.attributes and not on_second_screen

    def wait_exit(self, timeout: float = 30.0) -> int:
        return self.process.wait(timeout)

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(5)
        self._reader.join(5)  # it must not read from the next terminal that gets this descriptor
        for descriptor in (self._master, self._stop, self._stopper):
            if descriptor >= 0:
                os.close(descriptor)

    def __enter__(self) -> ScreenTerminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> None:
        while True:
            ready, _, _ = select.select([self._master, self._stop], [], [])
            try:
                data = b"" if self._stop in ready else os.read(self._master, 65536)
            except OSError:
                data = b""
            with self._changed:
                if data:
                    self.take(data)
                else:
                    self._over = True
                self._changed.notify_all()
            if not data:
                return

    def take(self, data: bytes) -> None:
        """What the program has written, as it comes."""
        self.raw += data
        self._answer(data)
        self._stream.feed(data)

    def _answer(self, data: bytes) -> None:
        """What programs ask of a terminal; pyte keeps silent."""
        if b"\x1b[6n" in data:
            os.write(self._master, b"\x1b[1;1R")
        if b"\x1b[c" in data:
            os.write(self._master, b"\x1b[?62;22c")
