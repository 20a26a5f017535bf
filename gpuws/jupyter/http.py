"""One request to a Jupyter server, over a stream of a link."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from http.client import HTTPResponse
from socket import socket
from typing import TYPE_CHECKING, Literal, cast

from gpuws.jupyter.tls import TlsStream
from gpuws.link.place import Stream
from gpuws.model.session.notebook import JupyterServer

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LARGEST = 4 << 20  # bytes of a body
Method = Literal["GET", "POST", "DELETE"]
# A server without a token asks whoever changes something to send a value twice, which no page of another site can.
SAME_ORIGIN = ("Cookie: _xsrf=gpuws", "X-XSRFToken: gpuws")


def get(stream: Stream, server: JupyterServer, path: str, patience: float) -> tuple[int, bytes]:
    """Status and body of `path` below the server's base; as `ask`."""
    return ask(stream, server, "GET", path, patience)


def ask(stream: Stream, server: JupyterServer, method: Method, path: str, patience: float) -> tuple[int, bytes]:
    """Status and body of the answer; all of it within `patience` seconds. Closes the stream.

    Raises OSError or GpuwsError where nothing answers, HTTPException where what answers is not HTTP."""
    response = _answered(stream, server, method, path, patience)
    return response.status, response.body


def first_page(stream: Stream, server: JupyterServer, patience: float) -> str:
    """Where the server's base leads a browser, "" where it is a page itself; raises as `get`."""
    response = _answered(stream, server, "GET", "", patience)
    return response.location if 300 <= response.status < 400 else ""


@dataclass(frozen=True, slots=True)
class _Response:
    status: int
    location: str
    body: bytes


def _answered(stream: Stream, server: JupyterServer, method: Method, path: str, patience: float) -> _Response:
    deadline = time.monotonic() + patience
    try:
        stream.settimeout(patience)
        stream = TlsStream(stream) if server.secure else stream
        stream.sendall(_request(server, method, path))
        response = HTTPResponse(cast("socket", _Socket(stream, deadline)), method=method)
        response.begin()
        return _Response(response.status, response.headers.get("Location", ""), response.read(LARGEST))
    finally:
        stream.close()


def _request(server: JupyterServer, method: Method, path: str) -> bytes:
    lines = [
        f"{method} {server.base_url}{path} HTTP/1.1",
        f"Host: localhost:{server.port}",  # Jupyter lets local names in only, unless told otherwise
        "Accept: application/json",
        "Connection: close",
    ]
    if method == "POST":
        lines.append("Content-Length: 0")
    if server.token:
        lines.append(f"Authorization: token {server.token}")
    elif method != "GET":
        lines += SAME_ORIGIN
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
