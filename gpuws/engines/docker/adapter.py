"""requests over a link: every HTTP connection is a stream dialled to the engine's socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docker.transport.basehttpadapter import BaseHTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from gpuws.engines.docker.chansock import ChannelSocket
from gpuws.link.place import Stream

Dial = Callable[[], Stream]

POOLED = 8
"""Connections kept for the next call; more may be open at a time."""


class StreamConnection(HTTPConnection):
    def __init__(self, dial: Dial, timeout: Any) -> None:
        super().__init__("localhost", timeout=timeout)
        self._dial = dial

    def connect(self) -> None:
        channel: Any = ChannelSocket(self._dial())
        if isinstance(self.timeout, int | float):
            channel.settimeout(self.timeout)
        self.sock = channel

    def request(self, *args: Any, **kwargs: Any) -> None:
        if isinstance(channel := self.sock, ChannelSocket):
            channel.begin_reply()
        super().request(*args, **kwargs)

    @property
    def is_connected(self) -> bool:
        return isinstance(channel := self.sock, ChannelSocket) and channel.usable()


class StreamPool(HTTPConnectionPool):
    def __init__(self, dial: Dial) -> None:
        super().__init__("localhost", maxsize=POOLED)
        self._dial = dial

    def _new_conn(self) -> StreamConnection:
        return StreamConnection(self._dial, self.timeout.connect_timeout)


class StreamAdapter(BaseHTTPAdapter):
    """For `Session.mount`; one pool, whatever the URL's host."""

    def __init__(self, dial: Dial) -> None:
        super().__init__()
        self._pool = StreamPool(dial)

    def get_connection(self, url: str | bytes, proxies: Any = None) -> StreamPool:  # noqa: ARG002  requests' signature
        return self._pool

    def request_url(self, request: Any, proxies: Any) -> str:  # noqa: ARG002  requests' signature
        return str(request.path_url)

    def close(self) -> None:
        super().close()
        self._pool.close()
