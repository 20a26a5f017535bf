"""What `--json` prints of one action on several things that are no containers."""

from __future__ import annotations

from typing import Literal, TypedDict

Things = Literal["images", "volumes", "tunnels", "waits", "tasks"]


class DeedRow(TypedDict):
    """A thing that something was to be done to."""

    host: str | None
    """null: it is on none."""
    name: str
    """As it is typed: of a tunnel its target, of a wait or a task its number."""
    done: bool
    error: str | None
    """Why it was not done; null with `--dry-run`, too."""
    command: str
    """The same as a plain command."""


class ImagesDoneDocument(TypedDict):
    """What became of images, once all of it was tried; a row for each host and image."""

    action: str
    images: list[DeedRow]


class VolumesDoneDocument(TypedDict):
    """What became of volumes, once all of it was tried."""

    action: str
    volumes: list[DeedRow]


class TunnelsDoneDocument(TypedDict):
    """What became of tunnels."""

    action: str
    tunnels: list[DeedRow]


class WaitsDoneDocument(TypedDict):
    """What became of waits."""

    action: str
    waits: list[DeedRow]


class TasksDoneDocument(TypedDict):
    """What became of background work."""

    action: str
    tasks: list[DeedRow]
