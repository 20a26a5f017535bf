"""A container as a Compose file for its own host, as it was asked for: nothing is made fit for elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gpuws.engines.docker import capture, mounted, unsaid
from gpuws.engines.docker.own import Own, own
from gpuws.engines.docker.parse import name_of, rows, table
from gpuws.model import gpu_cap
from gpuws.model.profile import Profile, Volume
from gpuws.model.secret import HIDDEN, is_secret, masked_words, secret_names
from gpuws.model.text import plain

COMPOSE_NETWORKS = frozenset({"host", "none", "bridge"})

# Keys of a service and of HostConfig, where both take the same value. What says nothing is left out.
_ALIKE: Mapping[str, str] = {
    "mem_limit": "Memory",
    "memswap_limit": "MemorySwap",
    "mem_reservation": "MemoryReservation",
    "cpu_period": "CpuPeriod",
    "cpu_quota": "CpuQuota",
    "cpu_shares": "CpuShares",
    "cpuset": "CpusetCpus",
    "pid": "PidMode",
    "uts": "UTSMode",
    "userns_mode": "UsernsMode",
    "cgroup_parent": "CgroupParent",
    "device_cgroup_rules": "DeviceCgroupRules",
    "privileged": "Privileged",
    "read_only": "ReadonlyRootfs",
    "cap_add": "CapAdd",
    "cap_drop": "CapDrop",
    "security_opt": "SecurityOpt",
    "group_add": "GroupAdd",
    "extra_hosts": "ExtraHosts",
    "dns": "Dns",
    "dns_search": "DnsSearch",
    "dns_opt": "DnsOptions",
    "sysctls": "Sysctls",
    "oom_score_adj": "OomScoreAdj",
    "oom_kill_disable": "OomKillDisable",
    "storage_opt": "StorageOpt",
    "init": "Init",
}
_LOST: Mapping[str, str] = {
    "AutoRemove": "--rm",
    "Links": "--link",
    "VolumesFrom": "--volumes-from",
    "VolumeDriver": "--volume-driver",
    "PublishAllPorts": "--publish-all",
    "CpusetMems": "--cpuset-mems",
}
_NOTHING: tuple[object, ...] = (None, "", [], {}, False, 0)


def compose_file(inspected: Mapping[str, Any], image: Mapping[str, Any], reference: str) -> str:
    """Arguments as `capture.read` takes them. Secrets stand in it by name only: Compose takes them from its caller."""
    import yaml

    profile = capture.read(inspected, image, reference).profile
    mine = own(table(inspected.get("Config")), image)
    service = {"image": reference, **dict(_service(inspected, image, profile, mine))}
    data: dict[str, Any] = {"services": {profile.name.replace(".", "-"): _escaped(_said(service))}}
    named = [volume.source for volume in profile.volumes if volume.type == "volume" and volume.source]
    if named:
        data["volumes"] = {source: {"external": True} for source in dict.fromkeys(named)}
    if networks := _networks(inspected):
        data["networks"] = {network: {"external": True} for network in networks}
    lost = "".join(f"# lost: {plain(note, 300)}\n" for note in _lost(inspected, mine))
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)
    return lost + text


def _service(
    inspected: Mapping[str, Any], image: Mapping[str, Any], profile: Profile, mine: Own
) -> Iterator[tuple[str, Any]]:
    config, host_config = table(inspected.get("Config")), table(inspected.get("HostConfig"))
    networks, tmpfs = _networks(inspected), table(host_config.get("Tmpfs"))
    yield "container_name", name_of([inspected.get("Name")])
    yield "command", _list(mine.command)
    yield "entrypoint", [""] if mine.entrypoint == () else _list(mine.entrypoint)
    yield "tty", config.get("Tty")
    yield "stdin_open", config.get("OpenStdin")
    yield "user", mine.user
    yield "working_dir", mine.working_dir
    yield "hostname", unsaid.hostname(inspected)
    yield "domainname", config.get("Domainname")
    named = secret_names(mine.labels)
    shown = ((key, None if key in named or is_secret(key, text) else text) for key, text in mine.environment.items())
    yield "environment", dict(shown)
    yield "deploy", _gpus(host_config)
    yield "runtime", None if host_config.get("Runtime") in unsaid.USUAL_RUNTIMES else host_config.get("Runtime")
    yield "cpus", _cpus(host_config)
    yield "pids_limit", profile.pids_limit
    yield "shm_size", profile.shm_size
    yield "ipc", profile.ipc
    yield from ((key, host_config.get(name)) for key, name in _ALIKE.items())
    yield "ulimits", {one.name: {"soft": one.soft, "hard": one.hard} for one in profile.ulimits}
    yield "devices", [_device(table(row)) for row in rows(host_config.get("Devices"))]
    yield "network_mode", None if networks else profile.network_mode or "bridge"
    yield "networks", networks
    yield "volumes", [_volume(volume) for volume in profile.volumes if volume.target not in tmpfs]
    yield "tmpfs", [f"{target}:{options}" if options else str(target) for target, options in tmpfs.items()]
    yield "ports", list(_ports(host_config))
    yield "expose", sorted(set(mine.exposed) - table(host_config.get("PortBindings")).keys())
    yield "restart", profile.restart if profile.restart != "no" else None
    yield "stop_signal", None if config.get("StopSignal") == image.get("StopSignal") else config.get("StopSignal")
    yield "stop_grace_period", _seconds(profile.stop_grace_period)
    yield "healthcheck", _healthcheck(config, image)
    yield "logging", _logging(table(host_config.get("LogConfig")))
    yield "labels", {key: text for key, text in mine.labels.items() if _label(key, text)}


def _gpus(host_config: Mapping[str, Any]) -> dict[str, Any] | None:
    """Requests as they were made, each a reservation: the same GPUs by the same way."""
    devices = [_reservation(table(row)) for row in rows(host_config.get("DeviceRequests"))]
    return {"resources": {"reservations": {"devices": devices}}} if devices else None


def _reservation(request: Mapping[str, Any]) -> dict[str, Any]:
    ids, count = [str(one) for one in rows(request.get("DeviceIDs"))], request.get("Count")
    words = [str(word) for group in rows(request.get("Capabilities")) for word in rows(group)]
    said = {
        "driver": request.get("Driver"),
        "device_ids": ids,
        "count": None if ids else "all" if count == -1 else count,
        "capabilities": words or ["gpu"],  # Compose wants one; CDI does not look at it
        "options": table(request.get("Options")),
    }
    return {key: value for key, value in said.items() if value not in _NOTHING}


def _networks(inspected: Mapping[str, Any]) -> list[str]:
    """Those that somebody made, the first one first: they must exist, and Compose leaves them as they are."""
    mode = str(table(inspected.get("HostConfig")).get("NetworkMode") or "default")
    if mode == "default" or mode in COMPOSE_NETWORKS or mode.startswith("container:"):
        return []
    joined = [str(name) for name in table(table(inspected.get("NetworkSettings")).get("Networks"))]
    return [mode, *(name for name in sorted(joined) if name != mode)]


def _volume(volume: Volume) -> dict[str, Any]:
    said = {"type": volume.type, "source": volume.source, "target": volume.target, "read_only": volume.read_only}
    return {key: value for key, value in said.items() if value not in _NOTHING}


def _ports(host_config: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Where nothing is said of a port of the host, the engine chooses one again."""
    for key, bindings in table(host_config.get("PortBindings")).items():
        number, _, protocol = str(key).partition("/")
        if not number.isdecimal():
            continue
        for binding in map(table, rows(bindings)):
            said = {
                "target": int(number),
                "published": str(binding.get("HostPort") or ""),
                "host_ip": binding.get("HostIp"),
                "protocol": None if protocol == "tcp" else protocol,
            }
            yield {name: value for name, value in said.items() if value not in _NOTHING}


def _device(row: Mapping[str, Any]) -> str:
    return ":".join(str(row.get(key) or "") for key in ("PathOnHost", "PathInContainer", "CgroupPermissions"))


def _cpus(host_config: Mapping[str, Any]) -> float | None:
    nano = host_config.get("NanoCpus")
    return nano / 1_000_000_000 if isinstance(nano, int) and nano > 0 else None


def _seconds(number: float | None) -> str | None:
    return None if number is None else f"{number:g}s"


def _healthcheck(config: Mapping[str, Any], image: Mapping[str, Any]) -> dict[str, Any] | None:
    """`Healthcheck` counts in nanoseconds."""
    check = table(config.get("Healthcheck"))
    if not check or config.get("Healthcheck") == image.get("Healthcheck"):
        return None
    times = {"interval": "Interval", "timeout": "Timeout", "start_period": "StartPeriod"}
    said = {key: f"{check[name]}ns" for key, name in times.items() if isinstance(check.get(name), int) and check[name]}
    more = {"retries": check["Retries"]} if check.get("Retries") else {}
    return {"test": list(masked_words([str(word) for word in rows(check.get("Test"))])), **said, **more}


def _logging(log: Mapping[str, Any]) -> dict[str, Any] | None:
    """Some drivers take a token as an option."""
    driver, told = str(log.get("Type") or "json-file"), table(log.get("Config"))
    options = {name: text for name, text in told.items() if not is_secret(name, str(text))}
    if driver == "json-file" and not options:
        return None
    return {"driver": driver, **({"options": options} if options else {})}


def _lost(inspected: Mapping[str, Any], mine: Own) -> Iterator[str]:
    """What a service can't say."""
    host_config = table(inspected.get("HostConfig"))
    yield from (option for key, option in _LOST.items() if host_config.get(key) not in _NOTHING)
    yield from (note for note in mounted.notes(inspected) if not note.startswith("options of the tmpfs"))
    if any(unsaid.foreign_label(name) and name != gpu_cap.LABEL for name in mine.labels):
        yield "labels of gpuws and Compose: whoever makes it anew writes their own"
    test = [str(word) for word in rows(table(table(inspected.get("Config")).get("Healthcheck")).get("Test"))]
    for what, words in (("command", (*(mine.entrypoint or ()), *(mine.command or ()))), ("healthcheck", tuple(test))):
        if masked_words(words) != words:
            yield f"what in its {what} looks like a secret: {HIDDEN} stands there"
    logging = table(table(host_config.get("LogConfig")).get("Config"))
    for what, said in (("label", mine.labels), ("option of its log", logging)):
        yield from (
            f"the {what} {name}: it may hold a secret" for name, text in said.items() if is_secret(name, str(text))
        )


def _label(name: str, text: str) -> bool:
    """Tools write their own anew; but gpuws watches for the cap that stands in a label, whoever made the container."""
    return name == gpu_cap.LABEL or not (unsaid.foreign_label(name) or is_secret(name, text))


def _list(words: tuple[str, ...] | None) -> list[str] | None:
    return None if words is None else list(masked_words(words))


def _said(service: Mapping[str, Any]) -> dict[str, Any]:
    """Without what says nothing. In `environment` null means the environment's own value."""
    return {key: value for key, value in service.items() if value not in _NOTHING}


def _escaped(value: Any) -> Any:
    """Compose reads `$` as the beginning of a variable."""
    match value:
        case str():
            return value.replace("$", "$$")
        case list():
            return [_escaped(item) for item in value]
        case dict():
            return {key: _escaped(inner) for key, inner in value.items()}
    return value
