"""What a form asks for a new profile. Plain data: every field is what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ProfileDraft:
    """A profile over `base`; what is empty stays as it is there.

    `gpus` as `--gpus` takes it. `volumes` and `ports` are added to the base's, in Compose's short form.
    `environment`: None takes the value from the caller's environment, as in a profile."""

    name: str
    base: str
    description: str = ""
    gpus: str = ""
    gpu_memory: str = ""
    mem_limit: str = ""
    shm_size: str = ""
    cpus: str = ""
    working_dir: str = ""
    volumes: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    environment: Mapping[str, str | None] = field(default_factory=dict, repr=False)
