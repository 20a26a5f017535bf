"""The lines of a terminal whose link was lost: since when, why nothing comes of it yet, and the keys. Pure."""

from __future__ import annotations

import time

from gpuws.model import units
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.text import plain
from gpuws.present.host_state import reason

KEYS = "⏎ tries now · ~. leaves"


def lost(label: str, since: float) -> str:
    """`since` by the clock of the workstation, as a person at 2 a.m. looks at it."""
    return f"{plain(label)}: connection lost at {time.strftime('%H:%M:%S', time.localtime(since))}"


def away(since: float, now: float, snapshot: HostSnapshot | None, failure: str = "") -> str:
    """What stands under `lost` meanwhile. `failure`: why it could not be entered although its host is there."""
    return f"{units.duration(now - since)} · {_why(snapshot, now) or plain(failure) or 'looking for it'}"


def fitted(text: str, columns: int) -> str:
    """With the keys behind, which are never what is cut; on a very narrow terminal they stand alone."""
    room = columns - len(KEYS) - 4  # a separator, and the last column, where terminals wrap
    if room < 10:
        return KEYS[: max(columns - 1, 0)]
    return f"{text if len(text) <= room else text[: room - 1] + '…'} · {KEYS}"


def _why(snapshot: HostSnapshot | None, now: float) -> str:
    """Why its host is not there."""
    found = reason(snapshot, now) if snapshot is not None else None
    if snapshot is None or found is None:
        return ""
    said = plain(snapshot.error or "") or found.text
    return f"{said}, {found.when}" if found.when.startswith("retry") else said
