"""The `docker run` line that would create the same container. Pure; of secrets only their names stand in it."""

from __future__ import annotations

import shlex

from gpuws.engines.docker.options.table import OPTIONS
from gpuws.model.placement.plan import ContainerSpec


def docker_run(spec: ContainerSpec) -> str:
    """One line for a shell. `-e NAME` takes the value from the environment of whoever types it; `***` stands for what
    looks like a secret in commands, labels and options of the log."""
    words = (word for option in OPTIONS for word in option.on_line(spec))
    return shlex.join(["docker", "run", "-d", "--name", spec.name, *words])
