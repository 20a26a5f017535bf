"""Where a host reaches a port of one of its containers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpuws.engines.docker.existing.parse import rows, table
from gpuws.model.errors import GpuwsError


def address_of(inspected: Mapping[str, Any], port: int, host: str, *, secluded: bool = False) -> tuple[str, int]:
    """The container's own address, else a port published on loopback. GpuwsError when there is neither.

    `secluded`: the networks of its containers are not the host's."""
    name = str(inspected.get("Name", "")).lstrip("/") or "the container"
    if not table(inspected.get("State")).get("Running"):
        raise GpuwsError(f"{name} on {host} is not running", f"start it first: gpuws start {host}/{name}")
    mode = str(table(inspected.get("HostConfig")).get("NetworkMode", ""))
    if mode == "host" and not secluded:
        return "127.0.0.1", port
    settings = table(inspected.get("NetworkSettings"))
    for network in (*table(settings.get("Networks")).values(), settings):
        found = table(network).get("IPAddress") or table(network).get("GlobalIPv6Address")
        if isinstance(found, str) and found and not secluded:
            return found, port
    for binding in rows(table(settings.get("Ports")).get(f"{port}/tcp")):
        published = str(table(binding).get("HostPort", ""))
        if published.isdecimal():
            return _from_the_host(str(table(binding).get("HostIp", ""))), int(published)
    raise GpuwsError(
        f"{name} on {host} has no network to reach port {port} by", "give it a network, or publish the port"
    )


def joined(inspected: Mapping[str, Any]) -> str | None:
    """The container whose network this one shares (`network_mode: container:…`)."""
    mode = str(table(inspected.get("HostConfig")).get("NetworkMode", ""))
    kind, _, other = mode.partition(":")
    return other if kind == "container" and other else None


def _from_the_host(ip: str) -> str:
    return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(ip, ip)
