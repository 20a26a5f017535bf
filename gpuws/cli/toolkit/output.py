"""stdin, stdout and stderr as commands can rely on them, whatever the shell handed over.

What a program writes as text reaches stdout harmless: colours pass, nothing else steers the terminal. What must steer
it, and what is nobody's text, is written as bytes."""

from __future__ import annotations

import io
import os
import sys

from gpuws.model.errors import GpuwsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STDIN, STDOUT, STDERR = 0, 1, 2


class OutputFailed(GpuwsError):
    """stdout takes no more: its disk is full, or it was closed."""


class _Descriptor(io.FileIO):
    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise  # its reader has enough: no failure
        except OSError as error:
            raise OutputFailed(f"can't write to stdout: {error.strerror}") from error


class _Text(io.TextIOWrapper):
    def write(self, text: str) -> int:
        super().write(text if _nothing_but_lines(text) else _harmless(text))
        return len(text)


def _nothing_but_lines(text: str) -> bool:
    return text.replace("\n", "").isprintable()


def _harmless(text: str) -> str:
    from gpuws.model.text import harmless  # regular expressions: a third of a short command's start

    return harmless(text)


def prepare() -> None:
    """Once, before anything is opened. A closed descriptor would be given to the next file or connection, and get what
    is printed: it becomes one that takes nothing."""
    for descriptor, mode in ((STDIN, os.O_RDONLY), (STDOUT, os.O_RDONLY), (STDERR, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, mode)  # gets the lowest number that is free: this one
    encoding = sys.stdout.encoding if sys.stdout else "utf-8"
    buffer = io.BufferedWriter(_Descriptor(STDOUT, "w", closefd=False))
    sys.stdout = _Text(buffer, encoding, errors="replace", line_buffering=os.isatty(STDOUT))
    sys.stderr = sys.stderr or open(STDERR, "w", closefd=False)  # noqa: SIM115 - as long as the program
    sys.stdin = sys.stdin or open(STDIN, closefd=False)  # noqa: SIM115


def steer(text: str) -> None:
    """Of our own making, with what moves the cursor and switches modes."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode(sys.stdout.encoding, "replace"))
    sys.stdout.buffer.flush()


def silence() -> None:
    """Nobody takes our output any more: later flushes, at exit too, go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), STDOUT)
