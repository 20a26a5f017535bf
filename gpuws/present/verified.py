"""What torch did in a workspace, in lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.model import units
from gpuws.model.workspace.verification import DeviceVerified, Verification


def verified(found: Verification) -> Iterator[str]:
    """A line for what torch is, then one for each GPU."""
    yield found.summary if found.torch else "no torch"
    yield from map(device, found.devices)


def device(one: DeviceVerified) -> str:
    """`GPU 0: NVIDIA H200, 140G: right in 3 ms`, its number as torch counts."""
    name = ", ".join(filter(None, [one.name, units.size(one.memory) if one.memory else ""]))
    did = one.error or f"right in {(one.seconds or 0.0) * 1000:.1f} ms"
    return f"GPU {one.index}: {name}: {did}"
