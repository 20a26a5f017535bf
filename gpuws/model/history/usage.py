"""What is kept of the use of GPUs: sums over a quarter of an hour, of each GPU and of whoever had it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

STEP = 900.0
"""Seconds over which figures are summed up."""
LONGEST = 90.0
"""Seconds between two readings of a host, beyond which nobody watched in between."""
REST = 1800.0
"""Seconds without work from which on a rest is kept with what shows it."""

Keep = Literal["mine", "all", "off"]
"""Of whom names are kept. "mine": of others only that there were some."""
Kind = Literal["free", "unknown", "unseen", "others", "person"]
"""Who had a GPU: nobody; that can't be told; somebody whose programs can't be seen; somebody else, whose name is not
kept; a person. The last three held it."""
HELD: tuple[Kind, ...] = ("unseen", "others", "person")


class GpuKey(NamedTuple):
    host: str
    uuid: str


class Holding(NamedTuple):
    """Whose time it was. `user` "": nobody knows; `profile` "": it was launched from none."""

    kind: Kind
    user: str = ""
    mine: bool = False
    profile: str = ""


FREE = Holding("free")


class Amounts(NamedTuple):
    """What somebody had of a GPU. Where several hold it each has an equal share, so that sums are what there was.

    Seconds: all of them, those in which its work was seen there, and those in which it is known to have rested.
    `load`: percent × seconds, over `measured` seconds; `joules` over `metered`. What is not in those is unknown."""

    seconds: float = 0.0
    used: float = 0.0
    idle: float = 0.0
    measured: float = 0.0
    load: float = 0.0
    metered: float = 0.0
    joules: float = 0.0

    def plus(self, other: Amounts) -> Amounts:
        return Amounts(*(one + more for one, more in zip(self, other, strict=True)))


NOTHING = Amounts()


class Use(NamedTuple):
    """`step`: so many of `STEP` since the epoch."""

    step: int
    gpu: GpuKey
    holding: Holding
    amounts: Amounts


class Watched(NamedTuple):
    """A host was read from `since` to `until`, epoch seconds, never longer than `LONGEST` apart."""

    host: str
    since: float
    until: float


class Rest(NamedTuple):
    """Somebody held a GPU and did not work on it. `why`: what shows it, as "kernel's last activity"."""

    gpu: GpuKey
    holding: Holding
    since: float
    until: float
    why: str


class GpuFacts(NamedTuple):
    number: int
    name: str


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept, or a part of it."""

    uses: tuple[Use, ...] = ()
    watched: tuple[Watched, ...] = ()
    rests: tuple[Rest, ...] = ()
    gpus: Mapping[GpuKey, GpuFacts] = field(default_factory=dict)
