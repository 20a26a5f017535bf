"""The environment of a new container: what the profile sets, what it takes from here, what gpuws adds."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gpuws.config.env_file import read_env_file, readable_by_others
from gpuws.model.plan import Check
from gpuws.model.profile import Profile
from gpuws.model.reading import HostFacts

TOKEN = "JUPYTER_TOKEN"
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)


@dataclass(slots=True)
class Environment:
    """`secret_names`: printed by name only."""

    values: dict[str, str] = field(default_factory=dict)
    secret_names: set[str] = field(default_factory=set)
    checks: list[Check] = field(default_factory=list)


def collect(profile: Profile, environ: Mapping[str, str]) -> Environment:
    """What the profile asks for: files first, then `environment` over them, as in Compose."""
    env = Environment()
    for name in profile.env_file:
        _add_file(env, Path(name), environ)
    for name, value in profile.environment.items():
        _add(env, name, value, environ)
        if value is not None and not _SECRET.search(name):
            env.secret_names.discard(name)
    if profile.jupyter and profile.jupyter.start:
        token = profile.jupyter.token
        env.values.setdefault(TOKEN, secrets.token_hex(24) if token == "auto" else token)
        env.secret_names.add(TOKEN)
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


def add_gpus(env: Environment, mode: str | None, wanted: bool) -> None:
    """GPU order as nvidia-smi has it. `void` keeps NVIDIA's runtime from adding GPUs that nobody asked for.

    CUDA images ask for all of them, and the runtime listens where it is the engine's default."""
    if wanted:
        env.values.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    if not wanted or mode == "cdi":
        env.values["NVIDIA_VISIBLE_DEVICES"] = "void"


def _add(env: Environment, name: str, value: str | None, environ: Mapping[str, str]) -> None:
    if value is None:
        env.secret_names.add(name)
        if name not in environ:
            remedy = f"export {name}=…, or take it out of the profile"
            env.checks.append(
                Check("environment", "warn", f"{name} is not set here: the container goes without", remedy)
            )
            return
        value = environ[name]
    if _SECRET.search(name):
        env.secret_names.add(name)
    env.values[name] = value


def _add_file(env: Environment, file: Path, environ: Mapping[str, str]) -> None:
    if readable_by_others(file):
        env.checks.append(Check("env_file", "warn", f"others can read {file}", f"chmod 600 {file}"))
    for line in read_env_file(file):
        _add(env, line.name, line.value, environ)
        env.secret_names.add(line.name)
