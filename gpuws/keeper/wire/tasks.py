"""Tasks as they cross the socket: read where there are any, so that who only looks need not know of plans."""

from __future__ import annotations

from functools import cache

import msgspec

from gpuws.keeper.wire.typed import encode
from gpuws.model.task import Task


def written(tasks: tuple[Task, ...]) -> msgspec.Raw:
    return msgspec.Raw(encode(tasks))


def read(tasks: msgspec.Raw) -> tuple[Task, ...]:
    """Raises msgspec.DecodeError."""
    return _decoder().decode(tasks)


@cache
def _decoder() -> msgspec.msgpack.Decoder[tuple[Task, ...]]:
    return msgspec.msgpack.Decoder(tuple[Task, ...])
