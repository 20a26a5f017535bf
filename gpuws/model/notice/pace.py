"""When a receiver gets what waits for it: at once, after its quiet hours, or as one for many. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gpuws.model.notice.changes import parts
from gpuws.model.notice.notice import Level, Notice, identity, said
from gpuws.model.units import count

MINUTE = 60.0
PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0)
"""Seconds before each next try of what did not arrive; the last one again and again."""
PATIENCE = 86400.0
"""Seconds after which what never arrived is given up."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What goes now: notices one by one, or all of them as one. `wait`: seconds until there may be more, None: only
    when something new comes."""

    each: tuple[Notice, ...] = ()
    together: tuple[Notice, ...] = ()
    wait: float | None = None


def turn(
    waiting: Sequence[Notice], sent: Collection[float], now: float, *, most: int, held: Collection[str], quiet: float
) -> Turn:
    """`sent`: when the last ones went, epoch seconds. `held`: ids of those that the quiet hours hold back for `quiet`
    seconds more; 0: they are over, and what they held goes together."""
    free = [one for one in waiting if one.id not in held or not quiet]
    if not free:
        return Turn(wait=quiet if waiting else None)
    recent = sorted(at for at in sent if 0 <= now - at < MINUTE)
    room = max(most - len(recent), 0)
    after_quiet = [one for one in free if one.id in held]
    if len(after_quiet) > 1:
        return Turn(together=tuple(after_quiet), wait=0.0)
    if len(free) <= room:
        return Turn(each=tuple(free), wait=quiet if len(free) < len(waiting) else None)
    if room > 1:  # the last place of the minute is for the rest, which then goes as one
        return Turn(each=tuple(free[: room - 1]), wait=0.0)
    return Turn(wait=max(recent[0] + MINUTE - now, 0.1)) if not room else _rest(free)


def _rest(free: Sequence[Notice]) -> Turn:
    return Turn(each=tuple(free)) if len(free) == 1 else Turn(together=tuple(free))


def several(notices: Sequence[Notice], now: float) -> Notice:
    """One that stands for all of these."""
    hosts = list(dict.fromkeys(one.host for one in notices if one.host))
    where = f" on {', '.join(hosts[:4])}{' …' if len(hosts) > 4 else ''}" if hosts else ""
    text = f"gpuws: {count(len(notices), 'notice')}{where} ({', '.join(parts(notices))}): gpuws notify ls"
    ids = tuple(one.id for one in notices)
    level: Level = "bad" if any(one.level == "bad" for one in notices) else "plain"
    return Notice(identity("several", *ids), "several", "", "", said("", text), now, True, level, ids)


def pause(failures: int) -> float:
    """Seconds before the next try after so many in a row."""
    return PAUSES[min(failures, len(PAUSES)) - 1]
