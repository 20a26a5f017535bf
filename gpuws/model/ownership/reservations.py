"""Which GPUs containers were given, by UUID: they hold them even where no process runs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gpuws.model.gpu.reading import GpuReading
from gpuws.model.workspace.workspace import Workspace

SHORTEST_PREFIX = len("GPU-") + 4


Names = Mapping[str, tuple[str, ...]]
"""What engines call GPUs and MIG instances → their UUIDs."""


def names_of(gpus: Sequence[GpuReading]) -> Names:
    """`all`, indices (`0`, `0:1` for a MIG instance) and UUIDs."""
    names: dict[str, tuple[str, ...]] = {"all": tuple(gpu.uuid for gpu in gpus)} if gpus else {}
    for gpu in gpus:
        names[str(gpu.index)] = names[gpu.uuid] = (gpu.uuid,)
        for one in gpu.mig or ():
            names[f"{gpu.index}:{one.index}"] = names[one.uuid] = (one.uuid,)
            names[f"MIG-{gpu.uuid}/{one.gpu_instance}/{one.compute_instance}"] = (one.uuid,)  # before driver 470
    return names


def uuids(given: Sequence[str], names: Names) -> tuple[str, ...]:
    """GPUs that a container was given. A UUID may be begun only; what is not there stays as the engine names it."""
    return tuple(dict.fromkeys(uuid for name in given for uuid in names.get(name) or _begun(name, names)))


def reservations(containers: Sequence[Workspace], gpus: Sequence[GpuReading]) -> Mapping[str, list[Workspace]]:
    """UUID of a GPU or MIG instance → the containers that were given it."""
    names, found = names_of(gpus), dict[str, list[Workspace]]()
    for container in containers:
        if container.gpus and container.holds:
            for uuid in uuids(container.gpus, names):
                found.setdefault(uuid, []).append(container)
    return found


def of_gpu(kept: Mapping[str, list[Workspace]], gpu: GpuReading) -> list[Workspace]:
    """Those that were given `gpu` or an instance of it, each once."""
    places = (gpu.uuid, *(instance.uuid for instance in gpu.mig or ()))
    return list({container.id: container for place in places for container in kept.get(place, ())}.values())


def _begun(name: str, names: Names) -> tuple[str, ...]:
    if len(name) < SHORTEST_PREFIX or not name.startswith(("GPU-", "MIG-")):
        return (name,)
    return next((found for whole, found in names.items() if whole.startswith(name)), (name,))
