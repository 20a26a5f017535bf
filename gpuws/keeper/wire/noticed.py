"""Notices as they cross the socket: read where there are any, so that who only looks need not know of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import msgspec

from gpuws.keeper.wire.typed import encode
from gpuws.model.notice.record import Told


def written(told: Sequence[Told]) -> msgspec.Raw:
    return msgspec.Raw(encode(told))


def read(told: msgspec.Raw) -> tuple[Told, ...]:
    """Raises msgspec.DecodeError."""
    return _decoder().decode(told)


@cache
def _decoder() -> msgspec.msgpack.Decoder[tuple[Told, ...]]:
    return msgspec.msgpack.Decoder(tuple[Told, ...])
