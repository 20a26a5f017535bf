"""The create call that makes a container again: what its image says comes from the image, the rest stays. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpuws.engines.docker.existing.parse import rows, table
from gpuws.engines.docker.options.own_values import Own, own

_OF_THE_IMAGE = ("Healthcheck", "StopSignal", "Shell")
_GONE = ("OnBuild", "MacAddress", "ArgsEscaped", "Volumes")
"""What the engine works out anew. Volumes come as mounts, by the names they have."""


def body_of(inspected: Mapping[str, Any], image: Mapping[str, Any], reference: str) -> dict[str, Any]:
    """The body of `POST /containers/create`, with the first network; `image`: the `Config` of the image it has now."""
    config, host_config = dict(table(inspected.get("Config"))), dict(table(inspected.get("HostConfig")))
    mode = str(host_config.get("NetworkMode") or "")
    body = {key: value for key, value in config.items() if key not in _GONE} | _own(own(config, image))
    for key in _OF_THE_IMAGE:
        if body.get(key) == image.get(key):
            body.pop(key, None)
    body["Image"] = reference
    if _engine_chose_hostname(inspected, config, mode):
        body.pop("Hostname", None)
    if mode.startswith("container:"):
        body.pop("ExposedPorts", None)
    host_config["Mounts"] = mounts(inspected)
    host_config["Links"] = [_link(str(link)) for link in rows(host_config.get("Links"))]
    host_config.pop("ContainerIDFile", None)
    body["HostConfig"] = host_config
    first = networks(inspected)[:1]
    body["NetworkingConfig"] = {"EndpointsConfig": dict(first)}
    return body


def mounts(inspected: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Mounts as asked for, and by name the volumes that nobody named: their data stay with the container."""
    host_config = table(inspected.get("HostConfig"))
    asked = {str(table(row).get("Target")): dict(table(row)) for row in rows(host_config.get("Mounts"))}
    bound = {target for bind in rows(host_config.get("Binds")) if (target := _target(str(bind)))}
    for row in map(table, rows(inspected.get("Mounts"))):
        target, name = str(row.get("Destination")), row.get("Name")
        if row.get("Type") != "volume" or not name or target in bound:
            continue
        known = asked.get(target, {"Type": "volume", "Target": target, "ReadOnly": row.get("RW") is False})
        asked[target] = {**known, "Source": name}
    return list(asked.values())


def moved(bindings: Mapping[str, Any], ports: Mapping[int, int]) -> dict[str, list[dict[str, Any]]]:
    """Published ports, of which `ports` replaces those of the host."""
    names = {str(before): str(after) for before, after in ports.items()}
    return {
        port: [
            {**table(row), "HostPort": names.get(str(table(row).get("HostPort")), table(row).get("HostPort"))}
            for row in rows(bound)
        ]
        for port, bound in bindings.items()
    }


def networks(inspected: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Networks of its own with what it is called there; the one it was created with first."""
    mode = str(table(inspected.get("HostConfig")).get("NetworkMode") or "")
    joined = table(table(inspected.get("NetworkSettings")).get("Networks"))
    identity = str(inspected.get("Id") or "")
    known = {str(name): _endpoint(table(told), identity) for name, told in joined.items() if name not in _BUILT_IN}
    order = sorted(known, key=lambda name: (mode not in (name, table(joined[name]).get("NetworkID")), name))
    return [(name, known[name]) for name in order]


_BUILT_IN = frozenset({"bridge", "host", "none"})


def _own(mine: Own) -> dict[str, Any]:
    return {
        "Env": [f"{name}={value}" for name, value in mine.environment.items()],
        "Labels": dict(mine.labels),
        "Cmd": None if mine.command is None else list(mine.command),
        "Entrypoint": None if mine.entrypoint is None else list(mine.entrypoint) or [""],
        "User": mine.user or "",
        "WorkingDir": mine.working_dir or "",
        "ExposedPorts": {port: {} for port in mine.exposed},
    }


def _engine_chose_hostname(inspected: Mapping[str, Any], config: Mapping[str, Any], mode: str) -> bool:
    """Its own short id, or that of the namespace it shares."""
    hostname = str(config.get("Hostname") or "")
    return not hostname or str(inspected.get("Id") or "").startswith(hostname) or mode == "host" or ":" in mode


def _endpoint(told: Mapping[str, Any], identity: str) -> dict[str, Any]:
    """Its short id is an alias that the engine gives anew."""
    aliases = [alias for alias in rows(told.get("Aliases")) if not identity.startswith(str(alias))]
    wanted = {"Aliases": aliases, "IPAMConfig": told.get("IPAMConfig"), "DriverOpts": told.get("DriverOpts")}
    return {key: value for key, value in wanted.items() if value}


def _target(bind: str) -> str | None:
    """Of `SOURCE:TARGET[:MODE]`."""
    parts = bind.split(":")
    return parts[1] if len(parts) > 1 else None


def _link(link: str) -> str:
    """`/db:/web/db`, as inspected, is `db:db` where it is asked for."""
    source, _, alias = link.partition(":")
    return f"{source.removeprefix('/')}:{alias.rpartition('/')[2]}"
