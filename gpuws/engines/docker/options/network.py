"""Where a container is reached and what it reaches, in Docker's words. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from gpuws.engines.docker.existing.parse import rows, table
from gpuws.engines.docker.options.option import NOTHING, Inspected
from gpuws.model.linux import HOSTNAME
from gpuws.model.placement.plan import ContainerSpec
from gpuws.model.profile.profile import PortWish, Profile

_DEFAULT_NETWORKS = frozenset({"", "default", "bridge"})
_COMPOSE_NETWORKS = frozenset({"host", "none", "bridge"})
_LOOPBACK, _EVERYWHERE = "127.0.0.1", "0.0.0.0"


def network(told: Inspected) -> str | None:
    return None if told.network_mode in _DEFAULT_NETWORKS else told.network_mode


def service_network(told: Inspected) -> str | None:
    return None if service_networks(told) else network(told) or "bridge"


def service_networks(told: Inspected) -> list[str]:
    """Those that somebody made, the first one first: they must exist, and Compose leaves them as they are."""
    mode = told.network_mode or "default"
    if mode == "default" or mode in _COMPOSE_NETWORKS or mode.startswith("container:"):
        return []
    return [mode, *(name for name in sorted(_joined(told)) if name != mode)]


def more_networks(told: Inspected) -> Iterator[str]:
    joined, mode = sorted(_joined(told)), told.network_mode
    if len(joined) > 1:
        yield f"networks beyond {mode}: {', '.join(name for name in joined if name != mode)}"


def _joined(told: Inspected) -> list[str]:
    return [str(name) for name in table(table(told.answer.get("NetworkSettings")).get("Networks"))]


def hostname(told: Inspected) -> str | None:
    """What it was asked to be called; None where the engine chose, or it is called as whose network it shares."""
    name, mode = str(told.config.get("Hostname") or ""), told.network_mode
    chosen = not name or str(told.answer.get("Id") or "").startswith(name)
    return None if chosen or mode == "host" or mode.startswith("container:") else name


def sayable_hostname(told: Inspected) -> str | None:
    name = hostname(told)
    return name if name and re.fullmatch(HOSTNAME, name) else None


def odd_hostname(told: Inspected) -> Iterator[str]:
    if (name := hostname(told)) and not re.fullmatch(HOSTNAME, name):
        yield f"--hostname: {name}"


def exposed(profile: Profile) -> list[int]:
    """Every port a tunnel may lead to, published or not."""
    targets = [port.target for port in profile.ports]
    if profile.jupyter:
        targets.append(profile.jupyter.port)
    return sorted(set(targets))


def published(profile: Profile) -> list[PortWish]:
    """On the host's own network there is nothing to publish: what listens inside listens there."""
    return [port for port in profile.ports if port.published is not None and profile.network_mode != "host"]


def asked_targets(spec: ContainerSpec) -> list[int]:
    return exposed(spec.profile)


def asked_bindings(spec: ContainerSpec) -> list[PortWish]:
    return published(spec.profile)


def bindings(ports: Collection[PortWish]) -> dict[str, list[dict[str, str]]] | None:
    found: dict[str, list[dict[str, str]]] = {}
    for port in ports:
        bound = {"HostIp": port.host_ip, "HostPort": str(port.published or port.target)}
        found.setdefault(f"{port.target}/tcp", []).append(bound)
    return found or None


def publish_words(ports: Collection[PortWish]) -> list[str]:
    return [f"{_bracketed(port.host_ip)}:{port.published}:{port.target}" for port in ports]


def ports(told: Inspected) -> tuple[PortWish, ...]:
    """TCP ports. One that the engine was to choose is a tunnel's target now."""
    found: set[tuple[int, int | None, str]] = set()
    for key, bound in table(told.host_config.get("PortBindings")).items():
        if target := tcp(key):
            found |= {_binding(target, table(row)) for row in rows(bound)}
    known = {target for target, _, _ in found}
    found |= {(target, None, _LOOPBACK) for key in told.mine.exposed if (target := tcp(key)) and target not in known}
    return tuple(PortWish(*one) for one in sorted(found, key=lambda one: (one[0], one[1] or 0, one[2])))


def each_port(ports: Collection[PortWish], _: Collection[str]) -> dict[str, str | None]:
    return {
        str(port.target): "not published" if port.published is None else f"{port.host_ip}:{port.published}"
        for port in ports
    }


def service_ports(told: Inspected) -> list[dict[str, Any]]:
    """Where nothing is said of a port of the host, the engine chooses one again."""
    return [
        {name: value for name, value in _published(str(key), table(row)).items() if value not in NOTHING}
        for key, bound in table(told.host_config.get("PortBindings")).items()
        if str(key).partition("/")[0].isdecimal()
        for row in rows(bound)
    ]


def service_targets(told: Inspected) -> list[str]:
    return sorted(set(told.mine.exposed) - table(told.host_config.get("PortBindings")).keys())


def odd_ports(told: Inspected) -> Iterator[str]:
    for key, bound in table(told.host_config.get("PortBindings")).items():
        if str(key).partition("/")[2] not in ("", "tcp"):
            yield f"the published port {key}"
        elif any(str(table(row).get("HostPort") or "0") == "0" for row in rows(bound)):
            yield f"the engine's free choice of a port for {key}: nothing is published, a tunnel leads there"


def tcp(key: object) -> int | None:
    """The port of `8888/tcp`."""
    number, _, protocol = str(key).partition("/")
    if protocol not in ("", "tcp") or not number.isdecimal() or len(number) > 5:
        return None
    return int(number) if 0 < int(number) < 65536 else None


def _published(key: str, binding: Mapping[str, Any]) -> dict[str, Any]:
    number, _, protocol = key.partition("/")
    return {
        "target": int(number),
        "published": str(binding.get("HostPort") or ""),
        "host_ip": binding.get("HostIp"),
        "protocol": None if protocol == "tcp" else protocol,
    }


def _binding(target: int, binding: Mapping[str, Any]) -> tuple[int, int | None, str]:
    published = str(binding.get("HostPort") or "")
    number = int(published) if published.isdecimal() and 0 < int(published) < 65536 else None
    address = str(binding.get("HostIp") or "") or _EVERYWHERE
    return (target, number, address) if number else (target, None, _LOOPBACK)


def _bracketed(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip
