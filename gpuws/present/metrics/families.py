"""What is told of hosts and GPUs: a row for each figure, in the units that OpenMetrics wants. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gpuws.model.gpu.gpu import Gpu
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot

Labels = Mapping[str, str]
Sample = tuple[Labels, float]


@dataclass(frozen=True, slots=True)
class Family:
    """`kind`: gauge, counter or info. `unit` is the end of its name."""

    name: str
    help: str
    samples: tuple[Sample, ...]
    kind: str = "gauge"
    unit: str = ""


_OF_HOST: tuple[tuple[str, str, str, Callable[[HostSnapshot, float], float | None]], ...] = (
    ("host_up", "", "1 while its values are fresh.", lambda host, _: float(host.state is HostState.UP)),
    ("host_age_seconds", "seconds", "Since its values were read.", lambda host, now: host.age(now)),
    ("host_cpu_ratio", "ratio", "Its processors in use.", lambda host, _: _ratio(host.cpu_percent)),
    ("host_memory_used_bytes", "bytes", "Of its own memory.", lambda host, _: host.memory_used),
    ("host_memory_total_bytes", "bytes", "Of its own memory.", lambda host, _: host.memory_total),
)
_OF_GPU: tuple[tuple[str, str, str, Callable[[Gpu], float | None]], ...] = (
    ("gpu_memory_used_bytes", "bytes", "Of its memory.", lambda gpu: gpu.memory_used),
    ("gpu_memory_total_bytes", "bytes", "Of its memory.", lambda gpu: gpu.memory_total),
    (
        "gpu_utilization_ratio",
        "ratio",
        "Of the time in which something ran on it.",
        lambda gpu: _ratio(gpu.utilization),
    ),
    ("gpu_temperature_celsius", "celsius", "", lambda gpu: gpu.temperature),
    ("gpu_power_watts", "watts", "What it draws.", lambda gpu: gpu.power),
    ("gpu_power_limit_watts", "watts", "What it may draw.", lambda gpu: gpu.power_limit),
    ("gpu_healthy", "", "0 where it is lost or out of order.", lambda gpu: float(gpu.health == "ok")),
)
STATES = ("free", "held", "unknown")


def families(snapshots: Sequence[HostSnapshot], now: float, *, names: bool) -> Iterator[Family]:
    """`now`: epoch seconds. What is unknown has no sample. GPUs are told of hosts that were reached at least once."""
    for name, unit, about, of_host in _OF_HOST:
        told = ((host, of_host(host, now)) for host in snapshots)
        yield _family(name, about, [({"host": host.name}, value) for host, value in told], unit=unit)
    gpus = [
        (host, gpu, {"host": host.name, "gpu": str(gpu.index), "uuid": gpu.uuid})
        for host in snapshots
        for gpu in host.gpus
    ]
    models = [({**labels, "model": gpu.name, "driver": host.driver or ""}, 1.0) for host, gpu, labels in gpus]
    yield _family("gpu", "Which GPU it is.", models, kind="info")
    for name, unit, about, of_gpu in _OF_GPU:
        yield _family(name, about, [(labels, of_gpu(gpu)) for _, gpu, labels in gpus], unit=unit)
    energy = [(labels, gpu.energy) for _, gpu, labels in gpus]
    yield _family("gpu_energy_joules", "Since its driver was loaded.", energy, kind="counter", unit="joules")
    states = [
        ({**labels, "state": state}, float(host.availability(gpu).state == state))
        for host, gpu, labels in gpus
        for state in STATES
    ]
    yield _family("gpu_state", "1 for what it is: free, held or unknown.", states)
    if names:
        yield _family("gpu_held", "1 for each person who holds it.", [*_held(snapshots)])


def _held(snapshots: Sequence[HostSnapshot]) -> Iterator[Sample]:
    for host in snapshots:
        for gpu in host.gpus:
            for user in dict.fromkeys(holder.user or "" for holder in gpu.held_by):
                yield {"host": host.name, "gpu": str(gpu.index), "uuid": gpu.uuid, "user": user}, 1.0


def _family(
    name: str, about: str, told: Sequence[tuple[Labels, float | None]], *, kind: str = "gauge", unit: str = ""
) -> Family:
    """Each set of labels once: the same machine may answer under several names."""
    found = {tuple(labels.items()): (labels, float(value)) for labels, value in told if value is not None}
    return Family(f"gpuws_{name}", about, tuple(found.values()), kind, unit)


def _ratio(percent: float | None) -> float | None:
    return None if percent is None else percent / 100
