"""What a profile makes of each key of a Compose service: every key that the Compose specification knows has its row.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gpuws.config.imports.compose import build, environment, limits, mounts, ports, words
from gpuws.config.imports.compose.service import Service
from gpuws.config.yaml.nodes import Entry

Rule = Callable[[Service, Entry], None]

_NAMES = "containers reach each other by name only on a network of their own"
_NETWORK = "gpuws with HOST -- docker network create NAME, then network_mode: NAME and --name for each"


def _nothing(service: Service, entry: Entry) -> None:
    """It is for people, or said by another key."""


def _lost(key: str, why: str, instead: str = "") -> Rule:
    return lambda service, entry: words.lose(service, key, entry, why, instead)


def _same(key: str) -> Rule:
    return lambda service, entry: service.draft.say(key, words.plain_node(entry.node), entry.mark)


def _unsaid(key: str) -> Rule:
    return _lost(key, "a profile has no such key")


KEYS: Mapping[str, Rule] = {
    "annotations": _unsaid("annotations"),
    "attach": _nothing,
    "blkio_config": _unsaid("blkio_config"),
    "build": build.say,
    "cap_add": words.capabilities("cap_add"),
    "cap_drop": words.capabilities("cap_drop"),
    "cgroup": _unsaid("cgroup"),
    "cgroup_parent": _unsaid("cgroup_parent"),
    "command": words.command("command"),
    "configs": lambda service, entry: mounts.files(service, entry, "configs", "/"),
    "container_name": words.container_name,
    "cpu_count": _lost("cpu_count", "it is for Windows", "cpus"),
    "cpu_percent": _lost("cpu_percent", "it is for Windows", "cpus"),
    "cpu_period": _lost("cpu_period", "cpus says how much time it gets", "cpus"),
    "cpu_quota": _lost("cpu_quota", "cpus says how much time it gets", "cpus"),
    "cpu_rt_period": _unsaid("cpu_rt_period"),
    "cpu_rt_runtime": _unsaid("cpu_rt_runtime"),
    "cpu_shares": limits.number("cpu_shares"),
    "cpus": limits.number("cpus"),
    "cpuset": _same("cpuset"),
    "credential_spec": _lost("credential_spec", "it is for Windows"),
    "depends_on": _lost("depends_on", "a profile knows no other services", "launch those first"),
    "deploy": limits.deploy,
    "develop": _lost("develop", "gpuws does not watch files"),
    "device_cgroup_rules": _same("device_cgroup_rules"),
    "devices": words.devices,
    "dns": _same("dns"),
    "dns_opt": _same("dns_opt"),
    "dns_search": _same("dns_search"),
    "domainname": _lost("domainname", "a profile has no such key", "hostname"),
    "driver_opts": _unsaid("driver_opts"),
    "entrypoint": words.command("entrypoint"),
    "env_file": environment.env_files,
    "environment": _nothing,
    "expose": ports.expose,
    "extends": _nothing,
    "external_links": _lost("external_links", _NAMES, _NETWORK),
    "extra_hosts": words.extra_hosts,
    "gpus": _nothing,
    "group_add": words.groups,
    "healthcheck": words.healthcheck,
    "hostname": words.hostname,
    "image": words.image,
    "init": limits.switch("init"),
    "ipc": words.shared("ipc"),
    "isolation": _lost("isolation", "it is for Windows"),
    "label_file": _lost("label_file", "a profile has its labels in itself", "labels"),
    "labels": words.labels,
    "links": _lost("links", _NAMES, _NETWORK),
    "logging": words.logging,
    "mac_address": _unsaid("mac_address"),
    "mem_limit": limits.size("mem_limit"),
    "mem_reservation": limits.size("mem_reservation"),
    "mem_swappiness": _unsaid("mem_swappiness"),
    "memswap_limit": limits.size("memswap_limit"),
    "models": _lost("models", "gpuws runs no models by itself"),
    "network_mode": words.network_mode,
    "networks": words.networks(_NAMES, _NETWORK),
    "oom_kill_disable": limits.switch("oom_kill_disable"),
    "oom_score_adj": limits.number("oom_score_adj"),
    "pid": words.shared("pid"),
    "pids_limit": limits.number("pids_limit"),
    "platform": _lost("platform", "the host's own architecture is taken"),
    "ports": ports.ports,
    "post_start": _lost("post_start", "nothing is run by itself", "gpuws exec"),
    "pre_stop": _lost("pre_stop", "nothing is run by itself", "gpuws exec"),
    "privileged": limits.switch("privileged"),
    "profiles": _lost("profiles", "each service is a profile of its own here"),
    "provider": _lost("provider", "gpuws runs containers only"),
    "pull_policy": words.pull_policy,
    "pull_refresh_after": _unsaid("pull_refresh_after"),
    "read_only": limits.switch("read_only"),
    "restart": words.restart,
    "runtime": _nothing,
    "scale": words.replicas("scale"),
    "secrets": lambda service, entry: mounts.files(service, entry, "secrets", "/run/secrets/"),
    "security_opt": words.security,
    "shm_size": limits.size("shm_size"),
    "stdin_open": limits.switch("stdin_open"),
    "stop_grace_period": words.grace,
    "stop_signal": _same("stop_signal"),
    "storage_opt": _unsaid("storage_opt"),
    "sysctls": words.sysctls,
    "tmpfs": mounts.tmpfs,
    "tty": limits.switch("tty"),
    "ulimits": limits.ulimits,
    "use_api_socket": _lost("use_api_socket", "it would give the host away", "volumes: [/var/run/docker.sock:…]"),
    "user": words.user,
    "userns_mode": words.of_the_host("userns_mode"),
    "uts": words.of_the_host("uts"),
    "volumes": mounts.volumes,
    "volumes_from": _lost("volumes_from", "a profile knows no other containers", "volumes"),
    "working_dir": _same("working_dir"),
}
"""By name. `environment` and `gpus` are said together with others."""
