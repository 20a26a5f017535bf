"""One host's engine as the rest of this folder talks to it: short calls by docker-py, streams by `http`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from gpuws.engines.docker.adapter import Dial
from gpuws.engines.docker.api import CALL_TIMEOUT, Server
from gpuws.engines.docker.errors import told
from gpuws.engines.docker.frames import Malformed
from gpuws.engines.docker.http import Cancelling, Refusal, Reply, request
from gpuws.link.place import Link

if TYPE_CHECKING:
    from docker import APIClient


@dataclass(frozen=True, slots=True)
class Client:
    """`api`: calls from several threads are fine. `dial`: a fresh connection to the engine's socket."""

    host: str
    link: Link
    dial: Dial
    server: Server
    api: APIClient

    def errors(self) -> AbstractContextManager[None]:
        """What goes wrong inside becomes a `GpuwsError`."""
        return told(self.host, self.link)

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
        """A call on a connection of its own, its reply read as it comes. `timeout` is for the head of the reply."""
        data = b"" if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if data else {}
        reply = request(
            self.dial,
            method,
            self.target(path, query),
            headers={**kind, **(headers or {})},
            body=data,
            timeout=timeout,
            cancelling=cancelling,
        )
        reply.stream.settimeout(None)
        return reply

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        timeout: float = CALL_TIMEOUT,
    ) -> Any:
        """A short call that docker-py does not offer in the shape needed; its reply as JSON."""
        url = self.api.base_url + self.target(path, query)
        response = self.api.request(method, url, json=body, timeout=timeout)
        told = response.json() if response.content else None
        if response.status_code >= 400:
            message = told.get("message") if isinstance(told, dict) else None
            raise Refusal(response.status_code, str(message or f"HTTP status {response.status_code}"))
        return told

    def create(
        self, path: str, body: Any, *, query: Mapping[str, Any] | None = None, timeout: float = CALL_TIMEOUT
    ) -> str:
        """Make something there; its id."""
        told = self.call("POST", path, body=body, query=query, timeout=timeout)
        if not isinstance(told, dict) or not isinstance(identity := told.get("Id"), str):
            raise Malformed("it made something without an id")
        return identity

    def inspect(self, container: str) -> dict[str, Any]:
        told = self.api.inspect_container(container)
        if not isinstance(told, dict):
            raise Malformed("a container of another shape")
        return told

    def target(self, path: str, query: Mapping[str, Any] | None = None) -> str:
        asked = {key: _text(value) for key, value in (query or {}).items() if value is not None}
        return f"/v{self.server.api}{quote(path)}" + (f"?{urlencode(asked)}" if asked else "")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return json.dumps(value) if isinstance(value, dict | list) else str(value)
