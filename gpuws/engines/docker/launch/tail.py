"""What a container writes from its start on, for one whose log is removed with it (`--rm`): only its end is kept."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from types import TracebackType

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.exec.session import HIJACK
from gpuws.engines.docker.existing.logs import LogStream, as_it_is, unframed
from gpuws.model.errors import GpuwsError

MOST = 64 << 10
"""Bytes that are kept."""
PATIENCE = 2.0
"""Seconds that the rest of the output is waited for, once its program has ended."""


@dataclass(slots=True)
class Tail:
    """Attached before the start. What it writes is read as it comes: a reader that is slow would hold the program."""

    client: Client
    container: str
    tty: bool
    _kept: bytearray = field(default_factory=bytearray)
    _stream: LogStream | None = None
    _ended: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Tail:
        query = {"stream": True, "stdout": True, "stderr": True}
        with self.client.errors():
            reply = self.client.open("POST", f"/containers/{self.container}/attach", query, headers=HIJACK)
        self._stream = LogStream(self.client, reply, as_it_is if self.tty else unframed())
        threading.Thread(target=self._read, args=(self._stream,), name="docker-tail", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()

    def text(self) -> str:
        """Its last words, once it has ended."""
        self._ended.wait(PATIENCE)
        return bytes(self._kept).decode(errors="replace")

    def _read(self, stream: LogStream) -> None:
        try:
            while data := stream.recv():
                self._kept += data
                del self._kept[:-MOST]
        except (GpuwsError, OSError):
            pass  # what came until then is all there is
        finally:
            self._ended.set()
