"""The environment of a new container: what the profile sets, what it takes from here, what gpuws adds."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gpuws.config.profiles.env_file import read_env_file, readable_by_others
from gpuws.engines.docker.existing.gpus import VISIBLE
from gpuws.model.gpu.reading import HostFacts
from gpuws.model.placement.plan import Check, Device
from gpuws.model.profile.profile import GpuMemoryCap, Profile, Volume
from gpuws.model.secret import is_secret

_ALL_CACHES = {
    "XDG_CACHE_HOME": "",
    "HF_HOME": "huggingface",
    "TORCH_HOME": "torch",
    "TORCHINDUCTOR_CACHE_DIR": "inductor",
    "TRITON_CACHE_DIR": "triton",
}
CACHES = {
    "cache": _ALL_CACHES,
    ".cache": _ALL_CACHES,
    "huggingface": {"HF_HOME": ""},
    "torch": {"TORCH_HOME": ""},
}
"""Last part of a volume's target → variables that lead there."""


@dataclass(slots=True)
class Environment:
    """`secret_names`: printed by name only. `filed`: files that docker reads alike, with what they give.
    `taken`: names whose value is the caller's."""

    values: dict[str, str] = field(default_factory=dict)
    secret_names: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    checks: list[Check] = field(default_factory=list)
    filed: dict[str, dict[str, str]] = field(default_factory=dict)

    def files(self) -> tuple[str, ...]:
        """Those whose every value counts in the end: docker hands on what is overridden, too."""
        given = [name for values in self.filed.values() for name in values]
        return tuple(
            file
            for file, values in self.filed.items()
            if all(self.values.get(name) == value and given.count(name) == 1 for name, value in values.items())
        )

    def filed_names(self) -> frozenset[str]:
        return frozenset(name for file in self.files() for name in self.filed[file])


def collect(profile: Profile, environ: Mapping[str, str]) -> Environment:
    """What the profile asks for: files first, then `environment` over them, as in Compose."""
    env = Environment()
    for name in profile.env_file:
        _add_file(env, Path(name), environ)
    for name, value in profile.environment.items():
        _add(env, name, value, environ, profile.names_here.get(name, name))
        if value is not None and not is_secret(name, value):
            env.secret_names.discard(name)
    if taken := sorted({*env.taken, *(profile.build.taken if profile.build else ())}):
        told = [f"{name} (your {here})" if (here := profile.names_here.get(name)) else name for name in taken]
        text = f"{', '.join(told)}: taken from your environment here"
        env.checks.append(Check("environment", "warn", text, "write a value into the profile, or take the name out"))
    return env


def add_user(env: Environment, user: str | None, facts: HostFacts, targets: tuple[str, ...]) -> None:
    """Names for a uid that no passwd file of the image knows: without them getpwuid fails, and with it `import torch`.

    HOME is a volume of that name, else /tmp: a directory that such a uid may write in."""
    uid = (user or "").partition(":")[0]
    if not uid.isdecimal() or uid == "0":
        return
    login = facts.login if int(uid) == facts.uid else f"uid{uid}"
    home = f"/home/{login}"
    defaults = {"USER": login, "LOGNAME": login, "HOME": home if home in targets else "/tmp"}
    for name, value in defaults.items():
        env.values.setdefault(name, value)


def add_caches(env: Environment, volumes: tuple[Volume, ...]) -> None:
    """Models and kernels go where they outlive the container: into volumes that are called after what they keep."""
    for volume in volumes:
        if volume.read_only or volume.type == "tmpfs":
            continue
        for name, part in CACHES.get(posixpath.basename(volume.target.rstrip("/")), {}).items():
            env.values.setdefault(name, posixpath.join(volume.target, part).rstrip("/"))


def add_cap(env: Environment, cap: GpuMemoryCap | None, devices: tuple[Device, ...]) -> None:
    """The framework's own limit, where the profile names one: a share of the largest GPU that it gets."""
    sizes = [device.memory for device in devices if device.memory]
    if cap is not None and sizes:
        for name, value in cap.environment(max(sizes)).items():
            env.values.setdefault(name, value)


def add_gpus(env: Environment, mode: str | None, wanted: bool) -> None:
    """GPU order as nvidia-smi has it. `void` keeps NVIDIA's runtime from adding GPUs that nobody asked for.

    CUDA images ask for all of them, and the runtime listens where it is the engine's default."""
    if wanted:
        env.values.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    if not wanted or mode == "cdi":
        env.values[VISIBLE] = "void"


def _add(env: Environment, name: str, value: str | None, environ: Mapping[str, str], here: str = "") -> None:
    """`here`: what the caller's environment calls it, where that is another name."""
    here = here or name
    if value is None:
        env.secret_names.add(name)
        if here not in environ:
            remedy = f"export {here}=…, or take it out of the profile"
            without = "the container goes without" if here == name else f"the container goes without {name}"
            env.checks.append(Check("environment", "warn", f"{here} is not set here: {without}", remedy))
            return
        value = environ[here]
        env.taken.add(name)
    if value and is_secret(name, value):
        env.secret_names.add(name)
    env.values[name] = value


def _add_file(env: Environment, file: Path, environ: Mapping[str, str]) -> None:
    if readable_by_others(file):
        env.checks.append(Check("env_file", "warn", f"others can read {file}", f"chmod 600 {file}"))
    lines = read_env_file(file)
    for line in lines:
        _add(env, line.name, line.value, environ)
        env.secret_names.add(line.name)
    ours = {line.name: env.values[line.name] for line in lines if line.value is not None or line.name in environ}
    if ours == _as_docker_reads(file, environ):
        env.filed[str(file)] = ours


def _as_docker_reads(file: Path, environ: Mapping[str, str]) -> dict[str, str] | None:
    """What `docker run --env-file` makes of it: values stand as they are, quotes and comments included.

    None where it makes an error of it, or hands a name on twice."""
    found: dict[str, str] = {}
    names: set[str] = set()
    for line in file.read_text("utf-8-sig", "replace").split("\n"):
        text = line.removesuffix("\r").lstrip()
        name, given, value = text.partition("=")
        if not text or text.startswith("#"):
            continue
        if not name or name in names or any(mark.isspace() for mark in name):
            return None
        names.add(name)
        if given or name in environ:
            found[name] = value if given else environ[name]
    return found
