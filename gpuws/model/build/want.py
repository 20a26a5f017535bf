"""A build before it happens: what a person asks for, and what would be sent and made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gpuws.model.placement.plan import Check


@dataclass(frozen=True, slots=True)
class BuildWay:
    """How the engine goes about it. `pull`: it asks for newer base images. `network`: of its `RUN`s, as docker's
    `--network`."""

    no_cache: bool = False
    pull: bool = False
    network: str | None = None


@dataclass(frozen=True, slots=True)
class BuildWant:
    """The image of a `profile`, or that of a directory of this workstation, `context`.

    `dockerfile`: a file of this workstation; None: as the profile says, else `Dockerfile` in the directory. `args`: a
    value of None is the caller's. `environ`: the caller's environment; holds secrets, which never stand in `args`."""

    profile: str = ""
    overrides: tuple[str, ...] = ()  # KEY=VALUE of --set
    context: str = ""
    dockerfile: str | None = None
    tag: str | None = None
    target: str | None = None
    args: Mapping[str, str | None] = field(default_factory=dict)
    way: BuildWay = BuildWay()
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def what(self) -> str:
        """What a person calls it."""
        return self.profile or self.context


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """`image`: the name that it gets. `command`: the equivalent one in the engine's own words, secrets by name.

    `context`: the directory that is sent, None where only a Dockerfile is; `size`, `files`: what is sent of it, in
    bytes."""

    host: str
    image: str
    checks: tuple[Check, ...]
    command: str
    context: str | None
    size: int
    files: int

    @property
    def problems(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.status == "fail")


def is_path(word: str) -> bool:
    """A directory of this workstation is meant, whatever profiles are called."""
    return word in (".", "..") or word.startswith(("./", "../", "/", "~"))
