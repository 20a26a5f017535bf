"""What all documents share: a time, and the row of a host that every listing begins with."""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

Time = Annotated[str, "time"]
"""RFC 3339 in UTC, `2026-05-01T12:00:00Z`."""


class HostRow(TypedDict):
    """A host that was asked for; every listing begins with them."""

    name: str
    state: str
    """`connecting`, `asking` (a question only you can answer), `up`, `stale` (older than two intervals and a second),
    `down`, `auth-failed`, `host-key-changed`, `blocked` (revoked key or policy)."""
    error: str | None
    """Why it shows nothing, in one line."""
    age_seconds: float | None
    """Since its values were read."""
    aliases: NotRequired[list[str]]
    """Other names under which the same machine is configured."""
