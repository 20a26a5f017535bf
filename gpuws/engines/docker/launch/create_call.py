"""A spec as the engine's create call, and as the `docker run` line that does the same: the table, walked. Pure."""

from __future__ import annotations

import shlex
from typing import Any

from gpuws.engines.docker.options.table import OPTIONS
from gpuws.model.placement.plan import ContainerSpec


def create_call(spec: ContainerSpec) -> dict[str, Any]:
    """The body of `POST /containers/create`. What nobody said is left out: the engine has its own word for it."""
    host_config: dict[str, Any] = {"NetworkMode": "default"}  # engines of old want that said
    body: dict[str, Any] = {"HostConfig": host_config}
    for option in OPTIONS:
        where, _, name = option.path.rpartition(".")
        if (value := option.in_body(spec)) is not None:
            (host_config if where else body)[name] = value
    return body


def docker_run(spec: ContainerSpec, program: str = "docker") -> str:
    """One line for a shell, of docker or a program that takes its words; of secrets only their names stand in it.

    `-e NAME` takes the value from the environment of whoever types it, and where it has another name there,
    `NAME="$OTHER"` stands in front; `***` stands for what looks like a secret in
    commands, labels and options of the log."""
    words = (word for option in OPTIONS for word in option.on_line(spec))
    line = shlex.join([program, "run", "-d", "--name", spec.name, *words])
    named = {name: here for name, here in spec.profile.names_here.items() if name in spec.environment}
    return "".join(f'{name}="${here}" ' for name, here in named.items()) + line
