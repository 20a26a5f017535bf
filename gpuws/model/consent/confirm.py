"""What must be asked before harm (INTERFACE §3), one rule for screen and shell. Pure.

What ends or removes something of mine asks for a yes, busy with figures; whatever touches what is not mine asks for its
name. Starting something of mine on a GPU that somebody else is on asks for that person's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gpuws.model import units
from gpuws.model.consent import facts
from gpuws.model.consent.shell_command import act_command, filled, on_host
from gpuws.model.errors import Refused
from gpuws.model.gpu.gpu import GpuProcess
from gpuws.model.host.naming import labelled
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.others import Other, others_on, within_reach
from gpuws.model.placement.plan import Plan
from gpuws.model.session.session import Session
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.text import typed
from gpuws.model.workspace.image import Image
from gpuws.model.workspace.workspace import Workspace

Verb = Literal[
    "attach", "shell", "exec", "copy", "jupyter", "start", "stop", "restart", "kill", "pause",
    "unpause", "rename", "remove", "recreate",
    "new_session", "rename_session", "detach_clients", "kill_session", "signal",
]  # fmt: skip
"""`attach`: with writing; looking on asks nothing. `copy`: into it. `jupyter`: into its notebook server with the token
that is found inside, which makes one its owner there; a mere tunnel asks nothing."""

Subject = Workspace | Session | GpuProcess | None
"""None: the host itself, on which I act as whoever logged in there."""

_TITLES: Mapping[Verb, str] = {
    "attach": "Write into",
    "shell": "Open a shell in",
    "exec": "Run a program in",
    "copy": "Copy into",
    "jupyter": "Open the notebooks of",
    "new_session": "Make a tmux session in",
    "rename_session": "Rename tmux session",
    "detach_clients": "Detach everybody from tmux session",
    "kill_session": "Kill tmux session",
    "signal": "End",
}
ENDS: frozenset[Verb] = frozenset(
    {"stop", "restart", "kill", "pause", "unpause", "rename", "remove", "recreate", "kill_session", "signal"}
)
"""What asks of mine, too: it ends or holds up what runs, or takes the name by which others find it."""

LOOKS: frozenset[Verb] = frozenset({"jupyter"})
"""What a read-only host lets through: it changes nothing there."""

CUTS: frozenset[Verb] = frozenset({"stop", "restart", "kill", "pause", "remove", "recreate"})
"""What ends, or holds up, every connection into it."""

UNMAKES: frozenset[Verb] = frozenset({"remove", "recreate"})
BEGINS: frozenset[Verb] = frozenset({"start", "restart", "recreate"})
"""What takes GPUs into use."""

LOST = "files written inside it, outside its volumes, are lost."
FOREIGN, SHARED = "It is not yours", "Somebody else is on its GPU"
WRITTEN_OVER = "It is written over"
SHOWN = 8
"""Rows of what is asked for at once."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """`word`: what must be typed; None: a plain yes is enough. `row`: the subject beside others, in one line.

    `removes_running`: it is there and running, and will not be there any more."""

    title: str
    lines: tuple[str, ...]
    command: str
    word: str | None = None
    busy: bool = False
    removes_running: bool = False
    row: str = ""


def confirmation(
    verb: Verb,
    subject: Subject,
    snapshot: HostSnapshot,
    now: float,
    *,
    command: str | None = None,
    force: bool = False,
    tunnels: Sequence[Tunnel] = (),
) -> Confirmation | None:
    """What to show and to ask before `verb` is done to `subject`; None: nothing. `Refused` on a read-only host, and
    for a tmux server in a container that is not mine: it would run as its default user, and stay.

    `command`: the equivalent one, where it is more than the engine's own. `tunnels`: those that are open."""
    if verb not in LOOKS:
        writable(snapshot)
    if subject is None:
        return None
    told = facts.of(subject, snapshot, now)
    if verb == "new_session" and not told.mine:
        raise Refused(f"{told.name} is not yours: tmux is never started there", "its own sessions: gpuws tmux ls")
    others = _others(verb, subject, snapshot, now)
    words = [*([] if told.mine else [told.word]), *_words(others)]
    if not words and verb not in ENDS:
        return None
    whose = SHARED if told.mine else FOREIGN if not others else f"{FOREIGN}, and nor is its GPU"
    if command is None and isinstance(subject, Workspace):
        command = act_command(verb, subject, snapshot, force=force)
    cut = [one for one in tunnels if one.place == subject.place] if isinstance(subject, Workspace) else []
    cut = cut if verb in CUTS else []
    return Confirmation(
        f"{_TITLES.get(verb, verb.capitalize())} {told.name} on {snapshot.name}?",
        (*told.lines, *cuts(cut), *_loss(verb, subject), *(other.detail for other in others), *_to_type(words, whose)),
        command or "",
        one_word(words),
        told.busy,
        verb in UNMAKES and isinstance(subject, Workspace) and subject.alive,
        f"{told.row}  {units.count(len(cut), 'tunnel')}" if cut else told.row,
    )


def launch_confirmation(plan: Plan, problems: Sequence[str] = ()) -> Confirmation | None:
    """What to ask before a plan is carried out; None: nothing. `problems`: failed checks that are to be overridden."""
    there = [one for one in plan.data if one.there]
    words = [*_words(plan.others), *(typed(one.to, plan.host) for one in there)]
    if not words and not problems:
        return None
    failed = f"{units.count(len(problems), 'check')} failed"
    although = f" although {failed}" if problems else ""
    lines = (
        *(f"✗ {problem}" for problem in problems),
        *(other.detail for other in plan.others),
        *(f"{one.to} is there already: files of the same name in it are written over for good." for one in there),
        *_to_type(words, SHARED if plan.others else WRITTEN_OVER),
    )
    title = f"Launch {plan.spec.name} on {plan.host}{although}?"
    return Confirmation(title, lines, plan.command, one_word(words), busy=True)


def image_confirmation(
    image: Image, name: str, snapshot: HostSnapshot, now: float, *, force: bool = False
) -> Confirmation:
    """What to ask before `name` of `image` is removed. Nobody owns an image: what counts is whose containers use it."""
    writable(snapshot)
    said = [units.size(image.size)]
    if image.created is not None:
        said.append(f"made {units.duration(now - image.created)} ago")
    lines = [", ".join(said) + "."]
    if other := [known for known in image.names if known != name]:
        lines.append(f"It has other names and stays under them: {', '.join(other)}.")
    mine = {container.name for container in snapshot.workspaces if container.mine}
    if image.used_by:
        lines.append(f"Containers made from it: {', '.join(image.used_by)}.")
    asked = [] if set(image.used_by) <= mine else [typed(name, image.short_id)]
    words = snapshot.caps.commands
    command = filled(words.remove_used_image if force else words.remove_image, image=name)
    title = f"Remove {name} from {snapshot.name}?"
    row = f"{name}  {units.size(image.size)}"
    return Confirmation(
        title,
        (*lines, *_to_type(asked, "Not all of these are yours")),
        on_host(snapshot.name, command),
        one_word(asked),
        row=row,
    )


def prune_confirmation(images: Sequence[Image], snapshot: HostSnapshot, now: float) -> Confirmation:
    """What to ask before loose images are removed, the largest first. Nobody knows whose they are."""
    writable(snapshot)
    total = units.size(sum(image.size or 0 for image in images))
    ordered = sorted(images, key=lambda image: -(image.size or 0))
    lines = (
        f"{units.count(len(images), 'image')} to which no name leads and which no container uses,",
        f"{total} with the layers they share. Those that others built are among them.",
        *(_loose(image, now) for image in ordered[:SHOWN]),
        *([f"and {len(images) - SHOWN} more"] if len(images) > SHOWN else []),
    )
    command = on_host(snapshot.name, snapshot.caps.commands.prune_images)
    return Confirmation(f"Prune images on {snapshot.name}?", lines, command)


def _loose(image: Image, now: float) -> str:
    made = "" if image.created is None else f", made {units.duration(now - image.created)} ago"
    return f"{image.short_id}  {units.size(image.size)}{made}"


def together(title: str, wanted: Sequence[Confirmation | None]) -> Confirmation | None:
    """One question for all of them, None where none is asked anything: not mine are confirmed by their count."""
    asked = [one for one in wanted if one is not None]
    if len(wanted) == 1 or not asked:
        return next(iter(asked), None)
    lines = [one.row for one in asked[:SHOWN]]
    if len(asked) > SHOWN:
        lines.append(f"and {len(asked) - SHOWN} more")
    foreign = [one.word for one in asked if one.word]
    return Confirmation(
        title,
        (*lines, *_to_type(foreign, "Not all of these are yours")),
        f"{asked[0].command} …",
        one_word(foreign),
        any(one.busy for one in asked),
        any(one.removes_running for one in asked),
    )


def one_word(words: Sequence[str]) -> str | None:
    """What confirms things that are not mine: of one its name, of several their count."""
    return None if not words else words[0] if len(words) == 1 else str(len(words))


def writable(snapshot: HostSnapshot) -> HostSnapshot:
    """`snapshot`, if its host may be changed; else `Refused`."""
    if snapshot.readonly:
        also = f" (also called {', '.join(snapshot.aliases)}: the same machine)" if snapshot.aliases else ""
        raise Refused(f"{snapshot.name} is read-only", f"drop `readonly` from hosts.yaml{also} or --readonly")
    return snapshot


def _others(verb: Verb, subject: Subject, snapshot: HostSnapshot, now: float) -> tuple[Other, ...]:
    """Who else is on the GPUs that this puts to use. What runs already is restarted where it was."""
    if verb not in BEGINS or not isinstance(subject, Workspace) or (verb == "restart" and subject.alive):
        return ()
    names = (*subject.gpus, *subject.reach)
    if names and "telemetry" not in snapshot.complete:
        return tuple(
            Other(labelled(snapshot.name, name[:12]), f"Who is on GPU {name} can't be seen.") for name in names
        )
    return others_on(within_reach(names, snapshot.gpus), snapshot.name, now, besides=subject)


def _words(others: Sequence[Other]) -> list[str]:
    """Each person once."""
    return list(dict.fromkeys(other.word for other in others))


def _loss(verb: Verb, subject: Subject) -> list[str]:
    if verb == "kill_session":
        return ["What runs in it ends."]
    if verb in UNMAKES and isinstance(subject, Workspace):
        return [f"It stops, and {LOST}" if subject.alive else LOST.capitalize()]
    return []


def cuts(tunnels: Sequence[Tunnel]) -> list[str]:
    """Which tunnels lead there; they keep their port, and lead to whatever bears the name next."""
    if not tunnels:
        return []
    open_ = sum(one.connections for one in tunnels)
    shown = ", ".join(f"{one.here} → {one.target.text}" for one in tunnels[:SHOWN])
    more = f" and {len(tunnels) - SHOWN} more" if len(tunnels) > SHOWN else ""
    used = f" ({units.count(open_, 'connection')} open)" if open_ else ""
    return [f"It cuts {units.count(len(tunnels), 'tunnel')}: {shown}{more}{used}."]


def _to_type(words: Sequence[str], why: str) -> list[str]:
    if len(words) < 2:
        return [f"{why}: type {word} to go on." for word in words]
    shown = ", ".join(words[:SHOWN]) + (" …" if len(words) > SHOWN else "")
    return [f"{why}: {shown}. Type how many they are, {len(words)}, to go on."]
