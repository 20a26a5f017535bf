"""A build in the demo: the Dockerfiles are those of the built-in profiles, or lie in a directory; nothing is built."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from gpuws.fleet.demo.launching import BUILDING, build_failure, find_profile
from gpuws.model import units
from gpuws.model.build import secrets, syntax
from gpuws.model.build.dockerfile import bases, parse
from gpuws.model.build.want import BuildPlan, BuildWant
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.host.host import Host
from gpuws.model.placement.plan import Check, Progress
from gpuws.model.profile.profile import Build, Profile

DOCKER = 28
"""The engines of the demo, as far as a build goes."""
FAILS = "flash-attn"
"""The one profile whose build fails."""


def to_build(want: BuildWant, profiles: Sequence[Profile]) -> Profile:
    """With the image's name as the demo's hosts have it. UsageError where there is nothing to build."""
    from gpuws.config.profiles.build import built_as, of_directory

    if not want.profile:
        return _with_text(of_directory(want, want.environ))
    known = find_profile(want.profile, profiles)
    build = known.build or _built_in(known.name)
    return _with_text(built_as(replace(known, build=build), want, want.environ))


def _built_in(name: str) -> Build | None:
    from gpuws.config.paths import built_in_profiles
    from gpuws.config.profiles.profiles import ProfileStore

    return ProfileStore([built_in_profiles()]).load(name, Host("demo"), environ={}).build


def _with_text(profile: Profile) -> Profile:
    """The Dockerfile read, wherever it lies."""
    build = profile.build
    if build is None:
        raise UsageError(f"the profile {profile.name} builds nothing")
    if build.dockerfile_inline is not None:
        return profile
    file = Path(build.context or ".", build.dockerfile or "Dockerfile")
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"there is no {file.name} in the build context {file.parent}") from error
    return replace(profile, build=replace(build, dockerfile_inline=text))


def plan(host: str, profile: Profile, images: Collection[str]) -> BuildPlan:
    build, image = profile.build, str(profile.image)
    assert build is not None
    said = parse(build.dockerfile_inline or "")
    told = (*syntax.checks(said, build.args, DOCKER), *secrets.checks(said, build.args))
    there = [Check("base", "ok", f"{base} {'is there' if base in images else 'will be pulled'}")
             for base in bases(said, build.args)]  # fmt: skip
    sent = f"{build.context} is sent" if build.context else "nothing is sent but the Dockerfile"
    steps = Check("dockerfile", "ok", units.count(len(said), "step"))
    checks = (*(told or (steps,)), Check("context", "ok", sent), *there)
    line = shlex.join(["docker", "build", "-t", image, build.context or "-"])
    return BuildPlan(host, image, checks, line, build.context, len(build.dockerfile_inline or ""), 1)


def steps(profile: Profile) -> Iterator[Progress]:
    """As an engine tells of them: first what is built, then each line."""
    assert profile.build is not None
    yield Progress("building", str(profile.image))
    if profile.name == FAILS:
        yield from (Progress("building", line, number / 10) for number, line in enumerate(BUILDING))
        return
    said = parse(profile.build.dockerfile_inline or "")
    for number, one in enumerate(said):
        yield Progress("building", f"Step {number + 1}/{len(said)} : {one.text}"[:200], number / len(said))


def failure(host: str, profile: Profile) -> GpuwsError | None:
    if profile.name != FAILS:
        return None
    return build_failure(host, str(profile.image))
