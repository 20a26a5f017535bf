"""A captured container as a profile for other days and hosts: what belongs to that one container is taken out. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from gpuws.engines.docker.existing.gpus import VISIBLE
from gpuws.engines.docker.launch import wrapper
from gpuws.model.profile.captured import Captured
from gpuws.model.profile.profile import GpuWish, JupyterWish, PortWish, Profile, TmuxWish, Volume
from gpuws.model.secret import is_secret
from gpuws.model.text import plain

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_VARIABLE = re.compile(r"[^\s=\x00-\x1f\x7f]+\Z")
_SESSION = re.compile(r"\\; new -ds ('?)([^\s:.;']+)\1; ")
_JUPYTER = re.compile(r"(until )?JUPYTER_TOKEN_FILE=\$t jupyter lab .*?--ip=(\S+) --port=(\d{1,5})\b")
"""What `gpus` says already."""


@dataclass(frozen=True, slots=True)
class Additions:
    """What a launch adds to a profile's environment by itself; `secret_names`: anew for every container."""

    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Here:
    """The host it was captured on. `user`: what `user: host` means there, `groups`: what comes with it. `gpus`: how
    many there are."""

    host: str
    home: str
    user: str | None
    gpus: int
    swap_counted: bool = True
    groups: tuple[str, ...] = ()


def portable(captured: Captured, here: Here, additions: Callable[[Profile], Additions]) -> Captured:
    """`additions` is asked once everything else of the profile is known, for they depend on it."""
    notes = list(captured.notes)
    raw = captured.profile
    mine = raw.user != "image" and _same_user(raw.user, here.user)
    profile = replace(
        raw,
        description=f"captured from {here.host}/{raw.name}",
        gpus=_count(raw.gpus, here, notes),
        memswap_limit=None if raw.memswap_limit == -1 and not here.swap_counted else raw.memswap_limit,
        user="host" if mine else raw.user,
        group_add=tuple(group for group in raw.group_add if not (mine and group in here.groups)),
        volumes=tuple(_below_home(volume, here.home) for volume in raw.volumes if _sayable(volume, notes)),
        labels={key: text for key, text in raw.labels.items() if _label(key, text, notes)},
        environment={},
    )
    profile = _unwrapped(profile)
    added = additions(profile)
    environment, secrets = _environment(raw.environment, added, captured.secret_names, notes)
    return Captured(replace(profile, environment=environment), tuple(notes), secrets, captured.secret_names)


def _count(wish: GpuWish, here: Here, notes: list[str]) -> GpuWish:
    """As many as it has: those it has stay with it."""
    number = here.gpus if wish.all else wish.count or len(wish.indices) + len(wish.uuids)
    if wish.none or (wish.all and not here.gpus):
        return wish
    which = "all" if wish.all else ", ".join([*wish.uuids, *map(str, wish.indices)])
    notes.append(f"which GPUs it has on {here.host}: {which or number}")
    return GpuWish(count=number)


def _same_user(user: str, host_user: str | None) -> bool:
    return {"root": "0:0"}.get(user, user) == host_user


def _below_home(volume: Volume, home: str) -> Volume:
    """My home by `~`: it lies elsewhere on other hosts."""
    source = volume.source or ""
    if volume.type != "bind" or not home.startswith("/") or home == "/":
        return volume
    if source == home or source.startswith(f"{home}/"):
        return replace(volume, source=f"~{source[len(home) :]}")
    return volume


def _sayable(volume: Volume, notes: list[str]) -> bool:
    fine = ":" not in volume.target and not _CONTROL.search(volume.target + (volume.source or ""))
    if not fine:
        notes.append(f"the mount at {plain(volume.target, 200)}: its path can't stand in a profile")
    return fine


def _label(name: str, text: str, notes: list[str]) -> bool:
    if is_secret(name, text):
        notes.append(f"the label {plain(name, 100)}: it may hold a secret")
    elif _CONTROL.search(name + text):
        notes.append(f"the label {plain(name, 100)}: control characters can't stand in a profile")
    else:
        return True
    return False


def _unwrapped(profile: Profile) -> Profile:
    """tmux and Jupyter as keys again, where gpuws' own wrapper started them."""
    command = profile.command or ()
    if command[:2] != ("sh", "-c") or command[3:4] != ("gpuws",):
        return profile
    session, server = _SESSION.search(command[2]), _JUPYTER.search(command[2])
    bare = replace(
        profile,
        command=command[4:],
        tmux=TmuxWish(session[2]) if session else None,
        jupyter=_wish(server, profile.network_mode) if server else None,
    )
    if wrapper.command_of(bare) != command:  # made by another gpuws: as it stands it still works
        return profile
    port = bare.jupyter.port if bare.jupyter else None
    return replace(bare, ports=tuple(one for one in bare.ports if one != PortWish(port or 0)))


def _wish(server: re.Match[str], network: str | None) -> JupyterWish:
    loopback = server[2] == "127.0.0.1" and network != "host"
    bind: Literal["container", "loopback"] = "loopback" if loopback else "container"
    return JupyterWish(int(server[3]), bind=bind, restart="on-failure" if server[1] else "no")


def _environment(
    values: Mapping[str, str | None], added: Additions, named: Collection[str], notes: list[str]
) -> tuple[dict[str, str | None], dict[str, str]]:
    """The profile's variables, and the values of those it only names."""
    kept: dict[str, str | None] = {}
    secrets: dict[str, str] = {}
    for name, value in values.items():
        if value is None or name == VISIBLE or name in added.secret_names or added.environment.get(name) == value:
            continue
        if not _VARIABLE.match(name) or _CONTROL.search(value):
            notes.append(f"the variable {plain(name, 100)}: control characters can't stand in a profile")
        elif name in named or is_secret(name, value):
            kept[name], secrets[name] = None, value
        else:
            kept[name] = value
    return kept, secrets
