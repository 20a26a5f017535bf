"""Docker's options that no profile says: told instead of lost, and in a Compose file where Compose has them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gpuws.engines.docker.options.option import NOTHING, Inspected
from gpuws.model.text import plain

_USUAL_RUNTIMES = (*NOTHING, "runc", "io.containerd.runc.v2")


@dataclass(frozen=True, slots=True)
class Unsupported:
    """`path`, `flag`: as in the table of options. `compose`: a service's key; "" Compose has none.

    `usual`: values that say nothing. `said`: values that a key of profiles says; True: all of them."""

    path: str
    flag: str
    compose: str = ""
    usual: tuple[object, ...] = NOTHING
    said: tuple[object, ...] | bool = ()

    def lost(self, told: Inspected) -> str | None:
        """A line about what a profile can't say of it."""
        value = told.at(self.path)
        if value in self.usual or self.said is True or (isinstance(self.said, tuple) and value in self.said):
            return None
        return plain(self.flag if value is True else f"{self.flag}: {_text(value)}", 300)

    def in_service(self, told: Inspected) -> object:
        value = told.at(self.path)
        return None if value in self.usual else value


UNSUPPORTED: tuple[Unsupported, ...] = (
    Unsupported("Domainname", "--domainname", "domainname"),
    Unsupported("HostConfig.Runtime", "--runtime", "runtime", usual=_USUAL_RUNTIMES, said=("nvidia",)),  # by `gpus`
    Unsupported("HostConfig.CpuPeriod", "--cpu-period", "cpu_period", said=True),  # by `cpus`
    Unsupported("HostConfig.CpuQuota", "--cpu-quota", "cpu_quota", said=True),
    Unsupported("HostConfig.CpusetMems", "--cpuset-mems"),
    Unsupported("HostConfig.BlkioWeight", "--blkio-weight"),
    Unsupported("HostConfig.CgroupParent", "--cgroup-parent", "cgroup_parent"),
    Unsupported("HostConfig.StorageOpt", "--storage-opt", "storage_opt"),
    Unsupported("HostConfig.Links", "--link"),
    Unsupported("HostConfig.VolumesFrom", "--volumes-from"),
    Unsupported("HostConfig.VolumeDriver", "--volume-driver"),
    Unsupported("HostConfig.PublishAllPorts", "--publish-all"),
)


def lost_in_profiles(told: Inspected) -> Iterator[str]:
    yield from (line for other in UNSUPPORTED if (line := other.lost(told)))


def lost_in_services(told: Inspected) -> Iterator[str]:
    yield from (other.flag for other in UNSUPPORTED if not other.compose and told.at(other.path) not in other.usual)


def in_service(told: Inspected) -> dict[str, object]:
    return {other.compose: other.in_service(told) for other in UNSUPPORTED if other.compose}


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={text}" for key, text in value.items())
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
