"""The tunnels and waits that the next keeper must go on with, in private files."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from gpuws.config.files import write_atomically
from gpuws.model.errors import GpuwsError
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.session.tunnel import TunnelPlan

_tunnels = msgspec.json.Decoder(tuple[TunnelPlan, ...])
_waits = msgspec.json.Decoder(tuple[QueuedWait, ...])
Entry = TypeVar("Entry")


def read_tunnels(path: Path) -> tuple[TunnelPlan, ...]:
    return _read(path, _tunnels)


def read_waits(path: Path) -> tuple[QueuedWait, ...]:
    return _read(path, _waits)


def _read(path: Path, decoder: msgspec.json.Decoder[tuple[Entry, ...]]) -> tuple[Entry, ...]:
    """Nothing where the file is missing or makes no sense."""
    try:
        return decoder.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return ()


def save(path: Path, entries: Iterable[TunnelPlan | QueuedWait]) -> None:
    """Where there are none, the file goes. A full disk costs the memory of them, nothing else."""
    found = tuple(entries)
    if not found:
        forget_saved(path)
        return
    with contextlib.suppress(GpuwsError):
        write_atomically(path, msgspec.json.encode(found).decode())


def forget_saved(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
