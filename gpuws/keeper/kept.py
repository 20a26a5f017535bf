"""The tunnels that the next keeper must open again, in a private file of the runtime directory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from gpuws.config.files import write_atomically
from gpuws.model.errors import GpuwsError
from gpuws.model.tunnel import TunnelPlan

_decoder = msgspec.json.Decoder(tuple[TunnelPlan, ...])


def read_kept(path: Path) -> tuple[TunnelPlan, ...]:
    """None where the file is missing or makes no sense."""
    try:
        return _decoder.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return ()


def write_kept(path: Path, plans: Iterable[TunnelPlan]) -> None:
    """A full disk costs the memory of tunnels, nothing else."""
    with contextlib.suppress(GpuwsError):
        write_atomically(path, msgspec.json.encode(tuple(plans)).decode())


def forget_kept(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
