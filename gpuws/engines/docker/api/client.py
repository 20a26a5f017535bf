"""One host's engine as the rest of this folder talks to it: short calls, and streams."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from gpuws.engines.docker.api.errors import asked, told
from gpuws.engines.docker.api.frames import Malformed
from gpuws.engines.docker.api.http import Cancelling, Dial, Reply, request
from gpuws.engines.docker.api.pool import Pool
from gpuws.engines.docker.api.server import Server
from gpuws.link.place import Link, Stream

CALL_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Client:
    """Used from several threads. `dial`: a fresh connection to the engine's socket; `pool`: those of short calls."""

    host: str
    link: Link
    dial: Dial
    server: Server
    pool: Pool

    def errors(self) -> AbstractContextManager[None]:
        """What goes wrong inside becomes a `GpuwsError`."""
        return told(self.host, self.link, self.server.name)

    def asking(self, within: float = 0.0) -> AbstractContextManager[None]:
        """The same around a call that changes something: `Unanswered` where no answer came."""
        return asked(self.host, self.link, within, self.server.name)

    def open(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = CALL_TIMEOUT,
        cancelling: Cancelling | None = None,
    ) -> Reply:
        """A call on a connection of its own, its reply read as it comes. `timeout` is for the head of the reply. One
        that waited for a short call is taken: over SSH a new one takes a round trip."""
        reply = self._request(self.pool.take, method, path, query, body, timeout, headers, cancelling)
        reply.stream.settimeout(None)
        return reply

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> Any:
        """A short call: its reply as JSON, None where it has no body. `timeout`: seconds for each step."""
        reply = self._request(self.pool.take, method, path, query, body, timeout or CALL_TIMEOUT)
        try:
            told = reply.json()
        except BaseException:
            reply.close()
            raise
        self.pool.give_back(reply)
        return told

    def create(
        self, path: str, body: Any, *, query: Mapping[str, Any] | None = None, timeout: float | None = None
    ) -> str:
        """Make something there; its id."""
        told = self.call("POST", path, body=body, query=query, timeout=timeout)
        if not isinstance(told, dict) or not isinstance(identity := told.get("Id"), str):
            raise Malformed("it made something without an id")
        return identity

    def inspect(self, container: str) -> dict[str, Any]:
        told = self.call("GET", f"/containers/{container}/json")
        if not isinstance(told, dict):
            raise Malformed("a container of another shape")
        return told

    def target(self, path: str, query: Mapping[str, Any] | None = None) -> str:
        asked = {key: _said(value) for key, value in (query or {}).items() if value is not None}
        return f"/v{self.server.api}{quote(path)}" + (f"?{urlencode(asked)}" if asked else "")

    def _request(
        self,
        dial: Dial,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: Any,
        timeout: float | None,
        headers: Mapping[str, str] | None = None,
        cancelling: Cancelling | None = None,
    ) -> Reply:
        data = b"" if body is None else json.dumps(body).encode()
        return request(
            dial,
            method,
            self.target(path, query),
            headers={**({"Content-Type": "application/json"} if data else {}), **(headers or {})},
            body=data,
            timeout=timeout,
            cancelling=cancelling,
        )


@dataclass(frozen=True, slots=True)
class ApiDial:
    """The way to the API itself: see `engines.base.Dial`."""

    client: Client

    def connect(self) -> Stream:
        with self.client.errors():
            return self.client.dial()


def _said(value: Any) -> str | bytes:
    if isinstance(value, bool | bytes):  # the bytes of a path are no text
        return value if isinstance(value, bytes) else "1" if value else "0"
    return json.dumps(value) if isinstance(value, dict | list) else str(value)
