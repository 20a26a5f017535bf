"""The Engine API of a lab host, spoken over the engine's second socket: bravo has no docker program."""

import json
import socket
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

from tests.lab.paths import host_dir
from tests.lab.report import LabError

VERSION = "v1.41"
NOT_FOUND = 404


class _UnixConnection(HTTPConnection):
    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def socket_path(host: str) -> Path:
    """The engine of a host, as a unix socket on this machine."""
    return host_dir(host) / "docker.sock"


def call(
    host: str,
    method: str,
    path: str,
    *,
    query: Mapping[str, Any] | None = None,
    body: object = None,
    stream: IO[bytes] | None = None,
    timeout: float = 60,
) -> Any:
    """One request; its JSON, or None when the reply is empty or the thing does not exist. Else LabError."""
    connection = _UnixConnection(socket_path(host), timeout)
    data = stream if stream is not None else json.dumps(body).encode() if body is not None else None
    kind = "application/x-tar" if stream is not None else "application/json"
    url = f"/{VERSION}{path}?{urlencode(query or {})}"
    try:
        connection.request(method, url, body=data, headers={"Content-Type": kind}, encode_chunked=stream is not None)
        reply = connection.getresponse()
        text = reply.read()
    except OSError as error:
        raise LabError(f"Docker Engine on {host}: {error}") from error
    finally:
        connection.close()
    if reply.status == NOT_FOUND and method in {"GET", "DELETE"}:
        return None
    if reply.status >= 400 or b'"errorDetail"' in text:
        raise LabError(
            f"Docker Engine on {host}: {method} {path}: {reply.status} {text.decode(errors='replace').strip()}"
        )
    return json.loads(text) if text and stream is None else None


def answers(host: str) -> bool:
    """Whether the engine is there."""
    try:
        call(host, "GET", "/version", timeout=5)
    except LabError:
        return False
    return True
