"""What `gpuws report --json` holds, field by field."""

from __future__ import annotations

from typing import Literal, TypedDict

from gpuws.present.documents.fields.base import Time


class UseRow(TypedDict):
    """What somebody had of the GPUs, or what was had of a host, a GPU, or by a profile."""

    name: str | None
    """Of the person, host, profile or GPU; null: nobody knows, there is none, or it is others together."""
    kind: Literal["me", "person", "others", "unseen", "host", "profile", "gpu"]
    people: int | None
    """How many others; null: it is not about others, or that is not kept."""
    uuid: str | None
    """Of the GPU."""
    gpus: int
    """Different ones that were held."""
    held_seconds: float
    """GPU-seconds; of a GPU that several hold each has an equal part."""
    used_seconds: float
    """Of them, those in which work was seen."""
    idle_seconds: float
    """Of them, those in which it is known to have rested."""
    utilization_percent: float | None
    """Mean while it was held."""
    energy_joules: float | None
    energy_known_seconds: float
    """For how many of the held seconds the energy is known."""
    watched_seconds: float | None
    """Of a host or a GPU: GPU-seconds in which it was read; else null."""


class GapRow(TypedDict):
    """When nobody watched a host, for a minute or more."""

    host: str
    since: Time
    until: Time


class RestRow(TypedDict):
    """Somebody held a GPU and did not work on it."""

    host: str
    uuid: str
    user: str | None
    mine: bool
    since: Time
    until: Time
    evidence: str
    """What shows it, `kernel's last activity`."""


class ReportDocument(TypedDict):
    """How GPUs were used between two moments, as far as somebody watched."""

    since: Time
    until: Time
    by: Literal["user", "host", "profile", "gpu"]
    hosts: list[str]
    gpus: int
    possible_seconds: float
    """GPU-seconds, had all been watched all the time."""
    watched_seconds: float
    held_seconds: float
    used_seconds: float
    idle_seconds: float
    free_seconds: float
    unknown_seconds: float
    """Watched, and neither known to be free nor to be held."""
    energy_joules: float | None
    rows: list[UseRow]
    gaps: list[GapRow]
    longest_idle: list[RestRow]
