"""Which profile is meant before anything is said: what was launched there last, else the newest that runs, of those
that are nearest to me. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gpuws.model.gpu import cuda
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.profile.profile import Owner, ProfileSummary

NEAREST: tuple[Owner, ...] = ("mine", "shared", "built-in")
"""Who wrote one for this lab knows what runs here; those that come with gpuws are for who has none."""


@dataclass(frozen=True, slots=True)
class Used:
    """A launch of mine. `at`: epoch seconds."""

    host: str
    profile: str
    at: float


def used(snapshots: Iterable[HostSnapshot], remembered: Iterable[Used] = ()) -> tuple[Used, ...]:
    """Launches of mine, the newest first: `remembered`, and those whose containers are there still."""
    labelled = (
        Used(snapshot.name, one.profile, one.created or 0.0)
        for snapshot in snapshots
        for one in snapshot.workspaces
        if one.mine and one.profile
    )
    return tuple(sorted((*remembered, *labelled), key=lambda one: -one.at))


def preselected(
    profiles: Sequence[ProfileSummary], host: HostSnapshot | None, launches: Sequence[Used], *, gpus: bool
) -> str | None:
    """The name of one of `profiles`, None where there is none that can be used. `launches`: newest first.

    `gpus`: on GPUs, so that a profile is meant that wants some, if there is one. `host` None: whichever."""
    usable = [profile for profile in profiles if not profile.error]
    fitting = _fitting(usable, host, gpus=gpus) or usable
    names = {profile.name for profile in (fitting if gpus else usable)}
    there = (one.profile for one in launches if host is None or one.host == host.name)
    return next((name for name in there if name in names), None) or _newest(fitting, host)


def _fitting(profiles: Sequence[ProfileSummary], host: HostSnapshot | None, *, gpus: bool) -> list[ProfileSummary]:
    """Those that want GPUs, on a host that has none those that do not."""
    if host is None or "telemetry" not in host.complete:
        return [one for one in profiles if one.gpus != "none"] if gpus else []
    return [one for one in profiles if (one.gpus != "none") == (gpus or bool(host.gpus))]


def _newest(profiles: Sequence[ProfileSummary], host: HostSnapshot | None) -> str | None:
    """Of equals the first, as the names are sorted. What tells of no CUDA is older than all that does and runs."""
    able = [(profile, version) for profile in profiles if (version := _cuda(profile)) is None or runs(version, host)]
    for owner in NEAREST:
        if theirs := [(profile, version) for profile, version in able if profile.owner == owner]:
            return max(theirs, key=lambda pair: _age(*pair))[0].name
    return profiles[0].name if profiles else None


def _cuda(profile: ProfileSummary) -> cuda.Version | None:
    return cuda.named(profile.image or "") or cuda.named(profile.name)


def _age(profile: ProfileSummary, version: cuda.Version | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return (version, _numbers(profile.image or profile.name)) if version else ((), ())


def runs(version: cuda.Version, host: HostSnapshot | None) -> bool:
    """Whether programs for that CUDA run on the host's driver, as far as it is known."""
    driver = cuda.version(host.driver) if host else None
    if host is None or driver is None:
        return True
    newest = cuda.version(host.cuda) or cuda.runs(driver)
    return (newest is not None and newest >= version) or cuda.runs_by_family(version, driver)


def _numbers(text: str) -> tuple[int, ...]:
    """`pytorch:2.10.0-…` is newer than `pytorch:2.8.0-…`."""
    return tuple(int(word) for word in re.findall(r"\d{1,6}", text))
