"""A container as the profile that would make it again, literally: `portable` makes it fit for other days. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gpuws.engines.docker import mounted, unsaid
from gpuws.engines.docker.gpus import gpus_of
from gpuws.engines.docker.own import Own, own, texts, words
from gpuws.engines.docker.parse import rows, table
from gpuws.engines.docker.wrapper import STAY
from gpuws.model.captured import Captured
from gpuws.model.gpu_cap import cap_of
from gpuws.model.profile import GpuMemoryCap, GpuWish, PortWish, Profile, Ulimit
from gpuws.model.reading import UUID
from gpuws.model.secret import secret_names

SHM = 64 << 20
"""Bytes of /dev/shm that the engine gives to whoever says nothing."""
DEFAULT_NETWORKS = frozenset({"", "default", "bridge"})
EVERYWHERE = "0.0.0.0"
SLEEPS = "its interactive shell: it would end at once without a terminal, so the profile's container sleeps"
_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def read(inspected: Mapping[str, Any], image: Mapping[str, Any], reference: str) -> Captured:
    """`inspected`: the container; `image`: the `Config` of its image, empty where unknown; `reference`: its name.

    Everything as it is there: GPUs by UUID or index, paths in full, the user by number, secrets among the values."""
    config, host_config = table(inspected.get("Config")), table(inspected.get("HostConfig"))
    mine = own(config, image)
    command, stays = _command(mine, config, image)
    memory, swap = _positive(host_config.get("Memory")), host_config.get("MemorySwap")
    profile = Profile(
        name=name_for(str(inspected.get("Name") or "")),
        image=reference,
        command=command,
        entrypoint=mine.entrypoint,
        gpus=wish_of(gpus_of(host_config, config)),
        gpu_memory=_cap(texts(config.get("Labels")), mine.environment),
        mem_limit=memory,
        memswap_limit=_swap(swap, memory),
        cpus=_cpus(host_config),
        pids_limit=_positive(host_config.get("PidsLimit")),
        shm_size=_unless(_positive(host_config.get("ShmSize")), SHM),
        ipc=_ipc(str(host_config.get("IpcMode") or "")),
        network_mode=_network(str(host_config.get("NetworkMode") or "")),
        ulimits=_ulimits(host_config.get("Ulimits")),
        user=_user(mine.user),
        working_dir=mine.working_dir,
        volumes=mounted.volumes_of(inspected, image),
        ports=_ports(mine, host_config),
        environment=dict(sorted(mine.environment.items())),
        restart=_restart(table(host_config.get("RestartPolicy"))),
        init=host_config.get("Init") is True,
        stop_grace_period=_grace(config.get("StopTimeout")),
        labels={key: text for key, text in sorted(mine.labels.items()) if not unsaid.foreign_label(key)},
    )
    notes = unsaid.notes(inspected, image, mine)
    names = secret_names(mine.labels)
    return Captured(profile, (*notes, *([SLEEPS] if stays else [])), secret_names=names)


def name_for(name: str) -> str:
    """A profile's name from a container's."""
    return _NAME.sub("-", name.removeprefix("/")).strip("-._")[:128] or "captured"


def wish_of(gpus: tuple[str, ...]) -> GpuWish:
    if gpus == ("all",):
        return GpuWish(all=True)
    uuids = tuple(name for name in gpus if UUID.match(name))
    indices = tuple(int(name) for name in gpus if name.isdecimal())
    return GpuWish(indices=indices, uuids=uuids) if len(uuids) + len(indices) == len(gpus) else GpuWish(count=len(gpus))


def _command(mine: Own, config: Mapping[str, Any], image: Mapping[str, Any]) -> tuple[tuple[str, ...] | None, bool]:
    """A shell that a terminal kept alive would end at once without one: a workspace sleeps instead."""
    if config.get("Tty") is not True and config.get("OpenStdin") is not True:
        return mine.command, False
    command, entrypoint = words(config.get("Cmd")), words(config.get("Entrypoint"))
    if _is_shell(command):
        same = mine.entrypoint is None and words(image.get("Cmd")) == STAY
        return None if same else STAY, True
    if not command and _is_shell(entrypoint):
        return ("-c", "sleep infinity"), True
    return mine.command, False


def _is_shell(argv: tuple[str, ...]) -> bool:
    return len(argv) == 1 and argv[0].rpartition("/")[2] in unsaid.SHELLS


def _cap(labels: Mapping[str, str], environment: Mapping[str, str]) -> GpuMemoryCap | None:
    """As a launch wrote it; the framework is the one that was told."""
    if (cap := cap_of(labels)) is None:
        return None
    for told in (replace(cap, framework="pytorch"), replace(cap, framework="jax")):
        if told.environment(1).keys() <= environment.keys():
            return told
    return cap


def _cpus(host_config: Mapping[str, Any]) -> float | None:
    if nano := _positive(host_config.get("NanoCpus")):
        return nano / 1_000_000_000
    quota, period = _positive(host_config.get("CpuQuota")), _positive(host_config.get("CpuPeriod")) or 100_000
    return round(quota / period, 3) or None if quota else None


def _ipc(mode: str) -> str | None:
    return None if mode in ("", "private") or not unsaid.IPC.match(mode) else mode


def _network(mode: str) -> str | None:
    return None if mode in DEFAULT_NETWORKS else mode


def _user(user: str | None) -> str:
    if user is None:
        return "image"
    if user in ("0", "0:0", "root", "root:root", "0:root"):
        return "root"
    return user if unsaid.NUMBERS.match(user) else "image"


def _ulimits(value: object) -> tuple[Ulimit, ...]:
    told = [table(row) for row in rows(value)]
    return tuple(
        sorted(
            (
                Ulimit(str(row["Name"]), row["Soft"], row["Hard"])
                for row in told
                if row.get("Name") and isinstance(row.get("Soft"), int) and isinstance(row.get("Hard"), int)
            ),
            key=lambda limit: limit.name,
        )
    )


def _ports(mine: Own, host_config: Mapping[str, Any]) -> tuple[PortWish, ...]:
    """TCP ports. One that the engine was to choose is a tunnel's target now."""
    found: set[tuple[int, int | None, str]] = set()
    for key, bindings in table(host_config.get("PortBindings")).items():
        if target := tcp(key):
            found |= {_bound(target, table(binding)) for binding in rows(bindings)}
    bound = {target for target, _, _ in found}
    found |= {(target, None, "127.0.0.1") for key in mine.exposed if (target := tcp(key)) and target not in bound}
    return tuple(PortWish(*one) for one in sorted(found, key=lambda one: (one[0], one[1] or 0, one[2])))


def _bound(target: int, binding: Mapping[str, Any]) -> tuple[int, int | None, str]:
    published = str(binding.get("HostPort") or "")
    number = int(published) if published.isdecimal() and 0 < int(published) < 65536 else None
    address = str(binding.get("HostIp") or "") or EVERYWHERE
    return (target, number, address) if number else (target, None, "127.0.0.1")


def tcp(key: object) -> int | None:
    """The port of `8888/tcp`."""
    number, _, protocol = str(key).partition("/")
    if protocol not in ("", "tcp") or not number.isdecimal() or len(number) > 5:
        return None
    return int(number) if 0 < int(number) < 65536 else None


def _restart(policy: Mapping[str, Any]) -> str:
    name, count = str(policy.get("Name") or "no"), policy.get("MaximumRetryCount")
    if name == "on-failure" and isinstance(count, int) and count > 0:
        return f"on-failure:{count}"
    return name if name in ("no", "always", "unless-stopped", "on-failure") else "no"


def _grace(seconds: object) -> float | None:
    return float(seconds) if isinstance(seconds, int) and seconds >= 0 else None


def _swap(value: object, memory: int | None) -> int | None:
    """None: no swap, as profiles have it. -1: without limit."""
    told = value if isinstance(value, int) and value >= -1 else 0
    return told if memory and told not in (0, memory) else None


def _positive(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _unless(value: int | None, default: int) -> int | None:
    return None if value == default else value
