"""A build before it happens: its rows, what would be sent, and the docker build line that it stands for."""

from __future__ import annotations

import shlex

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.build import context, rows
from gpuws.engines.docker.build.context import DOCKERFILE, Context
from gpuws.engines.docker.images import store
from gpuws.engines.docker.launch.spec import image_of
from gpuws.model.build import syntax
from gpuws.model.build.dockerfile import bases, parse
from gpuws.model.build.want import BuildPlan, BuildWay
from gpuws.model.errors import UsageError
from gpuws.model.placement.plan import Check
from gpuws.model.profile.profile import Build, Profile
from gpuws.model.secret import is_secret


def plan_build(client: Client, profile: Profile, way: BuildWay) -> BuildPlan:
    """The engine is asked for the images it has; nothing is sent."""
    build = build_of(profile)
    image, found = image_of(profile), context.read(build)
    instructions = parse(found.said)
    named = bases(instructions, build.args)
    told = rows.of_dockerfile(found.said, build, client.server.major)
    refused = context.changed(build)
    checks = (
        *([Check("build", "fail", refused.message, refused.remedy)] if refused else []),
        *([] if any(check.name == syntax.ROW for check in told) else [rows.of_steps(instructions)]),
        *told,
        *rows.of_context(found),
        *rows.of_bases(named, [store.present(client, base) for base in named]),
    )
    line = docker_build(image, found, build, way)
    root = str(found.root) if found.root else None
    return BuildPlan(client.host, image, checks, line, root, found.size, found.files)


def build_of(profile: Profile) -> Build:
    if profile.build is None:
        image = profile.image or "IMAGE"
        raise UsageError(f"the profile {profile.name} builds nothing: it runs {image}", f"gpuws images pull {image}")
    return profile.build


def docker_build(image: str, found: Context, build: Build, way: BuildWay) -> str:
    """The line for a shell. Arguments that look like secrets by their names: docker takes them from the environment."""
    words = ["docker", "build", "-t", image]
    inline = build.dockerfile_inline is not None
    if inline and found.root:
        words += ["-f", "-"]
    elif found.root and found.dockerfile != DOCKERFILE:
        words += ["-f", str(found.root / found.dockerfile)]
    words += ["--target", build.target] if build.target else []
    for name, value in build.args.items():
        words += ["--build-arg", name if is_secret(name, value) else f"{name}={value}"]
    words += ["--no-cache"] if way.no_cache else []
    words += ["--pull"] if way.pull else []
    words += ["--network", way.network] if way.network else []
    line = shlex.join([*words, str(found.root) if found.root else "-"])
    return f"{line} <<'EOF'\n{found.said.rstrip()}\nEOF" if inline else line
