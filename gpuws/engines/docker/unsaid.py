"""What a container has that a profile can't say: told instead of lost. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gpuws.engines.docker.own import Own
from gpuws.engines.docker.parse import rows, table
from gpuws.model.text import plain

SHELLS = frozenset({"sh", "bash", "dash", "zsh", "fish", "ash", "ksh", "tcsh", "csh"})
IPC = re.compile(r"(none|private|host|shareable|container:[A-Za-z0-9][A-Za-z0-9_.-]*)\Z")
NUMBERS = re.compile(r"[0-9]{1,10}(:[0-9]{1,10})?\Z")
COMPOSE = "com.docker.compose."
USUAL_RUNTIMES = (None, "", "runc", "io.containerd.runc.v2")
_FOREIGN = ("gpuws.", COMPOSE, "desktop.docker.io/")

# Keys of HostConfig and what they are called by `docker run`. Values that say nothing are skipped.
_OPTIONS: Mapping[str, str] = {
    "Privileged": "--privileged",
    "CapAdd": "--cap-add",
    "CapDrop": "--cap-drop",
    "SecurityOpt": "--security-opt",
    "GroupAdd": "--group-add",
    "ExtraHosts": "--add-host",
    "Dns": "--dns",
    "DnsSearch": "--dns-search",
    "DnsOptions": "--dns-option",
    "Links": "--link",
    "VolumesFrom": "--volumes-from",
    "ReadonlyRootfs": "--read-only",
    "AutoRemove": "--rm",
    "PidMode": "--pid",
    "UTSMode": "--uts",
    "UsernsMode": "--userns",
    "Sysctls": "--sysctl",
    "CgroupParent": "--cgroup-parent",
    "DeviceCgroupRules": "--device-cgroup-rule",
    "CpusetCpus": "--cpuset-cpus",
    "CpusetMems": "--cpuset-mems",
    "CpuShares": "--cpu-shares",
    "BlkioWeight": "--blkio-weight",
    "OomScoreAdj": "--oom-score-adj",
    "OomKillDisable": "--oom-kill-disable",
    "PublishAllPorts": "--publish-all",
    "MemoryReservation": "--memory-reservation",
    "VolumeDriver": "--volume-driver",
    "StorageOpt": "--storage-opt",
}
_NOTHING: tuple[object, ...] = (None, "", [], {}, False, 0)


def foreign_label(name: str) -> bool:
    """Set by a tool for its own bookkeeping: on another container it would be a lie."""
    return name.startswith(_FOREIGN)


def notes(inspected: Mapping[str, Any], image: Mapping[str, Any], mine: Own) -> list[str]:
    """One line for each thing that is lost."""
    host_config = table(inspected.get("HostConfig"))
    found = [
        *_options(host_config, ours="gpuws.profile" in mine.labels),
        *_devices(host_config),
        *_program(inspected, image, mine),
        *_network(inspected, host_config),
    ]
    if any(name.startswith(COMPOSE) for name in mine.labels):
        found.append("labels of Compose: `docker compose` will not know what the profile makes")
    return [plain(note, 300) for note in found]


def _options(host_config: Mapping[str, Any], *, ours: bool) -> Iterator[str]:
    """`ours`: gpuws made it, and adds my groups by itself."""
    for key, option in _OPTIONS.items():
        value = host_config.get(key)
        if value not in _NOTHING and not (ours and key == "GroupAdd"):
            yield f"{option}: {_text(value)}" if value is not True else option
    runtime = host_config.get("Runtime")
    if runtime not in (*USUAL_RUNTIMES, "nvidia"):
        yield f"--runtime: {runtime}"
    if not IPC.match(str(host_config.get("IpcMode") or "private")):
        yield f"--ipc: {host_config.get('IpcMode')}"
    log = table(host_config.get("LogConfig")).get("Type")
    if log not in (None, "", "json-file"):
        yield f"--log-driver: {log}"


def _devices(host_config: Mapping[str, Any]) -> Iterator[str]:
    """NVIDIA's are what `gpus` says."""
    paths = [str(table(row).get("PathOnHost")) for row in rows(host_config.get("Devices"))]
    if other := [path for path in paths if not path.startswith("/dev/nvidia")]:
        yield f"--device: {', '.join(other)}"


def _program(inspected: Mapping[str, Any], image: Mapping[str, Any], mine: Own) -> Iterator[str]:
    config = table(inspected.get("Config"))
    if mine.user and mine.user not in ("root", "root:root", "0:root") and not NUMBERS.match(mine.user):
        yield f"--user: {mine.user} (a profile takes numbers; the image's own user is written)"
    if config.get("StopSignal") not in (None, "", image.get("StopSignal"), "SIGTERM"):
        yield f"--stop-signal: {config.get('StopSignal')}"
    if config.get("Healthcheck") not in (None, image.get("Healthcheck")):
        yield "its health check"
    if config.get("Domainname"):
        yield f"--domainname: {config.get('Domainname')}"
    if name := hostname(inspected):
        yield f"--hostname: {name}"


def hostname(inspected: Mapping[str, Any]) -> str | None:
    """What it was asked to be called; None where the engine chose, or it is called as whose network it shares."""
    name = str(table(inspected.get("Config")).get("Hostname") or "")
    mode = str(table(inspected.get("HostConfig")).get("NetworkMode") or "")
    chosen = not name or str(inspected.get("Id") or "").startswith(name)
    return None if chosen or mode == "host" or mode.startswith("container:") else name


def _network(inspected: Mapping[str, Any], host_config: Mapping[str, Any]) -> Iterator[str]:
    joined = sorted(str(name) for name in table(table(inspected.get("NetworkSettings")).get("Networks")))
    mode = str(host_config.get("NetworkMode") or "")
    if len(joined) > 1:
        yield f"networks beyond {mode}: {', '.join(name for name in joined if name != mode)}"
    for key, bindings in table(host_config.get("PortBindings")).items():
        if str(key).partition("/")[2] not in ("", "tcp"):
            yield f"the published port {key}"
        elif any(str(table(row).get("HostPort") or "0") == "0" for row in rows(bindings)):
            yield f"the engine's free choice of a port for {key}: nothing is published, a tunnel leads there"


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={text}" for key, text in value.items())
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
