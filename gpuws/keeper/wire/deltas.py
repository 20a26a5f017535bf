"""Snapshots as a client has them, and what must be sent so that it has the newest. Pure."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import msgspec

from gpuws.keeper.wire.messages import Changed
from gpuws.keeper.wire.typed import encode
from gpuws.model.host.snapshot import HostSnapshot

FIELDS = tuple(HostSnapshot.__dataclass_fields__)
STATUS = ("state", "phase", "error", "remedy", "retry_at", "generation", "latency", "readonly", "complete", "coverage")
NAME = "name"  # goes along always: without it a part is no snapshot


def difference(before: HostSnapshot | None, now: HostSnapshot) -> Changed | None:
    """The fields of `now` that `before` does not have, all where there was nothing; None: no difference."""
    fields = tuple(name for name in FIELDS if _differs(before, name, getattr(now, name)))
    if not fields:
        return None
    values = {name: getattr(now, name) for name in (NAME, *fields)}
    return Changed(now.name, fields, msgspec.Raw(encode(values)))


def applied(before: HostSnapshot | None, change: Changed) -> HostSnapshot:
    """`before` with what came. Raises msgspec.DecodeError; fields of a newer keeper are passed over."""
    part = _decoder().decode(change.values)
    if before is None:
        return part
    return replace(before, **{name: getattr(part, name) for name in change.fields if name in FIELDS})


def over(before: HostSnapshot | None, told: HostSnapshot) -> HostSnapshot:
    """What is shown of a host: as told, but where a new keeper has not read anything yet, the values seen before."""
    if before is None or before.updated_at is None or told.updated_at is not None or told.complete:
        return told
    return replace(before, **{name: getattr(told, name) for name in STATUS})


def _differs(before: HostSnapshot | None, name: str, value: object) -> bool:
    if before is None:
        return True
    had = getattr(before, name)
    return had is not value and had != value


@cache
def _decoder() -> msgspec.msgpack.Decoder[HostSnapshot]:
    return msgspec.msgpack.Decoder(HostSnapshot)
