"""What a container that exists says about its recipe: a profile, and how it differs from one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gpuws.model.profile.profile import Logging, Profile
from gpuws.model.secret import HIDDEN, is_secret, masked_words


@dataclass(frozen=True, slots=True)
class Captured:
    """`notes`: what of the container a profile can't say, one line each.

    `secrets`: the values of variables that `profile.environment` only names; never shown, logged or written.
    `secret_names`: variables that its labels call secret, whatever they look like."""

    profile: Profile
    notes: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_names: frozenset[str] = frozenset()

    def shareable(self) -> Captured:
        """Without what looks like a secret in commands and among the options of its log, and a note for each: a profile
        is a file that people share."""
        profile, notes = self.profile, list(self.notes)
        check, log = profile.healthcheck, profile.logging
        hidden = replace(
            profile,
            command=profile.command and masked_words(profile.command),
            entrypoint=profile.entrypoint and masked_words(profile.entrypoint),
            healthcheck=check and replace(check, test=check.test and masked_words(check.test)),
            logging=log and Logging(log.driver, {key: _shown(key, text) for key, text in log.options.items()}),
        )
        for what, keys in (
            ("command", ("command", "entrypoint")),
            ("health check", ("healthcheck",)),
            ("log's options", ("logging",)),
        ):
            if any(getattr(hidden, key) != getattr(profile, key) for key in keys):
                notes.append(f"what in its {what} looks like a secret: {HIDDEN} stands there")
        return replace(self, profile=hidden, notes=tuple(notes))


@dataclass(frozen=True, slots=True)
class Difference:
    """A key of a profile whose value a container does not have. None: not there at all. Never holds a secret."""

    key: str
    profile: str | None
    container: str | None


def _shown(name: str, text: str) -> str:
    return HIDDEN if is_secret(name, text) else text
