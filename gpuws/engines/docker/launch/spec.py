"""From a profile and a wish to exactly what will be created. Pure but for the workstation's `env_file`s."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import time
from collections.abc import Collection, Mapping
from dataclasses import replace

from gpuws.engines.base import Site
from gpuws.engines.docker.launch import environment, volumes, wrapper
from gpuws.engines.docker.launch.gpu_mode import Mode
from gpuws.model import units
from gpuws.model.errors import UsageError
from gpuws.model.gpu.memory_cap import LABEL as CAP_LABEL
from gpuws.model.gpu.reading import UUID
from gpuws.model.placement.placement import Placement, choose
from gpuws.model.placement.plan import Check, ContainerSpec, Want
from gpuws.model.profile.profile import OF_THE_FILE, Build, JupyterWish, Profile
from gpuws.model.secret import LABEL as SECRET_LABEL
from gpuws.model.workspace.image import short_name

NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+\Z")
HASH_DIGITS = 12
KEEP_ID = "keep-id"
"""Podman's word for my own numbers inside, with what I own on the host."""
_COUNTED = frozenset(
    (
        *("name", "description", "image", "build", "pull_policy", "command", "entrypoint", "gpus", "gpu_memory"),
        *("mem_limit", "memswap_limit", "cpus", "pids_limit", "shm_size", "ipc", "network_mode", "ulimits", "user"),
        *("working_dir", "volumes", "ports", "environment", "env_file", "jupyter", "tmux", "restart", "init"),
        *("stop_grace_period", "labels"),
    )
)
"""Keys that count in a profile's hash even where they say nothing: those there were when hashes were first written."""


def make_spec(
    profile: Profile, want: Want, site: Site, mode: Mode, environ: Mapping[str, str], taken: Collection[str]
) -> tuple[ContainerSpec, Placement, list[Check]]:
    """The spec, its GPUs, and what its making showed. `taken`: names of containers that exist there.

    No GPU is chosen while it is not known who holds it."""
    wish = want.gpus or profile.gpus
    if site.short is not None and not wish.none:
        raise site.short
    placement = choose(wish, site.gpus)
    image = image_of(profile)
    resolved = replace(
        profile,
        gpus=wish,
        volumes=volumes.resolve(profile.volumes, site.facts.home),
        userns_mode=profile.userns_mode or (KEEP_ID if mode.keeps_ids and profile.user == "host" else None),
    )
    user = user_of(profile.user, site, mode)
    env = environment.collect(profile, environ)
    environment.add_user(env, user, site.facts, tuple(volume.target for volume in profile.volumes))
    environment.add_caches(env, profile.volumes)
    environment.add_gpus(env, mode.name, bool(placement.devices))
    environment.add_cap(env, profile.gpu_memory, placement.devices)
    spec = ContainerSpec(
        name=want.name or free_name(profile.name or short_name(image), site.owner, taken),
        image=image,
        command=wrapper.command_of(resolved),
        gpu_uuids=placement.uuids,
        gpu_mode=mode.name,
        user=user,
        environment=dict(sorted(env.values.items())),
        secret_names=frozenset(env.secret_names & env.values.keys()),
        labels=labels_of(resolved, site, placement.uuids) | _secret_label(env.secret_names & env.values.keys()),
        profile=replace(resolved, environment=dict.fromkeys(resolved.environment)),  # values stand in one place only
        groups=groups_of(profile.user, site, mode),
        env_files=env.files(),
        filed_names=env.filed_names(),
    )
    return spec, placement, [*gpu_checks(placement, mode, site.host.name), *env.checks]


def gpu_checks(placement: Placement, mode: Mode, host: str) -> list[Check]:
    """The choice of GPUs, and whether this engine's specification knows them."""
    checks = list(placement.checks)
    named = any(UUID.match(name) for name in mode.cdi_devices)
    missing = [one for one in placement.devices if mode.name == "cdi" and named and one.uuid not in mode.cdi_devices]
    if missing:
        text = ", ".join(str(device.index) for device in missing)
        remedy = "ask its admin to run: sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml"
        checks.append(Check("gpus", "fail", f"the CDI specification on {host} does not know GPU {text}", remedy))
    return checks


def user_of(wish: str, site: Site, mode: Mode) -> str | None:
    """uid:gid, or None for the image's own user. A rootless engine maps root to me, where it can't keep my numbers."""
    if wish == "image":
        return None
    if wish == "root" or (wish == "host" and mode.rootless and not mode.keeps_ids):
        return "0:0"
    return f"{site.facts.uid}:{site.facts.gid}" if wish == "host" else wish


def groups_of(wish: str, site: Site, mode: Mode) -> tuple[int, ...]:
    """My other groups there, so that what a group shares is mine inside, too."""
    if wish != "host" or mode.rootless:
        return ()
    return tuple(sorted(set(site.facts.gids) - {site.facts.gid}))


def image_of(profile: Profile) -> str:
    """The image to run, or the tag to give to what is built."""
    if profile.image:
        return profile.image
    if profile.build is None:
        raise UsageError(f"profile {profile.name or 'unsaved'} names no image and no build", "give it one of them")
    name = re.sub("[^a-z0-9_.-]+", "-", (profile.name or "unsaved").lower()).strip("-._")
    return f"gpuws/{name}:{build_hash(profile.build)}"


def build_hash(build: Build) -> str:
    """Of what the image is built from, as far as the profile says."""
    return _hash(_told(build))


def free_name(profile: str, owner: str, taken: Collection[str]) -> str:
    """`PROFILE-OWNER`, counted on where that exists."""
    base = re.sub(r"[^a-zA-Z0-9_.-]+", "-", f"{profile}-{owner}").lstrip("-._")
    base = base if NAME.match(base) else "workspace"
    names = [base, *(f"{base}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def labels_of(profile: Profile, site: Site, uuids: Collection[str]) -> dict[str, str]:
    """INTERFACE §4. A profile can't change those of gpuws."""
    ours = {
        **({"gpuws.profile": profile.name} if profile.name else {}),
        "gpuws.owner": site.owner,
        "gpuws.from": site.workstation,
        "gpuws.created": units.timestamp(time.time()) or "",
        "gpuws.gpus": ",".join(uuids),
        "gpuws.spec": spec_hash(profile),
    }
    if profile.gpu_memory and uuids:
        ours[CAP_LABEL] = f"{profile.gpu_memory.limit} {profile.gpu_memory.action}"
    return {**profile.labels, **ours}


def _secret_label(names: Collection[str]) -> dict[str, str]:
    """So that no screen shows later what an `env_file` held, whatever its names look like."""
    return {SECRET_LABEL: ",".join(sorted(names))} if names else {}


def spec_hash(profile: Profile) -> str:
    """Of the resolved profile; environment variables count by name, never by value."""
    told = dataclasses.asdict(profile)
    told["environment"] = sorted(profile.environment)
    told["jupyter"] = _jupyter(profile.jupyter) if profile.jupyter else None
    told["build"] = _told(profile.build) if profile.build else None
    counted = {key: value for key, value in told.items() if value or key in _COUNTED}
    return _hash({key: value for key, value in counted.items() if key not in OF_THE_FILE})


def _jupyter(wish: JupyterWish) -> dict[str, object]:
    """As it counted when hashes were first written, and what differs from the usual."""
    told = dataclasses.asdict(wish)
    usual = dataclasses.asdict(JupyterWish())
    more = {key: told[key] for key in ("bind", "restart") if told[key] != usual[key]}
    return {"port": wish.port, "start": wish.start, "token": None, **more}


def _told(build: Build) -> dict[str, object]:
    """What is built from; who gives a value makes no difference."""
    told = dataclasses.asdict(build)
    del told["taken"]
    told["accepted"] = build.accepted.digest if build.accepted else None
    return {key: value for key, value in told.items() if key != "accepted" or value is not None}


def _hash(told: object) -> str:
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_DIGITS]
