"""A launch in the demo: the checks, the equivalent command, and the container it makes. Pure."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Collection, Sequence
from dataclasses import replace

from gpuws.fleet.demo.lab.machines import GIB, ME
from gpuws.model import units
from gpuws.model.errors import EngineMissing, GpuwsError, Refused, UsageError
from gpuws.model.gpu.slot import slots
from gpuws.model.host.host import Host
from gpuws.model.host.naming import labelled
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.identity import OWNER_LABEL
from gpuws.model.ownership.others import others_on, within_reach
from gpuws.model.placement.placement import choose
from gpuws.model.placement.plan import Check, ContainerSpec, Plan, Progress, Want
from gpuws.model.profile.draft import ProfileDraft
from gpuws.model.profile.profile import GpuWish, Profile, ProfileSummary
from gpuws.model.query.nearest import meant
from gpuws.model.secret import Hiding, masked_words
from gpuws.model.workspace.engine import EngineInfo, GpuMode
from gpuws.model.workspace.image import short_name
from gpuws.model.workspace.workspace import RUNNING, Container, Port, Ref, Workspace

IMAGE_SIZE = 8 * GIB
STAGES = (
    Progress("checking", "GPUs are free"),
    *(Progress("pulling", f"{units.size(int(IMAGE_SIZE * part / 10))} of {units.size(IMAGE_SIZE)}", part / 10)
      for part in range(11)),
    Progress("creating", "the container"),
    Progress("starting", "tmux and JupyterLab"),
)  # fmt: skip


BUILDING = (
    "Step 1/4 : FROM pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime",
    "Step 2/4 : RUN pip install ninja packaging",
    "Successfully installed ninja-1.13.0 packaging-25.0",
    "Step 3/4 : RUN pip install --no-build-isolation flash-attn==2.8.3",
    "Building wheel for flash-attn (setup.py): started",
    "OSError: CUDA_HOME environment variable is not set. Please set it to your CUDA install root.",
    "ERROR: Failed building wheel for flash-attn",
)
"""What the one build of the demo says until it fails."""


def build_failure(host: str, image: str) -> GpuwsError:
    """As an engine ends a build, with what mends this one."""
    return GpuwsError(
        f"{host}: the build of {image} failed in line 2 of its Dockerfile, RUN pip install flash-attn==2.8.3 (exit 1): "
        "OSError: CUDA_HOME environment variable is not set. Please set it to your CUDA install root.",
        "its base image has no compiler: build FROM the -devel image of the same version",
    )


def summary(profile: Profile) -> ProfileSummary:
    gpus = "none" if profile.gpus.none else str(profile.gpus.count)
    return ProfileSummary(profile.name, profile.description, profile.image, gpus, "demo")


def find_profile(name: str, profiles: Sequence[Profile]) -> Profile:
    for profile in profiles:
        if profile.name == name:
            return profile
    known = [profile.name for profile in profiles]
    raise UsageError(f"no profile {name!r}", meant(name, known) or f"known profiles: {', '.join(known)}")


def read(host: str, text: str, want: Want) -> Profile:
    """The profile that `text` says, with what `want` says beyond it, as any fleet reads them."""
    from gpuws.config.paths import built_in_profiles
    from gpuws.config.profiles.profiles import ProfileStore

    store = ProfileStore([built_in_profiles()])
    return store.load("", Host(host), overrides=want.overrides, environ=want.environ, text=text)


def overridden(profile: Profile, host: str, want: Want) -> Profile:
    """One of the demo's, with what `want` says beyond it."""
    if not want.overrides:
        return profile
    from gpuws.config.profiles.yaml import profile_to_yaml

    return replace(read(host, profile_to_yaml(profile), want), name=profile.name)


def saved(name: str, text: str, known: Sequence[Profile]) -> Profile:
    """A text that is a profile from now on."""
    _unknown(name, known)
    return replace(read("", text, Want()), name=name)


def drafted(draft: ProfileDraft, known: Sequence[Profile]) -> Profile:
    """What the draft says of sizes and GPUs; the rest is as in its base."""
    _unknown(draft.name, known)
    said = {"gpus.count": draft.gpus, "mem_limit": draft.mem_limit, "shm_size": draft.shm_size}
    asked = Want(overrides=tuple(f"{key}={text}" for key, text in said.items() if text))
    changed = overridden(find_profile(draft.base, known), "", asked)
    return replace(changed, name=draft.name, description=draft.description or changed.description)


def captured(name: str, container: Workspace, known: Sequence[Profile]) -> Profile:
    _unknown(name, known)
    return Profile(
        name,
        f"captured from {labelled(container.ref.host, container.name)}",
        image=container.oci.image,
        gpus=GpuWish(count=len(container.gpus)),
        mem_limit=container.memory_limit,
    )


def _unknown(name: str, known: Sequence[Profile]) -> None:
    if any(profile.name == name for profile in known):
        raise UsageError(f"you have a profile {name} already", "choose another name")


def stages(plan: Plan) -> tuple[Progress, ...]:
    if plan.spec.profile.build is not None:
        lines = (Progress("building", line, (number + 1) / 10) for number, line in enumerate(BUILDING))
        return (STAGES[0], *(step for step in lines for _ in range(2)))
    return tuple(stage for stage in STAGES if stage.stage != "pulling" or not plan.image_present)


def check_again(plan: Plan, snapshot: HostSnapshot) -> None:
    """What was free when it was planned may be taken by now."""
    if any(c.name == plan.spec.name for c in snapshot.workspaces):
        raise GpuwsError(f"{plan.host} has a container {plan.spec.name!r}", "choose another name")
    free = {slot.uuid for gpu in snapshot.gpus for slot in slots(gpu) if slot.free}
    taken = [device.label for device in plan.devices if not device.shared and device.uuid not in free]
    if taken:
        raise Refused(f"{plan.host}: GPU {', '.join(taken)} was taken meanwhile", "choose another one")


def make_plan(snapshot: HostSnapshot, profile: Profile, want: Want, images: Collection[str]) -> Plan:
    """`images`: those that are on the host."""
    wish = want.gpus or profile.gpus
    placement = choose(wish, snapshot.gpus)
    image = profile.image or f"gpuws/{profile.name or 'unsaved'}"
    name = want.name or free_name(profile.name or short_name(image), snapshot)
    spec = ContainerSpec(
        name=name,
        image=image,
        command=profile.command or ("sleep", "infinity"),
        gpu_uuids=placement.uuids,
        gpu_mode=gpu_mode(snapshot.engine) if snapshot.engine else None,
        user="1004:1004",
        environment={"CUDA_DEVICE_ORDER": "PCI_BUS_ID"},
        secret_names=frozenset(),
        labels={OWNER_LABEL: ME, **({"gpuws.profile": profile.name} if profile.name else {})},
        profile=profile,
    )
    present = spec.image in images
    checks = (*_site_checks(snapshot, spec, wish), *placement.checks, _image_check(spec, present))
    free = sum(gpu.free for gpu in snapshot.gpus)
    return Plan(
        *(snapshot.name, spec, checks, docker_run(spec), present, placement.devices, placement.rejected, free),
        others=others_on(within_reach(placement.uuids, snapshot.gpus), snapshot.name),
    )


def free_name(stem: str, snapshot: HostSnapshot) -> str:
    """`stem`, else `stem-2` and so on: the first that no container there has."""
    taken = {c.name for c in snapshot.workspaces}
    names = [stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def gpu_mode(engine: EngineInfo) -> GpuMode:
    """Engines have CDI since version 25, and the demo's machines use it where they can."""
    return "cdi" if int((engine.version or "0").partition(".")[0]) >= 25 else "hook"


def _site_checks(snapshot: HostSnapshot, spec: ContainerSpec, wish: GpuWish) -> list[Check]:
    engine = snapshot.engine
    if engine is None or engine.error:
        why = (engine and engine.error) or "no engine"
        raise EngineMissing(f"{snapshot.name}: {why}", engine.remedy if engine else "")
    checks = [
        Check("engine", "ok", f"Docker {engine.version}, {'CDI' if gpu_mode(engine) == 'cdi' else 'runtime hook'}")
    ]
    if not wish.none and snapshot.driver:
        checks.append(Check("driver", "ok", f"driver {snapshot.driver} runs CUDA {snapshot.cuda}"))
    if any(c.name == spec.name for c in snapshot.workspaces):
        checks.append(Check("name", "fail", f"{snapshot.name} has a container {spec.name!r}", "choose another name"))
    free = (snapshot.memory_total or 0) - (snapshot.memory_used or 0)
    if (limit := spec.profile.mem_limit) is not None:
        detail, remedy = f"{units.size(limit)} of {units.size(free)} free", "lower mem_limit, or choose another host"
        checks.append(Check("memory", "ok", detail) if limit <= free else Check("memory", "warn", detail, remedy))
    checks += [Check("volume", "ok", f"{v.source} is writable") for v in spec.profile.volumes]
    return checks


def _image_check(spec: ContainerSpec, present: bool) -> Check:
    if present:
        return Check("image", "ok", f"{spec.image} is there")
    what = "has to be built" if spec.profile.build is not None else f"{units.size(IMAGE_SIZE)} to pull"
    return Check("image", "warn", what, "the first launch takes minutes")


def docker_run(spec: ContainerSpec) -> str:
    profile = spec.profile
    words = ["docker", "run", "-d", "--name", spec.name, "--init"]
    if spec.gpu_uuids:
        words += ["--gpus", f'"device={",".join(spec.gpu_uuids)}"']
    if profile.mem_limit:
        words += [
            "--memory",
            units.size(profile.mem_limit).lower(),
            "--memory-swap",
            units.size(profile.mem_limit).lower(),
        ]
    if profile.shm_size:
        words += ["--shm-size", units.size(profile.shm_size).lower()]
    for volume in profile.volumes:
        words += ["-v", f"{(volume.source or '').replace('~', f'/home/{ME}', 1)}:{volume.target}"]
    for port in (port for port in profile.ports if port.published is not None):
        words += ["-p", f"{port.host_ip}:{port.published}:{port.target}"]
    for name, value in Hiding().of({name: value or "" for name, value in profile.environment.items()}).items():
        words += ["-e", f"{name}={value}" if profile.environment[name] is not None else name]
    words += ["--user", spec.user or "root"]
    for key, value in Hiding().of(dict(spec.labels)).items():
        words += ["--label", f"{key}={value}"]
    return shlex.join([*words, spec.image, *masked_words(spec.command or ())])


def container_of(plan: Plan, now: float) -> Workspace:
    """The container that `plan` creates."""
    profile = plan.spec.profile
    ports = [port.target for port in profile.ports] + ([profile.jupyter.port] if profile.jupyter else [])
    return Workspace(
        Ref(plan.host, hashlib.sha256(f"{plan.host}/{plan.spec.name}/{now}".encode()).hexdigest()),
        plan.spec.name,
        plan.host,
        "running",
        "running",
        RUNNING,
        created=now,
        owner=ME,
        owner_is_label=True,
        mine=True,
        profile=profile.name,
        gpus=plan.spec.gpu_uuids,
        memory_limit=profile.mem_limit,
        labels=dict(plan.spec.labels),
        oci=Container(plan.spec.image, tuple(Port(port) for port in ports), (f"/home/{ME}/work",)),
    )
