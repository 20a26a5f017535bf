"""A launch with its checks, a checkup of hosts, and what torch can do in a container."""

from __future__ import annotations

from typing import TypedDict

from gpuws.model.placement.plan import Status
from gpuws.present.documents.fields.base import HostRow
from gpuws.present.documents.fields.workspaces import PortRow


class CheckRow(TypedDict):
    """One check before a launch, or of a checkup."""

    name: str
    status: Status
    detail: str
    remedy: str | None
    """The way to mend it; empty or null where nothing is to be done."""


class RejectedRow(TypedDict):
    """A GPU that was not taken."""

    gpu: str
    reason: str


class VerifiedDevice(TypedDict):
    """A GPU as torch sees it in a container."""

    index: int
    """As torch counts there."""
    name: str
    memory_bytes: int | None
    seconds: float | None
    """Of one matrix product; null: there was none."""
    error: str | None
    """Why there was none, or that it was wrong."""


class VerificationRow(TypedDict):
    """Whether torch can compute in a container."""

    python: str | None
    torch: str | None
    cuda: str | None
    """That torch was built for; null: for none."""
    devices: list[VerifiedDevice]
    problem: str | None
    """null: it is well."""
    remedy: str | None


class LaunchDocument(TypedDict):
    """One line once it runs; with `--dry-run` what would be made."""

    host: str
    name: str
    id: str | None
    """null: nothing was made, or it is not listed yet."""
    state: str | None
    """The engine's own word."""
    gpus: list[str]
    """UUIDs."""
    rejected: list[RejectedRow]
    ports: list[PortRow]
    checks: list[CheckRow]
    command: str
    """The equivalent `docker run` line."""
    verification: VerificationRow | None
    """What `--verify` found."""


class CheckupRow(CheckRow):
    """One check of a checkup."""

    mend: str | None
    """The plain command of what --fix does about it; null where gpuws mends nothing of it."""


class CheckedHost(HostRow):
    """A host with its checks."""

    checks: list[CheckupRow]


class CheckupDocument(TypedDict):
    """What is missing or risky on each host."""

    hosts: list[CheckedHost]
