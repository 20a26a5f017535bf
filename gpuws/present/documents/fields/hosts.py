"""Hosts as configured, and what gpuws did on them."""

from __future__ import annotations

from typing import TypedDict

from gpuws.model.host.ran import Means
from gpuws.present.documents.fields.base import Time


class ConfiguredHost(TypedDict):
    """A host as configured: nothing was dialled, so `state`, `error` and `age_seconds` are null."""

    name: str
    state: None
    error: None
    age_seconds: None
    hostname: str | None
    """null: an alias of the SSH configuration."""
    user: str | None
    port: int | None
    jump: str | None
    """The host through which it is reached."""
    tags: list[str]
    readonly: bool


class RanRow(TypedDict):
    """Something that gpuws did on a host, or began there."""

    at: Time | None
    """When it began."""
    until: Time | None
    """Where it stands for several: when the last of them began."""
    times: int
    host: str
    user: str
    """As whom, there."""
    by: Means
    what: str
    """Without secrets; long scripts only as they begin."""
    of: str | None
    """The row of [on-servers.md](on-servers.md)."""
    running: bool
    """Its end is not known here."""
    status: int | None
    """As a shell has it; of a `request` as HTTP has it."""
    seconds: float | None
    error: str | None
    """Why nothing came of it, or how it ended without a status."""


class RanDocument(TypedDict):
    """What gpuws did on hosts, newest last."""

    ran: list[RanRow]


class InventoryDocument(TypedDict):
    """The hosts of the configuration."""

    hosts: list[ConfiguredHost]
