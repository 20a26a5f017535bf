"""What must be asked before harm (INTERFACE §3): mine asks, busy with figures, not mine for the name. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.model import units
from gpuws.model.commands import docker_command, on_host
from gpuws.model.container import Container
from gpuws.model.gpu import Gpu
from gpuws.model.image import Image
from gpuws.model.snapshot import HostSnapshot

BUSY_PERCENT = 5.0
HARMFUL = frozenset({"stop", "restart", "kill", "remove", "recreate"})
UNMAKING = frozenset({"remove", "recreate"})
LOST = "files written inside it, outside its volumes, are lost."


@dataclass(frozen=True, slots=True)
class Confirmation:
    """`word`: what the user must type; None: a plain yes is enough."""

    title: str
    lines: tuple[str, ...]
    command: str
    word: str | None = None
    busy: bool = False


def confirmation(
    action: str, container: Container, snapshot: HostSnapshot, now: float, *, force: bool = False
) -> Confirmation:
    """What to show and to ask before `action` is done to `container`."""
    gpus = [gpu for gpu in snapshot.gpus if holds(container, gpu)]
    busy = any((gpu.utilization or 0) >= BUSY_PERCENT for gpu in gpus)
    word = None if container.mine else container.name
    owner = "your" if container.mine else f"{container.owner}'s" if container.owner else "somebody's"
    facts = [f"{owner} container", container.state]
    if container.created is not None:
        facts.append(f"made {units.duration(now - container.created)} ago")
    facts += _gpu_facts(container, gpus)
    sessions = [s.name for s in snapshot.sessions if s.container == container.name]
    lines = [", ".join(facts) + "."]
    if sessions:
        lines.append(f"tmux: {', '.join(sessions)}.")
    if action in UNMAKING:
        lines.append(f"It stops, and {LOST}" if container.running else LOST.capitalize())
    if word:
        lines.append("It is not yours: type its name to go on.")
    command = on_host(snapshot.name, docker_command(action, container, force=force))
    return Confirmation(
        f"{action.capitalize()} {container.name} on {snapshot.name}?", tuple(lines), command, word, busy
    )


def image_confirmation(image: Image, name: str, snapshot: HostSnapshot, now: float, *, force: bool) -> Confirmation:
    """What to ask before `name` of `image` is removed. Nobody owns an image: what counts is whose containers use it."""
    facts = [units.size(image.size)]
    if image.created is not None:
        facts.append(f"made {units.duration(now - image.created)} ago")
    lines = [", ".join(facts) + "."]
    if other := [known for known in image.names if known != name]:
        lines.append(f"It has other names and stays under them: {', '.join(other)}.")
    mine = {container.name for container in snapshot.containers if container.mine}
    if image.used_by:
        lines.append(f"Containers made from it: {', '.join(image.used_by)}.")
    word = None if set(image.used_by) <= mine else name
    if word:
        lines.append("Not all of them are yours: type its name to go on.")
    command = shlex.join(["docker", "rmi", *(["-f"] if force else []), name])
    return Confirmation(f"Remove {name} from {snapshot.name}?", tuple(lines), on_host(snapshot.name, command), word)


def holds(container: Container, gpu: Gpu) -> bool:
    return any(h.kind != "process" and h.name == container.name for h in gpu.held_by)


def _gpu_facts(container: Container, gpus: Sequence[Gpu]) -> list[str]:
    if not gpus:
        return []
    known = [gpu.utilization for gpu in gpus if gpu.utilization is not None]
    load = f" at {max(known):.0f}%" if known else ""
    facts = [f"{len(gpus)} GPU{'s' if len(gpus) > 1 else ''}{load}"]
    if container.gpu_memory:
        facts.append(f"{units.size(container.gpu_memory)} of GPU memory in use")
    return facts
