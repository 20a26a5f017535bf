"""A container's log as plain bytes, however the engine frames it."""

from __future__ import annotations

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.frames import Frames
from gpuws.engines.docker.api.http import Reply
from gpuws.model.errors import GpuwsError
from gpuws.model.workspace.logs import LogWindow


class LogStream:
    """Only to be read. `close` from any thread ends it at once."""

    def __init__(self, client: Client, reply: Reply, framed: bool) -> None:
        self._client = client
        self._reply = reply
        self._frames = Frames() if framed else None
        self._rest = b""

    def recv(self, limit: int = 65536) -> bytes:
        while not self._rest:
            data = self._more()
            if not data:
                return b""
            self._rest = b"".join(piece for _, piece in self._frames.feed(data)) if self._frames else data
        data, self._rest = self._rest[:limit], self._rest[limit:]
        return data

    def sendall(self, data: bytes) -> None:  # noqa: ARG002  a Stream's signature
        raise GpuwsError("a log is only to be read")

    def shutdown_write(self) -> None:
        pass

    def settimeout(self, seconds: float | None) -> None:
        self._reply.stream.settimeout(seconds)

    def close(self) -> None:
        self._reply.close()

    def _more(self) -> bytes:
        try:
            return self._reply.recv()
        except TimeoutError:
            raise
        except Exception:
            if self._reply.closed:
                return b""
            with self._client.errors():
                raise


def open_log(client: Client, container: str, window: LogWindow, *, tty: bool) -> LogStream:
    query = {
        "stdout": True,
        "stderr": True,
        "follow": window.follow,
        "timestamps": window.timestamps,
        "tail": "all" if window.tail is None else window.tail,
        "since": None if window.since is None else f"{window.since:.9f}",
    }
    with client.errors():
        reply = client.open("GET", f"/containers/{container}/logs", query)
    return LogStream(client, reply, framed=not tty)
