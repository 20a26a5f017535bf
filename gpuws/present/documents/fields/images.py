"""Images: there, compared with their registries, built, removed."""

from __future__ import annotations

from typing import TypedDict

from gpuws.present.documents.fields.base import HostRow, Time
from gpuws.present.documents.fields.launch import CheckRow


class ImageRow(TypedDict):
    """An image of a host's engine."""

    host: str
    id: str
    names: list[str]
    """Empty: it is dangling."""
    digests: list[str]
    size_bytes: int | None
    created: Time | None
    used_by: list[str]
    """Names of containers."""


class ImagesDocument(TypedDict):
    """Images of all hosts."""

    hosts: list[HostRow]
    images: list[ImageRow]


class ComparedRow(TypedDict):
    """An image beside what its registry has."""

    host: str
    name: str
    newer: bool | None
    """The registry has another; null: it did not say."""
    error: str | None


class ComparisonDocument(TypedDict):
    """Which images are behind their registries."""

    hosts: list[HostRow]
    images: list[ComparedRow]


class BuildRow(TypedDict):
    """An image on one host, built or to be built."""

    host: str
    image: str | None
    """What it is called; null: it could not even be planned."""
    built: bool
    error: str | None
    """Why not: with a build that failed the Dockerfile's line, its command, and what of its output decides."""
    context: str | None
    """The directory that is sent; null: only a Dockerfile is."""
    context_bytes: int | None
    context_files: int | None
    checks: list[CheckRow]
    command: str | None
    """The equivalent `docker build` line."""


class BuildsDocument(TypedDict):
    """What was built where; with `--dry-run` what would be."""

    hosts: list[HostRow]
    builds: list[BuildRow]


class PrunedRow(TypedDict):
    """What a host's engine gave back."""

    host: str
    freed_bytes: int


class PrunedDocument(TypedDict):
    """What removing dangling images, or volumes, freed."""

    hosts: list[HostRow]
    pruned: list[PrunedRow]
