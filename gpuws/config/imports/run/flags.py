"""The flags of `docker run`, and podman's of the same kind: what each comes to in a profile, or why not.

As engines up to version 29 list them. Whoever adds a key to profiles looks whether a flag here can say it now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gpuws.config.imports.run import mounts
from gpuws.config.imports.run import values as to
from gpuws.config.imports.run.values import Put


@dataclass(frozen=True, slots=True)
class Flag:
    """`names`: long ones, and single letters. `put` None: it is not said; `why` not, "" where nothing is missing.

    `switch`: on or off, and no word follows. `usual`: the value that is as if nothing was said."""

    names: tuple[str, ...]
    put: Put | None = None
    why: str = ""
    instead: str = ""
    switch: bool = False
    usual: str = ""


def _value(names: str, put: Put) -> Flag:
    return Flag(tuple(names.split()), put)


def _switch(names: str, put: Put) -> Flag:
    return Flag(tuple(names.split()), put, switch=True)


def _idle(names: str, *, switch: bool = False) -> Flag:
    return Flag(tuple(names.split()), switch=switch)


def _lost(names: str, why: str, instead: str = "", *, switch: bool = False, usual: str = "") -> Flag:
    return Flag(tuple(names.split()), None, why, instead, switch, usual or ("false" if switch else ""))


_NO_KEY = "a profile has no key for it"
_WINDOWS = "it is for Windows"
_PODMANS = "it is podman's own"
_DISKS = "a profile limits no disks"
_STAYS = "gpuws leaves it running and enters it when asked"
_ENTER = "gpuws attach enters it, and says how to leave"

FLAGS: tuple[Flag, ...] = (
    _value("add-host", to.one_more("extra_hosts")),
    _lost("annotation", _NO_KEY, "labels say things of a container, too"),
    _lost("attach a", _STAYS, _ENTER),
    _lost("blkio-weight blkio-weight-device", _DISKS),
    _value("cap-add", to.one_more("cap_add")),
    _value("cap-drop", to.one_more("cap_drop")),
    _lost("cgroup-parent", _NO_KEY),
    _lost("cgroupns", _NO_KEY),
    _lost("cidfile", "nothing is written on this machine", "gpuws launch --json prints its id"),
    _lost("cpu-count cpu-percent io-maxbandwidth io-maxiops isolation", _WINDOWS),
    _value("cpu-period", to.together("period")),
    _value("cpu-quota", to.together("quota")),
    _lost("cpu-rt-period cpu-rt-runtime", "a profile shares no real time out", "cpus limits its time"),
    _value("cpu-shares c", to.number("cpu_shares")),
    _value("cpus", to.cpus),
    _value("cpuset-cpus", to.as_it_is("cpuset")),
    _lost("cpuset-mems", _NO_KEY, "cpuset keeps it on CPUs, whose memory is nearest"),
    _idle("detach d", switch=True),
    _lost("detach-keys", _STAYS, _ENTER),
    _value("device", to.device),
    _value("device-cgroup-rule", to.one_more("device_cgroup_rules")),
    _lost("device-read-bps device-read-iops device-write-bps device-write-iops", _DISKS),
    Flag(("disable-content-trust",), None, "signatures of images are not checked", "", True, "true"),
    _value("dns", to.one_more("dns")),
    _value("dns-option dns-opt", to.one_more("dns_opt")),
    _value("dns-search", to.one_more("dns_search")),
    _lost("domainname", _NO_KEY, "hostname may hold it: box.lab.example"),
    _value("entrypoint", to.entrypoint),
    _value("env e", to.environment),
    _value("env-file", to.env_file),
    _value("expose", to.exposed),
    _value("gpus", to.gpus),
    _value("group-add", to.one_more("group_add")),
    _value("health-cmd", to.health_command),
    _value("health-interval", to.health_time("interval")),
    _value("health-retries", to.health_retries),
    _lost("health-start-interval", _NO_KEY, "interval counts from the start"),
    _value("health-start-period", to.health_time("start_period")),
    _value("health-timeout", to.health_time("timeout")),
    _idle("help", switch=True),
    _value("hostname h", to.as_it_is("hostname")),
    _switch("init", to.switch("init")),
    _switch("interactive i", to.switch("stdin_open")),
    _lost("ip ip6 link-local-ip", "the engine chooses its address", "a tunnel leads to it by its name"),
    _value("ipc", to.unless_usual("ipc", "")),
    _lost("kernel-memory", "kernels have no such limit any more"),
    _value("label l", to.label),
    _lost("label-file", "no file is read", "labels: {NAME: VALUE}"),
    _lost("link", "containers on one network find each other by name", "network_mode: a network that they share"),
    _value("log-driver", to.together("log driver")),
    _value("log-opt", to.together("log option")),
    _lost("mac-address", _NO_KEY, "a program that is licensed to an address runs with network_mode: host"),
    _value("memory m", to.memory),
    _value("memory-reservation", to.number("mem_reservation")),
    _value("memory-swap", to.together("swap")),
    _lost("memory-swappiness", _NO_KEY, "memswap_limit as large as mem_limit: no swap at all"),
    _value("mount", mounts.mount),
    _value("name", to.container),
    _value("network net", to.network),
    _lost("network-alias net-alias", "it is found by its name", "say --name when it is launched"),
    _switch("no-healthcheck", to.no_healthcheck),
    _switch("oom-kill-disable", to.switch("oom_kill_disable")),
    _value("oom-score-adj", to.number("oom_score_adj")),
    _value("pid", to.unless_usual("pid", "", "private")),
    _value("pids-limit", to.number("pids_limit")),
    _lost("platform", "a host runs its own", "launch tells before where the image is for another"),
    _switch("privileged", to.switch("privileged")),
    _value("publish p", to.published),
    _lost("publish-all P", "nothing is published that is not named", "a tunnel leads to any port", switch=True),
    _value("pull", to.as_it_is("pull_policy")),
    _idle("quiet q", switch=True),
    _switch("read-only", to.switch("read_only")),
    _value("restart", to.as_it_is("restart")),
    _switch("rm", to.switch("auto_remove")),
    _value("runtime", to.together("runtime")),
    _value("security-opt", to.security),
    _value("shm-size", to.number("shm_size")),
    _idle("sig-proxy", switch=True),
    _value("stop-signal", to.as_it_is("stop_signal")),
    _value("stop-timeout", to.stop_timeout),
    _lost("storage-opt", _NO_KEY),
    _value("sysctl", to.named("sysctls")),
    _value("tmpfs", to.one_more("tmpfs")),
    _switch("tty t", to.switch("tty")),
    _value("ulimit", to.ulimit),
    _lost(
        "use-api-socket", "an engine's socket inside is root on the host", "gpuws with HOST -- docker …", switch=True
    ),
    _value("user u", to.user),
    _value("userns", to.users),
    _value("uts", to.unless_usual("uts", "")),
    _value("volume v", mounts.volume),
    _lost("volume-driver", "volumes are the engine's own", "make it before: docker volume create --driver …"),
    _lost("volumes-from", "a profile takes no other container's mounts", "write its volumes"),
    _value("workdir w", to.as_it_is("working_dir")),
    # podman's
    _lost("arch os variant", "a host runs its own", "launch tells before where the image is for another"),
    _lost("authfile cert-dir creds decryption-key", "the registry's login is this machine's", "docker login"),
    _lost("cgroups cgroup-conf conmon-pidfile pidfile sdnotify preserve-fds preserve-fd", _PODMANS),
    _lost("chrootdirs hooks-dir init-path personality rdt-class seccomp-policy image-volume", _PODMANS),
    _lost("gidmap uidmap subuidname subgidname hostuser passwd-entry group-entry umask", _PODMANS, "user says as whom"),
    _lost("pod pod-id-file requires shm-size-systemd systemd health-on-failure timeout", _PODMANS),
    _lost("secret", "a profile knows no secrets of an engine", "environment: {NAME: null} takes it from here"),
    _lost("tz", _NO_KEY, "environment: {TZ: …}"),
    _lost("unsetenv", _NO_KEY),
    _lost("env-host env-merge unsetenv-all no-hosts no-hostname passwd rootfs rmi", _PODMANS, switch=True),
    _lost("http-proxy read-only-tmpfs", _PODMANS, switch=True, usual="true"),
    _idle("replace tls-verify", switch=True),
)


def _named() -> Iterator[tuple[str, Flag]]:
    for flag in FLAGS:
        for name in flag.names:
            yield name, flag


BY_NAME = dict(_named())


def wants_value(word: str) -> bool:
    """Whether the value of a flag, or of the last of several in one word, is the next word."""
    if word.startswith("--"):
        name, given, _ = word[2:].partition("=")
        return not given and name in BY_NAME and not BY_NAME[name].switch
    for at, letter in enumerate(word[1:], 1):
        if letter not in BY_NAME or word[at + 1 : at + 2] == "=":
            return False
        if not BY_NAME[letter].switch:
            return at == len(word) - 1
    return False
