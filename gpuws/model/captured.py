"""What a container that exists says about its recipe: a profile, and how it differs from one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gpuws.model.profile import Profile


@dataclass(frozen=True, slots=True)
class Captured:
    """`notes`: what of the container a profile can't say, one line each.

    `secrets`: the values of variables that `profile.environment` only names; never shown, logged or written.
    `secret_names`: variables that its labels call secret, whatever they look like."""

    profile: Profile
    notes: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Difference:
    """A key of a profile whose value a container does not have. None: not there at all. Never holds a secret."""

    key: str
    profile: str | None
    container: str | None
