"""What happened on a host between two looks, as notices. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gpuws.model.gpu.gpu import Gpu
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.notice import faulting
from gpuws.model.notice.lasting import host_change
from gpuws.model.notice.notice import Kind, Level, Notice, identity, named, said
from gpuws.model.notice.seen import (
    ROOM,
    Doing,
    Limit,
    Seen,
    SeenContainer,
    SeenGpu,
    SeenSession,
    doings,
    limits,
    of_a_container,
    up,
)
from gpuws.model.session.session import Session
from gpuws.model.session.shells import SHELLS
from gpuws.model.units import count, duration
from gpuws.model.workspace.workspace import Workspace

LONG = 20.0
"""Seconds that a command must have run before the prompt that comes back is told."""
STATUS = 4.0
"""Seconds for which one waits for the status of what ended."""
HELD = 10.0
"""Seconds that a GPU must have been held before that it came free is told; and it must stay free for `FREED`."""
FREED = 3.0
ATTENDED = 30.0
"""Seconds after a key was pressed in a session in which whoever pressed it needs no word of what waits there."""
GOES_ON = 2.0
"""Seconds that a container must outlive memory that ran out in it: the engine tells of that before it tells that its
first program was the one that was killed."""
CALM = 600.0
"""Seconds for which a container that restarts again and again is told of once."""
MOST_NAMED = 8
RESTARTING = "restarting"


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a host. `salt`: makes the ids of one book its own."""

    salt: str
    snapshot: HostSnapshot
    now: float

    def notice(self, kind: Kind, key: str, subject: str, text: str, mine: bool | None, level: Level = "bad") -> Notice:
        host = self.snapshot.name
        return Notice(
            identity(kind, self.salt, host, key), kind, host, named(subject), said(host, text), self.now, mine, level
        )


def judged(salt: str, before: Seen, snapshot: HostSnapshot, now: float) -> tuple[Seen, tuple[Notice, ...]]:
    """What is remembered after this look, and what is to be told. What is seen for the first time is no news."""
    look, told = Look(salt, snapshot, now), list[Notice]()
    host, change = host_change(salt, before.host, snapshot, now)
    told += [change] if change else []
    after = replace(before, host=host)
    if up(snapshot):
        if "containers" in snapshot.complete:
            containers, news = _containers(look, before.containers)
            after, told = replace(after, containers=containers), told + news
        if "sessions" in snapshot.complete:
            sessions, news = _sessions(look, before.sessions)
            after, told = replace(after, sessions=sessions), told + news
        if "telemetry" in snapshot.complete and snapshot.coverage != "none":
            gpus, news = _gpus(look, before.gpus)
            after, told = replace(after, gpus=gpus), told + news
        after, news = _limits(look, after, first=before.host is None)
        told += news
    return after, tuple(told)


# containers


def _containers(
    look: Look, before: Mapping[str, SeenContainer] | None
) -> tuple[dict[str, SeenContainer], list[Notice]]:
    after, told = dict[str, SeenContainer](), list[Notice]()
    silent = look.snapshot.engine is not None and look.snapshot.engine.error is not None
    for one in look.snapshot.workspaces:
        known = (before or {}).get(one.id)
        seen = SeenContainer(one.name, one.alive and one.status != RESTARTING, one.mine, _kills(one))
        seen = replace(seen, gpu_memory=one.gpu_out_of_memory is not None)
        if known is not None:
            seen = replace(seen, ends=known.ends, restarted_at=known.restarted_at, killed_at=known.killed_at)
            seen, news = _container(look, known, seen, one)
            told += news
        after[one.id] = seen
    for identity_, known in (before or {}).items():
        if identity_ in after or not known.alive:
            continue
        if silent:  # what an engine that fails does not list has not ended; those beside it go on to be told
            after[identity_] = known
        else:
            text = f"{known.name} ended, and was removed"
            told.append(look.notice("container", f"{identity_} gone", known.name, text, known.mine, "plain"))
    return after, told


def _container(
    look: Look, known: SeenContainer, seen: SeenContainer, one: Workspace
) -> tuple[SeenContainer, list[Notice]]:
    key = f"{one.id} {known.ends + 1}"
    if one.status == RESTARTING:
        if known.restarted_at is not None and look.now - known.restarted_at < CALM:
            return seen, []
        seen = replace(seen, ends=known.ends + 1, restarted_at=look.now)
        text = f"{one.name} died, and is started again and again"
        return seen, [look.notice("container", key, one.name, text, one.mine)]
    if known.alive and one.state == "exited":
        seen = replace(seen, ends=known.ends + 1)
        return seen, [look.notice(*_ending(one, key), one.mine, "bad" if one.failed else "plain")]
    if one.gpu_out_of_memory is not None and not known.gpu_memory:  # its log was read after its end was told
        text = f"{one.name}: {one.gpu_out_of_memory}"
        return seen, [look.notice("oom", f"{one.id} {known.ends} gpu", one.name, text, one.mine)]
    if seen.kills > known.kills and one.alive:
        since = look.now if known.killed_at is None else known.killed_at
        if look.now - since < GOES_ON:
            return replace(seen, kills=known.kills, killed_at=since), []
        seen = replace(seen, ends=known.ends + 1, killed_at=None)
        return seen, [look.notice("oom", key, one.name, f"memory ran out in {one.name}, which goes on", one.mine)]
    return replace(seen, killed_at=None), []


def _ending(one: Workspace, key: str) -> tuple[Kind, str, str, str]:
    why = f": {one.reason}" if one.reason else ""
    if one.out_of_memory == "killed":
        return "oom", key, one.name, f"{one.name} was killed: out of memory"
    return "container", key, one.name, f"{one.name} {'died' if one.failed else 'ended'}{why}"


def _kills(one: Workspace) -> int:
    """How often memory ran out in it, as far as that is known."""
    return max(one.oom_kills or 0, 0 if one.out_of_memory is None else 1)


# sessions


def _sessions(look: Look, before: Mapping[str, SeenSession] | None) -> tuple[dict[str, SeenSession], list[Notice]]:
    after, told = dict[str, SeenSession](), list[Notice]()
    for session in look.snapshot.sessions:
        for one in doings(session):
            known = (before or {}).get(one.key)
            seen = SeenSession(one.label, _now(known, one), look.now, session.mine, one.command)
            if known is not None and (kept := _kept(look, known, one, session)) is not None:
                after[one.key] = kept
                continue
            if known is not None:
                same = known.doing == seen.doing
                seen = replace(seen, number=known.number, since=known.since if same else look.now)
                if not same and (news := _changed(look, known, one, session)) is not None:
                    seen = replace(seen, number=known.number + 1)
                    told.append(news)
            after[one.key] = seen
    listed = {one.name for one in look.snapshot.workspaces if one.alive}
    for key, known in (before or {}).items():
        container = key.partition("/")[0]
        if key not in after and known.doing in ("busy", "waiting") and (not container or container in listed):
            text = f"{known.label} is gone, and {known.command or 'what ran'} with it"
            told.append(look.notice("command", f"{key} gone", known.label, text, known.mine, "plain"))
    return after, told


def _now(known: SeenSession | None, one: Doing) -> str:
    """Where the screen was not read only another command tells of a change: a script, or a question, runs in a shell,
    too."""
    if known is None or one.judged or one.what == "ended" or known.command != one.command:
        return one.what
    return known.doing


def _kept(look: Look, known: SeenSession, one: Doing, session: Session) -> SeenSession | None:
    """What is remembered where it is to be judged again: it may not be all, or its person is still there to see."""
    if _too_early(look, known, one):
        return replace(known, ending=known.ending or look.now)
    return known if one.what == "waiting" and known.doing == "busy" and _attended(session, look.now) else None


def _attended(session: Session, now: float) -> bool:
    """Somebody has just typed in it; by the clock of its host."""
    typed = (each.typed for each in session.clients if not each.readonly and each.typed is not None)
    return any(0 <= now - at < ATTENDED for at in typed)


def _too_early(look: Look, known: SeenSession, one: Doing) -> bool:
    """It has just ended, and its status may come with the next list."""
    since = look.now if known.ending is None else known.ending
    return one.what == "ended" and one.status is None and known.doing != "ended" and look.now - since < STATUS


def _changed(look: Look, known: SeenSession, one: Doing, session: Session) -> Notice | None:
    number, mine = f"{one.key} {known.number + 1}", session.mine
    if one.what in ("waiting", "rest") and _attended(session, look.now):
        return None  # an editor that was just opened, a prompt that came back before one's eyes
    if one.what == "waiting":
        what = f"{one.command} in " if one.command and one.command.lstrip("-") not in SHELLS else ""
        return look.notice("waiting", number, one.label, f"{what}{one.label} waits for you", mine, "plain")
    if one.what == "ended":
        how = "ended" if one.status is None else f"exited {one.status}"
        what = known.command or one.command or "its command"
        return look.notice(
            "command", number, one.label, f"{what} in {one.label} {how}", mine, "bad" if one.status else "good"
        )
    if one.what == "rest" and known.doing == "busy" and look.now - known.since >= LONG:
        text = f"{known.command or 'what ran'} in {one.label} ended after {duration(look.now - known.since)}"
        return look.notice("command", number, one.label, text, mine, "plain")
    return None


# GPUs


def _gpus(look: Look, before: Mapping[str, SeenGpu] | None) -> tuple[dict[str, SeenGpu], list[Notice]]:
    after, told, freed = dict[str, SeenGpu](), list[Notice](), list[SeenGpu]()
    for gpu in look.snapshot.gpus:
        known = (before or {}).get(gpu.uuid)
        seen, news = _health(look, gpu, known)
        if known is not None:
            seen, came = _freed(look, gpu, known, seen)
            freed += [seen] if came else []
        seen, fault = faulting.faulted(look.snapshot, gpu, known, seen, look.now)
        if fault is not None and gpu.health == "ok":  # else that is told
            key, mine = f"{gpu.uuid} fault {fault.at:.0f}", faulting.mine(fault, gpu, known)
            text = faulting.sentence(fault, f"GPU {gpu.index}", (gpu,))
            news = [*news, look.notice("gpu", key, f"GPU {gpu.index}", text, mine)]
        told += news
        after[gpu.uuid] = seen
    for uuid, known in (before or {}).items():
        if uuid not in after:
            if known.health == "ok":
                key = f"{uuid} {known.number + 1}"
                known = replace(known, health="missing", number=known.number + 1)
                told.append(
                    look.notice("gpu", key, f"GPU {known.index}", f"GPU {known.index} is not there any more", None)
                )
            after[uuid] = known
    if freed:
        told.append(_came_free(look, freed))
    return after, told


def _health(look: Look, gpu: Gpu, known: SeenGpu | None) -> tuple[SeenGpu, list[Notice]]:
    free = {"free": True, "held": False}.get(gpu.availability.state)
    seen = SeenGpu(gpu.index, gpu.health, free, look.now, gpu.mine)
    if known is None or known.health == gpu.health:
        return (replace(seen, number=known.number) if known else seen), []
    seen = replace(seen, number=known.number + 1)
    key, name = f"{gpu.uuid} {seen.number}", f"GPU {gpu.index}"
    if gpu.health == "ok":
        return seen, [look.notice("gpu", key, name, f"{name} is back", None, "good")]
    why = f": {gpu.error}" if gpu.error else ""
    return seen, [look.notice("gpu", key, name, f"{name} {gpu.health.replace('-', ' ')}{why}", None)]


def _freed(look: Look, gpu: Gpu, known: SeenGpu, seen: SeenGpu) -> tuple[SeenGpu, bool]:
    """What is not known for a moment changes nothing."""
    if seen.free is None:
        return replace(seen, free=known.free, since=known.since, mine=known.mine, told=known.told), False
    if seen.free != known.free:
        news = seen.free and known.free is False and look.now - known.since >= HELD
        mine = known.mine if seen.free else gpu.mine
        return replace(seen, mine=mine, told=not news, number=seen.number + bool(news)), False
    seen = replace(seen, since=known.since, told=known.told, mine=known.mine if seen.free else gpu.mine)
    if seen.free and not seen.told and look.now - seen.since >= FREED:
        return replace(seen, told=True), True
    return seen, False


def _came_free(look: Look, freed: Sequence[SeenGpu]) -> Notice:
    names = ", ".join(str(gpu.index) for gpu in freed[:MOST_NAMED]) + (" …" if len(freed) > MOST_NAMED else "")
    key = " ".join(f"{gpu.index}.{gpu.number}" for gpu in freed)
    kinds = {gpu.index: gpu.name for gpu in look.snapshot.gpus}
    model = kinds.get(freed[0].index, "")
    what = f"GPU {names}" if len(freed) == 1 else f"{count(len(freed), 'GPU')} ({names})"
    mine = True if any(gpu.mine for gpu in freed) else None
    return look.notice("free", f"free {key}", f"GPU {names}", f"{what} came free: {model}", mine, "good")


# limits


def _limits(look: Look, seen: Seen, *, first: bool) -> tuple[Seen, list[Notice]]:
    """Each once until there is room again. What is full when a host is seen for the first time is no news."""
    known, told, number = _still_there(seen), list[Notice](), seen.number
    for key, one in limits(look.snapshot).items():
        if one.part < one.bound - ROOM:
            known.pop(key, None)
        elif one.part >= one.bound and key not in known:
            known[key] = one.part
            number += 1
            if not first:
                told.append(_nearly_full(look, f"{key} {number}", one))
    return replace(seen, limits=known, number=number), told


def _nearly_full(look: Look, key: str, one: Limit) -> Notice:
    subject, mine = (one.container.name, one.container.mine) if one.container else (one.name, None)
    return look.notice("limit", key, subject, f"{one.name} is {one.part:.0%} full", mine)


def _still_there(seen: Seen) -> dict[str, float]:
    """What was full, but for containers that are gone."""
    boxes, known = seen.containers, (seen.limits or {}).items()
    return {key: part for key, part in known if boxes is None or not (box := of_a_container(key)) or box in boxes}


def parts(notices: Sequence[Notice]) -> Iterator[str]:
    """How many of each kind, as `3 container, 1 host`."""
    kinds = [one.kind for one in notices]
    yield from (f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
