"""A remote program's streams joined to ours, as pipes."""

from __future__ import annotations

import os
import sys
import threading

from gpuws.model.errors import GpuwsError, Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gpuws.link.place import Process

STDIN = 0


def carry(process: Process, *, with_input: bool) -> int | None:
    """Copy until the program is done; its status, None when it was never told. Leaving early ends it."""
    try:
        errors = threading.Thread(target=_errors, args=(process,), daemon=True)
        errors.start()
        if with_input:
            threading.Thread(target=_input, args=(process,), daemon=True).start()
        else:
            process.close_stdin()
        while data := process.read():
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        errors.join()
        return process.wait()
    finally:
        process.close()


def status_or_lost(status: int | None, label: str) -> int:
    """Of a program without a terminal, on which something would have said why its status was never told."""
    if status is None:
        raise Unreachable(f"{label}: the link was lost before the program's status came")
    return status


def _errors(process: Process) -> None:
    try:
        while data := process.read_stderr():
            sys.stderr.buffer.write(data)
            sys.stderr.buffer.flush()
    except (GpuwsError, OSError):
        return  # the reader of stdout meets the same end and tells it


def _input(process: Process) -> None:
    """A daemon thread: nothing frees a read of our own stdin, so nobody waits for it."""
    try:
        while data := os.read(STDIN, 65536):
            process.write(data)
        process.close_stdin()
    except (GpuwsError, OSError):
        return  # the program ended first
