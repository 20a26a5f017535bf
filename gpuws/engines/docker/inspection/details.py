"""Docker's details of a container as `Details`. Pure; every field may be missing or of another shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gpuws.engines.docker.existing.condition import health
from gpuws.engines.docker.existing.parse import moment, rows, table
from gpuws.model.secret import VARIABLES, Hiding, named_by
from gpuws.model.text import plain
from gpuws.model.workspace.details import Details, HealthCheck, MountPoint, Network

LONGEST = 500
"""Characters of a value."""


def parse(told: Mapping[str, Any]) -> Details:
    config, host, state = table(told.get("Config")), table(told.get("HostConfig")), table(told.get("State"))
    alive = state.get("Running") is True
    checked = table(state.get("Health") or state.get("Healthcheck"))
    return Details(
        image_id=_text(told.get("Image")),
        command=_command(told),
        directory=_text(config.get("WorkingDir")),
        user=_text(config.get("User")),
        hostname=_text(config.get("Hostname")),
        pid=_number(state.get("Pid")) or None,
        started=moment(state.get("StartedAt")),
        ended=None if alive else moment(state.get("FinishedAt")),
        exit_code=None if alive else _number(state.get("ExitCode")),
        restart=_restart(table(host.get("RestartPolicy"))),
        restarts=_number(told.get("RestartCount")),
        shared_memory=_number(host.get("ShmSize")),
        privileged=host.get("Privileged") is True,
        mounts=(*_mounts(told), *_memory_mounts(host)),
        variables=tuple(_variables(told, config)),
        networks=tuple(_networks(told, host)),
        health=health("", state) or "",
        failures=_number(checked.get("FailingStreak")) or 0,
        checks=tuple(_check(table(run)) for run in rows(checked.get("Log"))),
    )


def _command(told: Mapping[str, Any]) -> tuple[str, ...]:
    """Its first program with its arguments, secrets hidden."""
    words = [_text(told.get("Path")), *(str(word) for word in rows(told.get("Args")))]
    return tuple(plain(word, LONGEST) for word in Hiding().of(words) if word)


def _restart(policy: Mapping[str, Any]) -> str:
    name, most = _text(policy.get("Name")), _number(policy.get("MaximumRetryCount"))
    return f"{name}, {most} times" if name == "on-failure" and most else name


def _mounts(told: Mapping[str, Any]) -> Iterator[MountPoint]:
    for mount in map(table, rows(told.get("Mounts"))):
        kind = _text(mount.get("Type"))
        source = mount.get("Name") if kind == "volume" else mount.get("Source")
        yield MountPoint(kind, _text(source), _text(mount.get("Destination")), mount.get("RW") is not False)


def _memory_mounts(host: Mapping[str, Any]) -> Iterator[MountPoint]:
    """Of `--tmpfs`, which the list of mounts has not."""
    for path, options in table(host.get("Tmpfs")).items():
        yield MountPoint("tmpfs", "", _text(path), "ro" not in str(options).split(","))


def _variables(told: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """In their order; what was handed over as a secret, or looks like one, as `***`."""
    words = [word for word in rows(config.get(VARIABLES)) if isinstance(word, str)]
    for word in Hiding(named_by(told)).of(words, VARIABLES):
        name, _, value = word.partition("=")
        yield plain(name, 100), plain(value, LONGEST)


def _networks(told: Mapping[str, Any], host: Mapping[str, Any]) -> Iterator[Network]:
    """Where it shares another's network, that one's word."""
    found = table(table(told.get("NetworkSettings")).get("Networks"))
    if not found and (mode := _text(host.get("NetworkMode"))):
        yield Network(mode)
    for name, each in found.items():
        about = table(each)
        address = about.get("IPAddress") or about.get("GlobalIPv6Address")
        names = tuple(dict.fromkeys(_text(one) for one in rows(about.get("Aliases"))))
        yield Network(_text(name), _text(address), names)


def _check(run: Mapping[str, Any]) -> HealthCheck:
    output = _text(run.get("Output")).strip()
    return HealthCheck(moment(run.get("End") or run.get("Start")), _number(run.get("ExitCode")), output)


def _text(value: object) -> str:
    return plain(value, LONGEST) if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
