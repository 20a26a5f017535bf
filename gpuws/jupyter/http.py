"""One GET of a Jupyter server, over a stream of a link."""

from __future__ import annotations

import io
import time
from http.client import HTTPResponse
from socket import socket
from typing import TYPE_CHECKING, cast

from gpuws.link.place import Stream
from gpuws.model.session.notebook import JupyterServer

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LARGEST = 4 << 20  # bytes of a body


def get(stream: Stream, server: JupyterServer, path: str, patience: float) -> tuple[int, bytes]:
    """Status and body of `path` below the server's base; all of it within `patience` seconds. Closes the stream.

    Raises OSError or GpuwsError where nothing answers, HTTPException where what answers is not HTTP."""
    deadline = time.monotonic() + patience
    try:
        stream.settimeout(patience)
        stream.sendall(_request(server, path))
        response = HTTPResponse(cast("socket", _Socket(stream, deadline)))
        response.begin()
        return response.status, response.read(LARGEST)
    finally:
        stream.close()


def _request(server: JupyterServer, path: str) -> bytes:
    lines = [
        f"GET {server.base_url}{path} HTTP/1.1",
        f"Host: localhost:{server.port}",  # Jupyter lets local names in only, unless told otherwise
        "Accept: application/json",
        "Connection: close",
    ]
    if server.token:
        lines.append(f"Authorization: token {server.token}")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


class _Socket:
    """As much of a socket as HTTPResponse uses."""

    def __init__(self, stream: Stream, deadline: float) -> None:
        self._reader = _Reader(stream, deadline)

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002  HTTPResponse asks for "rb"
        return io.BufferedReader(self._reader)


class _Reader(io.RawIOBase):
    """A stream's bytes until `deadline`, however slowly they drip."""

    def __init__(self, stream: Stream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no answer in time")
        self._stream.settimeout(left)
        view = memoryview(buffer).cast("B")
        data = self._stream.recv(len(view))
        view[: len(data)] = data
        return len(data)
