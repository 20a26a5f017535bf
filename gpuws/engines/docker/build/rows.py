"""What is to be known of a build before it begins: rows beside those of a launch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gpuws.engines.docker.build.context import Context
from gpuws.model import units
from gpuws.model.build import secrets, syntax
from gpuws.model.build.dockerfile import Instruction, parse
from gpuws.model.placement.plan import Check
from gpuws.model.profile.profile import Build
from gpuws.model.text import plain

LARGE = 500 << 20
"""Bytes: more is seldom meant to be sent, and takes a minute over a home's line."""
NAMED = 3
"""Of the largest that are named."""


def of_dockerfile(said: str, build: Build, docker: int) -> tuple[Check, ...]:
    """What it says that can't be done or should not be; `docker`: the engine's major version."""
    instructions = parse(said)
    return (*syntax.checks(instructions, build.args, docker), *secrets.checks(instructions, build.args))


def of_context(context: Context) -> Iterator[Check]:
    """How much is sent, and what of it hardly should be."""
    if context.root is None:
        yield Check("context", "ok", "nothing is sent but the Dockerfile")
        return
    what = f"{units.count(context.files, 'file')}, {units.size(context.size)} of {context.root} are sent"
    by = f"; {context.ignored_by} is respected" if context.ignored_by else ""
    if context.size < LARGE:
        yield Check("context", "ok", what + by)
    else:
        most = ", ".join(f"{plain(name, 60)} {units.size(size)}" for name, size in context.largest(NAMED) if size)
        yield Check("context", "warn", f"{what}: {most}", "name in .dockerignore what the build does not need")
    if keys := secrets.sent([entry.info.name for entry in context.entries]):
        shown = ", ".join(plain(name, 80) for name in keys[:NAMED])
        more = f" and {len(keys) - NAMED} more" if len(keys) > NAMED else ""
        text = f"{shown}{more}: files that usually hold keys are sent"
        yield Check("secrets", "warn", text, "name them in .dockerignore")


def of_bases(named: Sequence[str], there: Sequence[bool]) -> Iterator[Check]:
    """The images that it stands on."""
    for image, is_there in zip(named, there, strict=True):
        yield Check("base", "ok", f"{plain(image, 200)} {'is there' if is_there else 'will be pulled'}")


def of_steps(instructions: Sequence[Instruction]) -> Check:
    return Check("dockerfile", "ok", units.count(len(instructions), "step"))
