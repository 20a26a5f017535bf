"""Profiles, and what was read of other recipes."""

from __future__ import annotations

from typing import TypedDict

from gpuws.model.profile.profile import Owner
from gpuws.present.documents.fields.base import HostRow


class ProfileRow(TypedDict):
    """A saved recipe."""

    name: str
    description: str
    image: str | None
    gpus: str
    """As a person reads it: `2`, `none`, `2 × H100, 40G`."""
    owner: Owner
    accepted: bool
    """What it does was accepted; true for mine and built-in ones."""
    source: str | None
    """Its file."""
    error: str | None
    """Why it can't be used."""
    note: str | None


class ProfilesDocument(TypedDict):
    """Profiles: built-in ones, the lab's, mine."""

    hosts: list[HostRow]
    """Empty: nothing is asked of hosts."""
    profiles: list[ProfileRow]


class LostRow(TypedDict):
    """What a profile can't say of what was read, or what is not done as it stands there."""

    line: int | None
    """Of what was read; null: of the whole."""
    what: str
    why: str
    instead: str | None
    """What to write or do."""


class ImportedRow(TypedDict):
    """A service, a line or a file as a profile."""

    name: str
    """What it could be called, or was saved as."""
    container: str | None
    """The name that it gives its container: for `--name`."""
    text: str
    """YAML without secrets."""
    saved: str | None
    """The file that was written."""
    lost: list[LostRow]


class ImportedDocument(TypedDict):
    """What was read of somebody's recipe."""

    hosts: list[HostRow]
    """Empty: nothing is asked of hosts."""
    profiles: list[ImportedRow]


class ValueRow(TypedDict):
    """A value of a merged profile."""

    key: str
    """`gpus.count`."""
    value: str
    source: str
    """File and line it is from."""


class ProfileDocument(TypedDict):
    """One profile, merged, with where each value came from."""

    hosts: list[HostRow]
    """Empty: nothing is asked of hosts."""
    name: str
    values: list[ValueRow]
