"""The `docker run` line that would create the same container. Pure; of secrets only their names stand in it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from gpuws.engines.docker.create import LOG_OPTIONS, exposed, published, swap_limit
from gpuws.engines.docker.spec import cdi_names
from gpuws.model.plan import ContainerSpec
from gpuws.model.profile import Profile, Volume
from gpuws.model.secret import Hiding, masked_words


def docker_run(spec: ContainerSpec) -> str:
    """One line for a shell. `-e NAME` takes the value from the environment of whoever types it; `***` stands for what
    looks like a secret in the command and in labels."""
    profile = spec.profile
    words = ["docker", "run", "-d", "--name", spec.name]
    words += _gpus(spec)
    words += _limits(profile)
    if spec.user is not None:
        words += ["--user", spec.user]
    for gid in spec.groups:
        words += ["--group-add", str(gid)]
    if profile.working_dir:
        words += ["--workdir", profile.working_dir]
    for volume in profile.volumes:
        words += ["--mount", _mount(volume)]
    words += _ports(profile)
    for file in spec.env_files:
        words += ["--env-file", file]
    for name, value in spec.environment.items():
        if name not in spec.filed_names:
            words += ["-e", name if name in spec.secret_names else f"{name}={value}"]
    for key, value in LOG_OPTIONS.items():
        words += ["--log-opt", f"{key}={value}"]
    for key, value in Hiding().of(dict(spec.labels)).items():
        words += ["--label", f"{key}={value}"]
    words += [*_image(spec)]
    return shlex.join(words)


def _gpus(spec: ContainerSpec) -> list[str]:
    """`--gpus` wants its value quoted where it holds a comma; the CLI reads it as CSV."""
    if not spec.gpu_uuids:
        return []
    if spec.gpu_mode == "cdi":
        return [word for name in cdi_names(spec.gpu_uuids) for word in ("--device", name)]
    return ["--gpus", f'"device={",".join(spec.gpu_uuids)}"']


def _limits(profile: Profile) -> Iterator[str]:
    swap = swap_limit(profile)
    options: list[tuple[str, object]] = [
        ("--memory", _bytes(profile.mem_limit)),
        ("--memory-swap", _bytes(swap)),
        ("--cpus", _cpus(profile.cpus)),
        ("--pids-limit", profile.pids_limit),
        ("--shm-size", _bytes(profile.shm_size)),
        ("--ipc", profile.ipc),
        ("--network", profile.network_mode),
        ("--restart", profile.restart if profile.restart != "no" else None),
        ("--stop-timeout", round(profile.stop_grace_period) if profile.stop_grace_period is not None else None),
    ]
    for option, value in options:
        if value is not None:
            yield from (option, str(value))
    for limit in profile.ulimits:
        yield from ("--ulimit", f"{limit.name}={limit.soft}:{limit.hard}")
    if profile.init:
        yield "--init"


def _ports(profile: Profile) -> Iterator[str]:
    for target in exposed(profile):
        yield from ("--expose", str(target))
    for port in published(profile):
        yield from ("--publish", f"{_bracketed(port.host_ip)}:{port.published}:{port.target}")


def _image(spec: ContainerSpec) -> Iterator[str]:
    entrypoint = spec.profile.entrypoint
    if entrypoint is not None:
        yield from ("--entrypoint", entrypoint[0] if entrypoint else "")
    yield spec.image
    yield from masked_words([*(entrypoint or ())[1:], *(spec.command or ())])


def _mount(volume: Volume) -> str:
    """A value of `--mount` is CSV."""
    fields = [f"type={volume.type}"]
    if volume.source and volume.type != "tmpfs":
        fields.append(f"source={volume.source}")
    fields.append(f"target={volume.target}")
    if volume.read_only:
        fields.append("readonly")
    return ",".join(_csv(field) for field in fields)


def _csv(field: str) -> str:
    return '"' + field.replace('"', '""') + '"' if any(mark in field for mark in ',"\n') else field


def _bytes(size: int | None) -> str | None:
    """`64g` where that is exact. -1 is unlimited swap."""
    if size is None or size < 0:
        return None if size is None else str(size)
    for unit, power in (("g", 30), ("m", 20), ("k", 10)):
        if size and size % (1 << power) == 0:
            return f"{size >> power}{unit}"
    return str(size)


def _cpus(count: float | None) -> str | None:
    """As exact as the engine counts: a billionth."""
    return f"{count:.9f}".rstrip("0").rstrip(".") if count else None


def _bracketed(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip
