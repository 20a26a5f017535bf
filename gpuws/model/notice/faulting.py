"""Faults that a GPU's driver told between two looks: which are news, to whom, and in which words. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gpuws.model.alarms import recent_of
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.reading import Xid
from gpuws.model.gpu.xid import called, of_a_program, said
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.notice.seen import SeenGpu
from gpuws.model.ownership.tenancy import person

APART = 10.0
"""Seconds within which several faults of one GPU are told as one: the first brings others."""
FRESH = 3600.0
"""Seconds after which a fault is no news."""


def faulted(
    snapshot: HostSnapshot, gpu: Gpu, known: SeenGpu | None, seen: SeenGpu, now: float
) -> tuple[SeenGpu, Xid | None]:
    """What is remembered of it, and the first fault that is new, which brought the others. What its GPU had before it
    was first seen is no news."""
    told = [xid for xid in recent_of(snapshot.xids, gpu, now) if xid.at is not None]
    before = known.faulted if known is not None else max((xid.at or 0.0 for xid in told), default=0.0)
    new = [xid for xid in told if (xid.at or 0.0) > before + APART and now - (xid.at or 0.0) < FRESH]
    newest = max((xid.at or 0.0 for xid in new), default=before)
    return replace(seen, faulted=newest), min(new, key=lambda xid: xid.at or 0.0, default=None)


def mine(xid: Xid, gpu: Gpu, known: SeenGpu | None) -> bool | None:
    """Somebody else's program is no business of mine; a GPU that fails is everybody's."""
    if gpu.mine or (known is not None and known.mine):
        return True
    held = bool(gpu.held_by) or (known is not None and known.free is False)
    return False if held and of_a_program(xid) else None


def holders(gpus: Iterable[Gpu]) -> str:
    """`alice (torch-dev), bob (python)` of the first that somebody held; "" where nobody is known.

    `gpus`: one GPU at several moments."""
    held = next((gpu.held_by for gpu in gpus if gpu.held_by), ())
    return ", ".join(f"{person(one)} ({one.name})" for one in held if one.kind != "unseen")


def sentence(xid: Xid, name: str, gpus: Iterable[Gpu]) -> str:
    """`Xid 31 on GPU 0: …; alice (python) was on it`. `gpus`: it, as it was before and is now."""
    what, who = said(xid), holders(gpus)
    return f"{called(xid)} on {name}" + (f": {what}" if what else "") + (f"; {who} was on it" if who else "")
