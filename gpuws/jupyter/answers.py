"""Ask a Jupyter server, over a stream of a link, whether it is there and takes its token."""

from __future__ import annotations

import io
import time
from http.client import HTTPException, HTTPResponse
from socket import socket
from typing import TYPE_CHECKING, cast

from gpuws.link.place import Stream
from gpuws.model.errors import GpuwsError
from gpuws.model.jupyter import JupyterServer

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PATIENCE = 5.0  # seconds for the whole answer
OK, UNAVAILABLE = 200, (502, 503, 504)
REFUSALS = {401: "refuses its token", 403: "refuses its token", 404: "does not answer as Jupyter at {base}"}


def answers(stream: Stream, server: JupyterServer, patience: float = PATIENCE) -> bool:
    """True once `/api/status` answers 200. False while nobody answers there yet. Closes the stream.

    GpuwsError for an answer that waiting does not mend: a refused token, or something that is not Jupyter."""
    try:
        stream.settimeout(patience)
        stream.sendall(_request(server))
        status = _status(stream, time.monotonic() + patience)
    except (OSError, GpuwsError):
        return False
    except HTTPException as error:
        raise GpuwsError(f"what listens on port {server.port} is no Jupyter server") from error
    finally:
        stream.close()
    if status == OK or status in UNAVAILABLE:
        return status == OK
    said = REFUSALS.get(status, "answers {status} to /api/status").format(base=server.base_url, status=status)
    raise GpuwsError(f"the server on port {server.port} {said}", "see the log of that server")


def _request(server: JupyterServer) -> bytes:
    lines = [
        f"GET {server.base_url}api/status HTTP/1.1",
        f"Host: localhost:{server.port}",  # Jupyter lets local names in only, unless told otherwise
        "Accept: application/json",
        "Connection: close",
    ]
    if server.token:
        lines.append(f"Authorization: token {server.token}")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _status(stream: Stream, deadline: float) -> int:
    response = HTTPResponse(cast("socket", _Socket(stream, deadline)))
    response.begin()
    return response.status


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
