"""The engine of a host, as it answers: what it is, what it can do, and what a person would type for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

GpuMode = Literal["cdi", "hook"]


@dataclass(frozen=True, slots=True)
class Commands:
    """What a person types on a host to do what gpuws does through its engine: lines for a shell, with {fields} that are
    filled in quoted (see `model.consent.shell_command`). "": the engine has no such command.

    {name}: the workspace. {grace}: seconds. {tail}: lines. {old}: another name for a workspace, out of the way.
    `inside`, `on_tty`, `as_root`: what stands before a program's own words."""

    start: str = ""
    stop: str = ""
    stop_within: str = ""
    restart: str = ""
    restart_within: str = ""
    kill: str = ""
    pause: str = ""
    unpause: str = ""
    rename: str = ""  # {name} {new}
    remove: str = ""
    remove_running: str = ""
    recreate: str = ""  # {name} {old} {image}
    recreate_running: str = ""
    republish: str = ""  # {name} {old} {image} {publish}: of one that has ended, with a port at another place
    own: str = ""  # {path} {image} {owner}: what root has in it becomes that uid's and gid's
    logs: str = ""
    logs_with_times: str = ""
    inspect: str = ""
    inside: str = ""
    on_tty: str = ""
    as_root: str = ""
    pull: str = ""  # {image}
    remove_image: str = ""  # {image}
    remove_used_image: str = ""  # {image}
    prune_images: str = ""
    save_image: str = ""  # {image}; onto its output
    load_image: str = ""  # from its input
    disk_usage: str = ""
    remove_volume: str = ""  # {volume}


@dataclass(frozen=True, slots=True)
class Caps:
    """What an engine can do beside its core (`engines.base`). Of each part: "" where it has it, else why not, in words
    for people. `pause`: it can hold the programs of a workspace still; `rename`: names can be changed."""

    images: str = ""
    recipes: str = ""
    dial: str = ""
    storage: str = ""
    files: str = ""
    inspection: str = ""
    pause: str = ""
    rename: str = ""
    commands: Commands = Commands()


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """The engine of a host. `error` says why it can't be used; `kind` "none": the host has none.

    `shut`: it is there and I may not ask it, or it does not run; other errors may pass. `at`: where it was found, and
    who said so. `beside`: further kinds that the host has, whatever has become of this one, with what they can do.
    `aside`: where docker's configuration leads and gpuws does not follow; `remedy` says what to do."""

    kind: str
    version: str | None = None
    api_version: str | None = None
    error: str | None = None
    remedy: str = ""
    shut: bool = False
    caps: Caps = Caps()
    at: str = ""
    aside: str = ""
    beside: Mapping[str, Caps] = field(default_factory=dict)
