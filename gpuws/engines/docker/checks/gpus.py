"""The GPUs' driver against the image's CUDA, and what can't be capped."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.engines.docker.checks.evidence import Evidence
from gpuws.engines.docker.existing.gpus import VISIBLE, gpus_of, reach_of, visible
from gpuws.engines.docker.launch.image_needs import CONSUMER, Needs, needs, satisfied
from gpuws.engines.docker.options.mounts import device_rows
from gpuws.model import units
from gpuws.model.gpu import cuda
from gpuws.model.gpu.slot import Slot
from gpuws.model.ownership.others import within_reach
from gpuws.model.placement.plan import Check


def driver(evidence: Evidence) -> Iterator[Check]:
    """Whether programs of the image can run on this driver, and whether NVIDIA's hook lets the container start."""
    if not evidence.devices:
        return
    have = cuda.version(evidence.site.driver)
    if have is None:
        yield Check("driver", "warn", f"the driver of {evidence.host} is not known", f"see: gpuws gpus {evidence.host}")
        return
    newest = cuda.version(evidence.site.cuda) or cuda.runs(have)
    asked = needs(evidence.image_config, _names(evidence))
    said = f"driver {evidence.site.driver}" + (f" (CUDA {_dotted(newest)})" if newest else "")
    if asked.require and evidence.mode.name == "hook" and not _disabled(evidence):
        met = satisfied(asked.require, newest, have, evidence.devices[0].name)
        if met is False:
            detail = f"{said} does not meet what the image requires: {asked.require[:60]}"
            remedy = "choose an image for an older CUDA; NVIDIA_DISABLE_REQUIRE: 1 skips the check only"
            yield Check("driver", "fail", detail, remedy)
            return
    yield _judged(evidence, have, newest, asked, said)


def _judged(evidence: Evidence, have: cuda.Version, newest: cuda.Version | None, asked: Needs, said: str) -> Check:
    if asked.cuda is None:
        return Check("driver", "ok", f"{said}; the image does not say which CUDA it needs")
    wanted = f"CUDA {_dotted(asked.cuda)}"
    if newest is not None and newest >= asked.cuda:
        return Check("driver", "ok", f"{said} runs the image's {wanted}")
    if cuda.runs_by_family(asked.cuda, have):
        return Check("driver", "ok", f"{said} runs the image's {wanted} by minor-version compatibility")
    first = cuda.SHIPPED_WITH.get(asked.cuda[:2]) or cuda.FAMILY.get(asked.cuda[0])
    detail = f"{said} is too old for the image's {wanted}" + (f": that needs R{first[0]}" if first else "")
    consumer = [device.name for device in evidence.devices if CONSUMER.search(device.name)]
    if consumer or not asked.stated:
        return Check("driver", "fail", detail, "choose an image for an older CUDA, or ask for a newer driver")
    return Check("driver", "warn", detail, "it runs only where the image brings cuda-compat (forward compatibility)")


def reached(evidence: Evidence) -> tuple[Slot, ...]:
    """All that programs inside can use: what it is given, what its environment asks NVIDIA's runtime for, and all that
    privileges and devices reach past `gpus`."""
    asked = (*visible(evidence.spec.environment.get(VISIBLE, "")), *_past_gpus(evidence))
    return within_reach([*(device.uuid for device in evidence.devices), *asked], evidence.site.gpus)


def _past_gpus(evidence: Evidence) -> tuple[str, ...]:
    """GPUs by index, or ("all",)."""
    profile = evidence.profile
    host_config = {"Privileged": profile.privileged, "Devices": device_rows(profile.devices)}
    return (*gpus_of(host_config, {}), *reach_of(host_config, {}))


def environment(evidence: Evidence) -> Iterator[Check]:
    """GPUs that nobody sees in the profile's `gpus`."""
    given = {device.uuid for device in evidence.devices}
    if beside := [slot.label for slot in reached(evidence) if slot.uuid not in given]:
        past = _past_gpus(evidence)
        by = "privileged" if evidence.profile.privileged else "devices" if past else VISIBLE
        text = f"{by} lets its programs use GPU {', '.join(beside)}, too"
        yield Check("gpus", "warn", text, f"leave {by} out: `gpus` says what it gets")


def memory(evidence: Evidence) -> Iterator[Check]:
    """Said plainly: nothing but MIG keeps one container from all of a GPU's memory."""
    cap = evidence.profile.gpu_memory
    shared = [str(device.index) for device in evidence.devices if device.shared]
    if cap is None and shared:
        text = f"GPU {', '.join(shared)} is shared, and Docker can't cap GPU memory: one may take what the other needs"
        yield Check(
            "gpu_memory", "warn", text, "gpu_memory: 40g has gpuws watch it; frameworks have limits of their own"
        )
    if not evidence.devices or cap is None:
        return
    detail = f"Docker can't cap GPU memory: gpuws' keeper watches for more than {units.size(cap.limit)}"
    also = f", and {cap.framework} is told" if cap.framework else ""
    smallest = min((device.memory for device in evidence.devices if device.memory is not None), default=None)
    if smallest is not None and cap.limit > smallest:
        text = f"gpu_memory {units.size(cap.limit)} is more than the GPU has: {units.size(smallest)}"
        yield Check("gpu_memory", "warn", text, "lower gpu_memory")
    else:
        does = "it stops the container then" if cap.action == "stop" else "it only warns"
        yield Check("gpu_memory", "ok", f"{detail}{also}; {does}")


def _names(evidence: Evidence) -> list[str]:
    """Where a version of CUDA may be read from when the image itself is not there yet, the last FROM first."""
    build = evidence.profile.build
    lines = (build.dockerfile_inline or "").splitlines() if build else []
    froms = [line for line in lines if line.strip().upper().startswith("FROM ")]
    return [*reversed(froms), evidence.spec.image]


def _disabled(evidence: Evidence) -> bool:
    return evidence.spec.environment.get("NVIDIA_DISABLE_REQUIRE", "").lower() in ("1", "true")


def _dotted(version: cuda.Version) -> str:
    return ".".join(str(part) for part in version[:2])
