"""Waits for GPUs, and the GPUs that came of one."""

from __future__ import annotations

from typing import TypedDict

from gpuws.model.placement.queued_wait import WaitState
from gpuws.present.documents.fields.base import Time


class WaitRow(TypedDict):
    """A wait in the keeper."""

    id: str | None
    """null with `--dry-run`: it is not begun."""
    state: WaitState
    gpus: str
    """As ordered, `count=2,model=H100`."""
    hosts: list[str]
    profile: str | None
    """Launched once they are free."""
    name: str | None
    """Of the container that is launched."""
    since: Time | None
    ended: Time | None
    detail: str
    """What it waits for, or how it ended."""


class WaitsDocument(TypedDict):
    """Waits that go on, and those that ended in the last day."""

    waits: list[WaitRow]


class DeviceRow(TypedDict):
    """A GPU, or a MIG instance of one."""

    uuid: str
    index: int
    """Of the GPU that it is or belongs to."""
    label: str
    """`2`, and `2:0` for an instance."""
    name: str
    memory_bytes: int | None


class FreeDocument(TypedDict):
    """One line once such GPUs are free."""

    host: str
    gpus: list[str]
    """UUIDs."""
    devices: list[DeviceRow]
    waited_seconds: float
