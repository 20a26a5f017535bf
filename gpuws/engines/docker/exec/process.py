"""A program inside a container: with streams of its own (`ExecProcess`) or on a terminal (`ExecTerminal`)."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence

from gpuws.engines.docker.api.frames import Frames, Malformed, Which
from gpuws.engines.docker.exec.session import Session
from gpuws.link.pieces import Pieces
from gpuws.model.errors import GpuwsError
from gpuws.model.session.terminal import Size

CHUNK = 1 << 18
"""Bytes taken at once."""
MOST_UNREAD = 4 << 20
"""Bytes of stdout or stderr kept until they are read; then the program waits."""


class ExecProcess:
    """stdout and stderr come on one connection: a thread parts them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._buffers: dict[Which, Pieces] = {"stdout": Pieces(), "stderr": Pieces()}
        self._changed = threading.Condition()
        self._ended = False
        self._closed = False
        self._status: int | None = None
        threading.Thread(target=self._pump, name="docker-exec", daemon=True).start()

    def read(self, limit: int = 65536) -> bytes:
        return self._take("stdout", limit)

    def read_stderr(self, limit: int = 65536) -> bytes:
        return self._take("stderr", limit)

    def write(self, data: bytes) -> None:
        with self._session.client.errors():
            self._session.reply.stream.sendall(data)

    def close_stdin(self) -> None:
        with self._session.client.errors():
            self._session.reply.stream.shutdown_write()

    def wait(self, timeout: float | None = None) -> int | None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._ended, timeout):
                raise TimeoutError("the program still runs")
            unknown = self._status is None and not self._closed
        if unknown:
            self._status = self._session.status()
        return self._status

    def close(self) -> None:
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
            finished = self._status is not None
        if finished:
            self._session.close()
        else:
            self._session.end()

    def _take(self, which: Which, limit: int) -> bytes:
        buffer = self._buffers[which]
        with self._changed:
            self._changed.wait_for(lambda: buffer or self._ended or self._closed)
            data = buffer.take(limit)
            self._changed.notify_all()
        return data

    def _pump(self) -> None:
        frames = Frames()
        try:
            while data := self._session.reply.recv(CHUNK):
                self._keep(frames.feed(data))
        except (GpuwsError, OSError, Malformed):
            pass  # a broken connection ends the streams; the status stays untold
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _keep(self, parts: Sequence[tuple[Which, bytes]]) -> None:
        with self._changed:
            for which, piece in parts:
                while len(self._buffers[which]) >= MOST_UNREAD and not self._closed:
                    self._changed.notify_all()
                    self._changed.wait()
                self._buffers[which].add(piece)
            self._changed.notify_all()


class _Sizing:
    """Tells the engine how large a terminal is, on a thread of its own: the answer takes a round trip, and the first
    one comes when the program runs. Of the sizes that come meanwhile the last is told."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._next: Size | None = None
        self._telling: threading.Thread | None = None

    def tell(self, size: Size) -> None:
        with self._lock:
            self._next = size
            if self._telling is None:
                self._telling = threading.Thread(target=self._tell, name="docker-size", daemon=True)
                self._telling.start()

    def settle(self) -> None:
        """Wait for what is being told."""
        if telling := self._telling:
            telling.join()

    def _tell(self) -> None:
        while size := self._taken():
            with contextlib.suppress(GpuwsError):  # it has ended, or its link: reading from it tells
                self._session.resize(size)

    def _taken(self) -> Size | None:
        with self._lock:
            size, self._next = self._next, None
            if size is None:
                self._telling = None
        return size


class ExecTerminal:
    """The container's side of a terminal. Closing it hangs it up. `size`: what the engine could not start it at."""

    def __init__(self, session: Session, size: Size | None = None) -> None:
        self._session = session
        self._ended = False
        self._closed = False
        self._sizing = _Sizing(session)
        if size is not None:
            self._sizing.tell(size)

    def recv(self, limit: int = 65536) -> bytes:
        try:
            data = self._session.reply.recv(limit)
        except (GpuwsError, OSError):
            data = b""
        self._ended = self._ended or not data
        return data

    def sendall(self, data: bytes) -> None:
        """What is typed finds the terminal as large as it was by then."""
        self._sizing.settle()
        with self._session.client.errors():
            self._session.reply.stream.sendall(data)

    def resize(self, size: Size) -> None:
        self._sizing.tell(size)

    def exit_status(self) -> int | None:
        return self._session.status()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._ended and self._session.status() is not None:
            self._session.close()
        else:
            self._session.end()


class Deadline:
    """Seconds left until a point in time; TimeoutError once it has passed."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left
