"""Which keys of a profile an engine does not hold: they are named, never dropped in silence. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields

from gpuws.model.profile.profile import OF_THE_FILE, Profile

_ALWAYS = OF_THE_FILE | {"name", "description", "engine", "memswap_limit"}
"""Said of any: what they are for is not the engine's, or stands in another key, too."""


def not_held(profile: Profile, held: Collection[str]) -> tuple[str, ...]:
    """Keys that say something else than nothing, in the order of the documentation. `held`: those that count there."""
    usual = Profile(profile.name)
    return tuple(
        field.name
        for field in fields(Profile)
        if field.name not in _ALWAYS
        and field.name not in held
        and getattr(profile, field.name) != getattr(usual, field.name)
    )
