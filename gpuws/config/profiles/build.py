"""What is to be built, as `gpuws images build` says it: a profile with changes, or a directory of this workstation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from gpuws.model.build.want import BuildWant
from gpuws.model.errors import UsageError
from gpuws.model.profile.profile import Build, Profile


def of_directory(want: BuildWant, environ: Mapping[str, str]) -> Profile:
    """One that says no more than what it builds."""
    if want.tag is None:
        raise UsageError("what is the image to be called?", "say -t NAME:TAG")
    build = Build(context=want.context, target=want.target, args=_args(want, environ), taken=_taken(want))
    return Profile(want.tag, image=want.tag, build=_with_file(build, want.dockerfile))


def built_as(profile: Profile, want: BuildWant, environ: Mapping[str, str]) -> Profile:
    """`profile`, with what is said beside it. One that builds nothing stays as it is."""
    if profile.build is None:
        return profile
    build = replace(
        profile.build,
        target=want.target or profile.build.target,
        args={**profile.build.args, **_args(want, environ)},
        taken=(*profile.build.taken, *_taken(want)),
    )
    return replace(profile, image=want.tag or profile.image, build=_with_file(build, want.dockerfile))


def _args(want: BuildWant, environ: Mapping[str, str]) -> dict[str, str]:
    """A name without a value that is not in the environment is no argument, as with docker."""
    said = {name: environ.get(name) if value is None else value for name, value in want.args.items()}
    return {name: value for name, value in said.items() if value is not None}


def _taken(want: BuildWant) -> tuple[str, ...]:
    return tuple(name for name, value in want.args.items() if value is None)


def _with_file(build: Build, file: str | None) -> Build:
    """A Dockerfile of this workstation: by its name where it lies in the context, else its text."""
    if file is None:
        return build
    path = Path(file)
    if build.context is not None and path.is_relative_to(build.context):
        return replace(build, dockerfile=str(path.relative_to(build.context)), dockerfile_inline=None)
    try:
        return replace(build, dockerfile=None, dockerfile_inline=path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the Dockerfile {path} can't be read") from error
