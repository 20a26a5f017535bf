"""Whose fault it is where two hosts are spoken to at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.http import Reply
from gpuws.model.errors import GpuwsError, Unreachable

PIECE = 256 << 10


@contextmanager
def of(client: Client) -> Iterator[None]:
    """As `client.errors()`, and what comes out is nobody else's: a broken stream is an OSError no more, which the host
    that is fed with it would take for its own."""
    try:
        with client.errors():
            yield
    except GpuwsError as error:
        if isinstance(error, OSError):
            raise Unreachable(error.message, error.remedy) from error
        raise


def received(source: Client, reply: Reply) -> Iterator[bytes]:
    """The body of a reply, to be sent on while it is read."""
    while True:
        with of(source):
            data = reply.recv(PIECE)
        if not data:
            return
        yield data
