"""What of a selection may end, so that one can be told of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gpuws.model.host.host import HostState
from gpuws.model.notice.seen import session_key, shown
from gpuws.model.notice.watch import Thing, until
from gpuws.model.session.session import Session
from gpuws.model.workspace.workspace import Workspace
from gpuws.present.line import clean
from gpuws.tui.selection import Selection


@dataclass(frozen=True, slots=True)
class Ending:
    """As `Fleet.begin_watch` takes it. `missing`: why it can't end, "" where it can."""

    thing: Thing
    host: str
    key: str
    label: str
    missing: str = ""


def endings(selection: Selection) -> tuple[Ending, ...]:
    """What the cursor is on, or all that are marked; () where that has no end."""
    return tuple(_endings(selection))


def _endings(it: Selection) -> Iterator[Ending]:
    host = it.host
    if it.tunnel is not None:
        return
    if it.marked:
        yield from (_container(host, one) for one in it.marked)
    elif it.process is not None:
        name = clean((it.process.command or "process").split(" ")[0].rpartition("/")[2], 40)
        yield Ending("process", host, str(it.process.pid), f"{name} (pid {it.process.pid})")
    elif (kernel := it.kernel) is not None:
        unread = "" if kernel.notebook else "no server tells of its kernel"
        resting = "its kernel is idle" if kernel.idle_since is not None else unread
        yield Ending("kernel", host, kernel.id, clean(kernel.name, 60), resting)
    elif it.session is not None:
        yield _session(host, it.session)
    elif it.container is not None:
        yield _container(host, it.container)
    else:
        yield _place(it)


def _container(host: str, one: Workspace) -> Ending:
    missing = "" if one.state != "exited" else f"{one.name} is {one.status}"
    return Ending("container", host, one.id, clean(one.name, 60), missing)


def _session(host: str, one: Session) -> Ending:
    now = shown(one)
    words = {"rest": "nothing runs in it: its prompt waits", "ended": "it has ended", "waiting": "it waits for you now"}
    return Ending("session", host, session_key(one), now.label, words.get(now.what, ""))


def _place(it: Selection) -> Ending:
    host, snapshot, place = it.host, it.snapshot, it.mig or it.gpu
    if it.gpu is not None and place is not None:
        label = f"GPU {it.gpu.index}" + (f":{it.mig.index}" if it.mig is not None else "")
        return Ending("gpu", host, place.uuid, label, f"{label} is free" if place.free else "")
    if snapshot.state is not HostState.UP:
        return Ending("host", host, "away", host)
    free = not snapshot.gpus or any(gpu.free for gpu in snapshot.gpus)
    return Ending(
        "host", host, "busy", host, f"{host} is there, and has a GPU free: N is for what runs" if free else ""
    )


def when(ending: Ending) -> str:
    """`train ends`."""
    return until(ending.thing, ending.key, ending.label)
