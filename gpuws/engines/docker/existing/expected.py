"""What the engine would answer to `inspect` of a container that a create call makes, before there is one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpuws.engines.docker.existing.parse import rows, table
from gpuws.engines.docker.options.own_values import texts, variables, words


def inspected(body: Mapping[str, Any], image: Mapping[str, Any]) -> dict[str, Any]:
    """`body` of `POST /containers/create`; `image`: the `Config` of its image. Only what profiles can say."""
    host_config = table(body.get("HostConfig"))
    command, entrypoint = _program(body, image)
    config = {
        **{key: image.get(key) for key in ("User", "WorkingDir", "StopSignal")},
        **{key: value for key, value in body.items() if value is not None and key != "HostConfig"},
        "Env": [f"{name}={value}" for name, value in {**variables(image), **variables(body)}.items()],
        "Labels": {**texts(image.get("Labels")), **texts(body.get("Labels"))},
        "Cmd": command,
        "Entrypoint": entrypoint,
        "ExposedPorts": {**table(image.get("ExposedPorts")), **table(body.get("ExposedPorts"))},
        "Volumes": table(image.get("Volumes")),
        "Healthcheck": {**table(image.get("Healthcheck")), **table(body.get("Healthcheck"))} or None,
    }
    return {"Config": config, "HostConfig": host_config, "Mounts": _mounts(host_config)}


def _program(body: Mapping[str, Any], image: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """As the engine merges them: an entry point of its own takes the image's command away."""
    command, entrypoint = words(body.get("Cmd")), words(body.get("Entrypoint"))
    if entrypoint == ("",):
        return [*command], []
    if entrypoint:
        return [*command], [*entrypoint]
    inherited = words(image.get("Entrypoint")) if body.get("Entrypoint") is None else ()
    return [*(command or words(image.get("Cmd")))], [*inherited]


def _mounts(host_config: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for mount in map(table, rows(host_config.get("Mounts"))):
        kind, source = mount.get("Type"), mount.get("Source") or ""
        found.append(
            {
                "Type": kind,
                "Name": source if kind == "volume" else "",
                "Source": source,
                "Destination": mount.get("Target"),
                "RW": not mount.get("ReadOnly"),
            }
        )
    return found
