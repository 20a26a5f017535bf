"""A spec as the engine's create call: the table of options, each where it belongs. Pure."""

from __future__ import annotations

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
