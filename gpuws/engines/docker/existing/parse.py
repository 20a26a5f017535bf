"""What the engine tells of a container, as `Workspace`. Pure; every field may be missing or of another shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from gpuws.engines.docker.existing.condition import HEALTH, LONGEST_WORD, condition
from gpuws.engines.docker.existing.gpus import asked_for, gpus_of, reach_of
from gpuws.engines.docker.existing.states import meaning
from gpuws.model.ownership.identity import container_owner
from gpuws.model.text import plain
from gpuws.model.workspace.workspace import Container, Port, Ref, Workspace

LONGEST_LABEL = 4096
PROJECTS = ("com.docker.compose.project", "io.podman.compose.project")
LATEST = 1e11
"""Epoch seconds: later than any date there is."""


def table(value: object) -> Mapping[str, Any]:
    """`value` where it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: object) -> list[Any]:
    """`value` where it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def container(
    host: str,
    listed: Mapping[str, Any],
    inspected: Mapping[str, Any],
    default_runtime: str | None = None,
    *,
    stopped: bool = False,
    oom_kills: int = 0,
    labelled: bool = False,
) -> Workspace | None:
    """`listed` is a row of the list, `inspected` the details (empty when they could not be read).

    `stopped`: somebody was seen to ask for its end. `oom_kills`: so often memory was heard to run out in it.
    `labelled`: the engine does not tell of devices that were asked for (Podman): what a launch of gpuws asked for its
    label says."""
    if not isinstance(identity := listed.get("Id"), str) or not identity:
        return None
    host_config, config = table(inspected.get("HostConfig")), table(inspected.get("Config"))
    labels = {plain(str(key)): plain(str(value), LONGEST_LABEL) for key, value in table(listed.get("Labels")).items()}
    mounts = bind_sources(listed.get("Mounts"))
    owner, is_label = container_owner(labels, mounts)
    word = plain(str(listed.get("State") or "unknown"), LONGEST_WORD)
    means = meaning(word)
    status, told = str(listed.get("Status", "")), table(inspected.get("State"))
    fares = condition(word, status, told, config.get("StopSignal"), stopped=stopped, oom_kills=oom_kills)
    created, limit = listed.get("Created"), host_config.get("Memory")
    return Workspace(
        Ref(host, identity),
        name_of(listed.get("Names")) or identity[:12],
        host,
        means.state,
        word,
        means.actions,
        created=float(created) if isinstance(created, int | float) and 0 < created < LATEST else None,
        reason=fares.reason,
        failed=fares.failed,
        out_of_memory=fares.out_of_memory,
        oom_kills=oom_kills or None,
        owner=owner,
        owner_is_label=is_label,
        profile=labels.get("gpuws.profile"),
        gpus=(asked_for(labels) if labelled else ()) or gpus_of(host_config, config, default_runtime),
        reach=reach_of(host_config, config),
        started=moment(told.get("StartedAt")) if means.state in ("running", "ending") else None,
        memory_limit=limit if isinstance(limit, int) and limit > 0 else None,
        cpu_limit=cpus_of(host_config),
        labels=labels,
        oci=Container(
            image=plain(str(config.get("Image") or listed.get("Image") or "")),
            ports=ports_of(listed.get("Ports"), config, host_config),
            mounts=mounts,
            user=_text(config.get("User")),
            login=next((plain(item[5:]) for item in rows(config.get("Env")) if str(item).startswith("USER=")), None),
            health=fares.health,
            restarts=restarts if isinstance(restarts := inspected.get("RestartCount"), int) else None,
            project=next((labels[key] for key in PROJECTS if labels.get(key)), None),
        ),
    )


def version_key(listed: Mapping[str, Any]) -> tuple[str, ...]:
    """What changes when the details of a container may have changed: its state, name, exit status and health.

    For some seconds after a change they may still change, as an engine learns late that memory ran out."""
    status = str(listed.get("Status", ""))
    code, health = re.match(r"\w+ \(\d+\)", status), HEALTH.search(status)
    return (
        str(listed.get("State", "")),
        str(listed.get("Names")),
        code[0] if code else "",
        health[1] if health else "",
        status if "second" in status else "",
    )


def name_of(names: object) -> str | None:
    """Its own name among the names other containers may link it by."""
    own = [name[1:] for name in rows(names) if isinstance(name, str) and name.startswith("/") and "/" not in name[1:]]
    return plain(own[0]) if own else None


def bind_sources(mounts: object) -> tuple[str, ...]:
    return tuple(
        str(mount.get("Source", ""))
        for mount in rows(mounts)
        if isinstance(mount, dict) and mount.get("Type") == "bind" and mount.get("Source")
    )


def moment(value: object) -> float | None:
    """Epoch seconds of one of the engine's dates; None for the year 1, which means that it did not come yet."""
    try:
        found = datetime.fromisoformat(str(value)).timestamp()
    except (ValueError, OverflowError):
        return None
    return found if 0 < found < LATEST else None


def cpus_of(host_config: Mapping[str, Any]) -> float | None:
    """As many processors as it may keep busy: `--cpus`, or a quota of a period as the kernel has it."""
    nano, quota = host_config.get("NanoCpus"), host_config.get("CpuQuota")
    if isinstance(nano, int) and nano > 0:
        return nano / 1e9
    period = host_config.get("CpuPeriod") or 100_000
    return quota / period if isinstance(quota, int) and quota > 0 and isinstance(period, int) else None


def ports_of(listed: object, config: Mapping[str, Any], host_config: Mapping[str, Any]) -> tuple[Port, ...]:
    """TCP ports: those in use now, else (not running) those it was made with."""
    found: dict[int, Port] = {}
    for port in _live(rows(listed)) or _made_with(config, host_config):
        known = found.get(port.target)
        if known is None or (known.published is None and port.published is not None):
            found[port.target] = port
    return tuple(found[target] for target in sorted(found))


def _live(listed: Iterable[Any]) -> list[Port]:
    entries = [entry for entry in listed if isinstance(entry, dict) and entry.get("Type", "tcp") == "tcp"]
    return [
        Port(
            entry["PrivatePort"],
            _text(entry.get("IP")) if entry.get("PublicPort") else None,
            _port(entry.get("PublicPort")),
        )
        for entry in entries
        if _port(entry.get("PrivatePort"))
    ]


def _made_with(config: Mapping[str, Any], host_config: Mapping[str, Any]) -> list[Port]:
    made = [Port(target) for key in table(config.get("ExposedPorts")) if (target := _target(key))]
    for key, bindings in table(host_config.get("PortBindings")).items():
        if target := _target(key):
            made += [_bound(target, table(binding)) for binding in rows(bindings)]
    return made


def _bound(target: int, binding: Mapping[str, Any]) -> Port:
    return Port(target, _text(binding.get("HostIp")), _number(str(binding.get("HostPort", ""))))


def _target(key: object) -> int | None:
    number, _, protocol = str(key).partition("/")
    return _number(number) if protocol in ("", "tcp") else None


def _number(text: str) -> int | None:
    return _port(int(text)) if text.isdecimal() and len(text) <= 5 else None


def _port(value: object) -> int | None:
    return value if isinstance(value, int) and 0 < value < 65536 else None


def _text(value: object) -> str | None:
    return plain(value) if isinstance(value, str) and value else None
