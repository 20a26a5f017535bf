"""A program from start to end: feed its stdin, gather both outputs, within a time limit."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from gpuws.link.place import Process
from gpuws.model.errors import GpuwsError
from gpuws.model.session.terminal import Completed

OUTPUT_LIMIT = 64 << 20  # bytes; more is no answer but an accident


def collect(process: Process, what: str, data: bytes | None, timeout: float) -> Completed:
    """`what` names host and program in errors. The program is closed in any case."""
    run = _Run(process, what, timeout)
    try:
        return run.finish(data)
    finally:
        run.timer.cancel()
        process.close()


class _Run:
    def __init__(self, process: Process, what: str, timeout: float) -> None:
        self._process = process
        self._what = what
        self._problem: GpuwsError | None = None
        self._size = 0
        self.timer = threading.Timer(timeout, self._give_up, [f"{what}: no result within {timeout:g} s"])
        self.timer.daemon = True

    def finish(self, data: bytes | None) -> Completed:
        self.timer.start()
        stdout: list[bytes] = []
        stderr: list[bytes] = []
        if data:
            _background(self._feed, data)
        else:
            self._process.close_stdin()
        reader = _background(self._gather, self._process.read_stderr, stderr)
        self._gather(self._process.read, stdout)
        reader.join()
        status = self._process.wait()
        if self._problem:
            raise self._problem
        return Completed(status, b"".join(stdout), b"".join(stderr))

    def _feed(self, data: bytes) -> None:
        with contextlib.suppress(GpuwsError, OSError):  # a program may end without reading all of it
            self._process.write(data)
            self._process.close_stdin()

    def _gather(self, read: Callable[[], bytes], into: list[bytes]) -> None:
        try:
            while data := read():
                into.append(data)
                self._size += len(data)
                if self._size > OUTPUT_LIMIT:
                    self._give_up(f"{self._what}: its output is longer than {OUTPUT_LIMIT >> 20} MiB")
        except GpuwsError as error:
            self._problem = self._problem or error

    def _give_up(self, message: str) -> None:
        self._problem = self._problem or GpuwsError(message)
        self._process.close()


def _background(target: Callable[..., None], *args: object) -> threading.Thread:
    thread = threading.Thread(target=target, args=args, daemon=True)
    thread.start()
    return thread
