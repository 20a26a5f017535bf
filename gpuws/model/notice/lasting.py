"""When a host counts as lost, and as back: only what lasted is told, and what comes and goes less and less. Pure."""

from __future__ import annotations

from dataclasses import replace

from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.notice.notice import Level, Notice, identity, said
from gpuws.model.notice.seen import SeenHost, up

LASTS = 20.0
"""Seconds for which a host must be away, or there again, before that is told."""
LONGEST = 1280.0
"""The same of one that goes again and again: each loss of the last hours doubles it."""
_LEVELS: dict[bool, Level] = {True: "good", False: "bad"}
MEMORY = 4 * 3600.0
"""Seconds for which a loss is remembered."""


def patience(seen: SeenHost, now: float) -> float:
    """Seconds that its next state must last."""
    losses = len([at for at in seen.times if now - at < MEMORY])
    return min(LASTS * float(2**losses), LONGEST)


def host_change(
    salt: str, before: SeenHost | None, snapshot: HostSnapshot, now: float
) -> tuple[SeenHost | None, Notice | None]:
    """As it is remembered now, and what is to be told. A host that was never up is not lost; one that rests, or is
    connected to for the first time, is neither."""
    there = up(snapshot)
    if before is None:
        return (SeenHost(there, now) if there else None), None
    if there != before.up:
        before = replace(before, up=there, since=now)
    if there != before.lost or now - before.since < _needed(before, now):
        return before, None
    number = before.number + 1
    times = before.times if there else (*(at for at in before.times if now - at < MEMORY), now)
    after = replace(before, lost=not there, times=times, number=number)
    name = snapshot.name
    text = said("", f"{name} {'is back' if there else f'is lost{_why(snapshot)}'}")
    key, level = identity("host", salt, name, number), _LEVELS[there]
    told = Notice(key, "host", name, "", text, now, None, level)
    return after, told


def due(seen: SeenHost | None, now: float) -> float | None:
    """Seconds until it is to be looked at again; None: nothing is under way."""
    if seen is None or seen.up != seen.lost:
        return None
    return max(seen.since + _needed(seen, now) - now, 0.0)


def _needed(seen: SeenHost, now: float) -> float:
    """Of one that is back after its first loss less: one waits for it."""
    return LASTS / 10 if seen.up and len(seen.times) < 2 else patience(seen, now)


def _why(snapshot: HostSnapshot) -> str:
    if snapshot.state is HostState.ASKING:
        return ": its login needs you"
    return f": {snapshot.error}" if snapshot.error else ""
