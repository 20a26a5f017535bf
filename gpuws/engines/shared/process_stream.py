"""A program's stdin and stdout as one stream: how an engine is reached through a relay on its host."""

from __future__ import annotations

import threading

from gpuws.link.place import Process
from gpuws.model.errors import GpuwsError

MOST_UNREAD = 1 << 20


class ProcessStream:
    """A `Stream` over a `Process`; a thread reads ahead, because a process knows no timeouts."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.record = getattr(process, "record", None)  # where what is asked through it is noted
        self._buffer = bytearray()
        self._changed = threading.Condition()
        self._ended = False
        self._timeout: float | None = None
        threading.Thread(target=self._pump, name="docker-relay", daemon=True).start()

    def recv(self, limit: int = 65536) -> bytes:
        with self._changed:
            if not self._changed.wait_for(lambda: self._buffer or self._ended, self._timeout):
                raise TimeoutError("timed out")
            data = bytes(self._buffer[:limit])
            del self._buffer[:limit]
            self._changed.notify_all()
        return data

    def sendall(self, data: bytes) -> None:
        self._process.write(data)

    def shutdown_write(self) -> None:
        self._process.close_stdin()

    def settimeout(self, seconds: float | None) -> None:
        self._timeout = seconds

    def close(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._process.close()

    def _pump(self) -> None:
        try:
            while data := self._process.read():
                with self._changed:
                    self._buffer += data
                    self._changed.notify_all()
                    self._changed.wait_for(lambda: len(self._buffer) < MOST_UNREAD or self._ended)
                    if self._ended:
                        return
        except (GpuwsError, OSError):
            pass
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()
