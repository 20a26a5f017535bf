"""The lab's hosts, as a table."""

import uuid
from dataclasses import dataclass
from typing import Literal

MIB = 1 << 20
SSH_PORT = 2022
DOCKER_PACKAGES = ("docker.io", "iptables")


@dataclass(frozen=True, slots=True)
class Person:
    """A login on a host."""

    login: str
    uid: int
    docker: bool = False
    """Whether in group docker."""


@dataclass(frozen=True, slots=True)
class GpuModel:
    """A kind of GPU; memory in bytes, power in watts."""

    name: str
    memory_total: int
    memory_reserved: int
    power_idle: int
    power_limit: int


@dataclass(frozen=True, slots=True)
class Host:
    """One machine of the lab."""

    name: str
    address: str
    release: Literal["bookworm", "trixie"]
    people: tuple[Person, ...]
    packages: tuple[str, ...] = ()
    gpu_model: GpuModel | None = None
    gpu_count: int = 0
    gpu_road: Literal["hook", "cdi"] | None = None
    """How the engine gives GPUs to containers."""
    own_cgroup_namespace: bool = False
    """False: containers show as /docker/<host>/docker/<container>, as with nested engines on cgroup v1."""

    @property
    def container(self) -> str:
        """The name of its container in the lab's engine, and of the volume of its own engine."""
        return f"lab-{self.name}"

    @property
    def has_engine(self) -> bool:
        """Whether Docker Engine runs there."""
        return bool(self.packages)

    @property
    def user(self) -> str:
        """Who the workstation's person is there: the first of its people."""
        return self.people[0].login

    @property
    def uuids(self) -> tuple[str, ...]:
        """The UUIDs of its GPUs by index: always the same ones."""
        names = (f"gpuws-lab/{self.name}/{index}" for index in range(self.gpu_count))
        return tuple(f"GPU-{uuid.uuid5(uuid.NAMESPACE_URL, name)}" for name in names)


A100 = GpuModel("NVIDIA A100-SXM4-80GB", 81920 * MIB, 869 * MIB, 62, 400)
H100 = GpuModel("NVIDIA H100 80GB HBM3", 81559 * MIB, 551 * MIB, 71, 700)

ALPHA = Host(
    name="alpha",
    address="127.0.0.11",
    release="bookworm",
    people=(Person("alice", 1000, docker=True), Person("bob", 1001, docker=True), Person("carol", 1002)),
    packages=DOCKER_PACKAGES,
    gpu_model=A100,
    gpu_count=4,
    gpu_road="hook",
)
BRAVO = Host(
    name="bravo",
    address="127.0.0.12",
    release="trixie",
    people=(Person("alice", 2001, docker=True), Person("bob", 2000, docker=True), Person("carol", 2002)),
    packages=DOCKER_PACKAGES,
    gpu_model=H100,
    gpu_count=8,
    gpu_road="cdi",
    own_cgroup_namespace=True,
)
CHARLIE = Host(
    name="charlie",
    address="127.0.0.13",
    release="bookworm",
    people=(Person("as1204", 1204),),
    own_cgroup_namespace=True,
)

HOSTS = {host.name: host for host in (ALPHA, BRAVO, CHARLIE)}
NOWHERE = "127.0.0.19"
"""An address where nothing listens."""
STRANGER = "stranger"
"""The name of a key that no host knows."""
