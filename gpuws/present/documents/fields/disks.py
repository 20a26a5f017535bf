"""What the documents of disks hold."""

from __future__ import annotations

from typing import TypedDict

from gpuws.present.documents.fields.base import HostRow, Time


class VolumeRow(TypedDict):
    """A volume of a host's engine."""

    host: str
    name: str
    anonymous: bool
    """The engine named it, for one container."""
    driver: str
    size_bytes: int | None
    """null: its driver does not tell."""
    created: Time | None
    owner: str | None
    """By its label, else whose all its containers are."""
    mine: bool
    used_by: list[str]
    """Names of containers, stopped ones too."""


class VolumesDocument(TypedDict):
    """Volumes of all hosts."""

    hosts: list[HostRow]
    volumes: list[VolumeRow]


class ImageDiskRow(TypedDict):
    """What an image takes."""

    id: str
    name: str
    size_bytes: int | None
    """With layers that others share."""
    unique_bytes: int | None
    """Without them."""
    containers: int
    """So many use it."""


class ContainerDiskRow(TypedDict):
    """What a container takes beside its image and its volumes."""

    id: str
    name: str
    owner: str | None
    mine: bool
    layer_bytes: int | None
    """Written inside."""
    log_bytes: int | None
    """null: my login may not look."""


class DiskRow(TypedDict):
    """What a host's engine keeps on its disks. `loose`: what no container, or no build, uses."""

    host: str
    read: Time | None
    """When it was asked."""
    root: str | None
    """The engine's directory."""
    images_bytes: int | None
    """Of all, layers that they share once."""
    images_loose_bytes: int | None
    containers_bytes: int | None
    logs_bytes: int | None
    logs_error: str | None
    """Why the logs' size is not known."""
    volumes_bytes: int | None
    volumes_loose_bytes: int | None
    cache_bytes: int | None
    """The build cache."""
    cache_loose_bytes: int | None
    images: list[ImageDiskRow]
    containers: list[ContainerDiskRow]
    volumes: list[VolumeRow]


class DisksDocument(TypedDict):
    """What fills the disks of hosts."""

    hosts: list[HostRow]
    disks: list[DiskRow]
