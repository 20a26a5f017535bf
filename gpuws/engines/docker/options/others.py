"""Docker's options that no profile says: told instead of lost, and in a Compose file where Compose has them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gpuws.engines.docker.options.option import NOTHING, Told
from gpuws.model.text import plain

_USUAL_RUNTIMES = (*NOTHING, "runc", "io.containerd.runc.v2")


@dataclass(frozen=True, slots=True)
class Other:
    """`path`, `flag`: as in the table of options. `compose`: a service's key; "" Compose has none.

    `usual`: values that say nothing. `said`: values that a key of profiles says; True: all of them."""

    path: str
    flag: str
    compose: str = ""
    usual: tuple[object, ...] = NOTHING
    said: tuple[object, ...] | bool = ()

    def lost(self, told: Told) -> str | None:
        """A line about what a profile can't say of it."""
        value = told.at(self.path)
        if value in self.usual or self.said is True or (isinstance(self.said, tuple) and value in self.said):
            return None
        return plain(self.flag if value is True else f"{self.flag}: {_text(value)}", 300)

    def in_service(self, told: Told) -> object:
        value = told.at(self.path)
        return None if value in self.usual else value


OTHERS: tuple[Other, ...] = (
    Other("Domainname", "--domainname", "domainname"),
    Other("HostConfig.Runtime", "--runtime", "runtime", usual=_USUAL_RUNTIMES, said=("nvidia",)),  # by `gpus`
    Other("HostConfig.CpuPeriod", "--cpu-period", "cpu_period", said=True),  # by `cpus`
    Other("HostConfig.CpuQuota", "--cpu-quota", "cpu_quota", said=True),
    Other("HostConfig.MemoryReservation", "--memory-reservation", "mem_reservation"),
    Other("HostConfig.CpuShares", "--cpu-shares", "cpu_shares"),
    Other("HostConfig.CpusetCpus", "--cpuset-cpus", "cpuset"),
    Other("HostConfig.CpusetMems", "--cpuset-mems"),
    Other("HostConfig.BlkioWeight", "--blkio-weight"),
    Other("HostConfig.UTSMode", "--uts", "uts"),
    Other("HostConfig.UsernsMode", "--userns", "userns_mode"),
    Other("HostConfig.CgroupParent", "--cgroup-parent", "cgroup_parent"),
    Other("HostConfig.DeviceCgroupRules", "--device-cgroup-rule", "device_cgroup_rules"),
    Other("HostConfig.ReadonlyRootfs", "--read-only", "read_only"),
    Other("HostConfig.DnsSearch", "--dns-search", "dns_search"),
    Other("HostConfig.DnsOptions", "--dns-option", "dns_opt"),
    Other("HostConfig.Sysctls", "--sysctl", "sysctls"),
    Other("HostConfig.OomScoreAdj", "--oom-score-adj", "oom_score_adj"),
    Other("HostConfig.OomKillDisable", "--oom-kill-disable", "oom_kill_disable"),
    Other("HostConfig.StorageOpt", "--storage-opt", "storage_opt"),
    Other("HostConfig.AutoRemove", "--rm"),
    Other("HostConfig.Links", "--link"),
    Other("HostConfig.VolumesFrom", "--volumes-from"),
    Other("HostConfig.VolumeDriver", "--volume-driver"),
    Other("HostConfig.PublishAllPorts", "--publish-all"),
)


def lost_in_profiles(told: Told) -> Iterator[str]:
    yield from (line for other in OTHERS if (line := other.lost(told)))


def lost_in_services(told: Told) -> Iterator[str]:
    yield from (other.flag for other in OTHERS if not other.compose and told.at(other.path) not in other.usual)


def in_service(told: Told) -> dict[str, object]:
    return {other.compose: other.in_service(told) for other in OTHERS if other.compose}


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={text}" for key, text in value.items())
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
