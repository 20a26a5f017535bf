"""What is said of a thing before it is touched: whose it is, how busy, what it is typed as. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.model import units
from gpuws.model.gpu.gpu import Gpu, GpuProcess, processes_of
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.join import program
from gpuws.model.session.session import Session
from gpuws.model.session.shells import SHELLS
from gpuws.model.text import plain, typed
from gpuws.model.workspace.workspace import Workspace

BUSY_PERCENT = 5.0
SHOWN = 6
"""Programs of a session that are named."""
LONGEST = 60
"""Characters of a program's name that somebody would type."""


@dataclass(frozen=True, slots=True)
class Facts:
    """`name`: as titles say it; `word`: as it is typed; `row`: one line beside others."""

    name: str
    word: str
    mine: bool
    busy: bool
    lines: tuple[str, ...]
    row: str


def of(subject: Workspace | Session | GpuProcess, snapshot: HostSnapshot, now: float) -> Facts:
    if isinstance(subject, Workspace):
        return _container(subject, snapshot, now)
    return _session(subject, snapshot, now) if isinstance(subject, Session) else _process(subject, snapshot, now)


def owner_of(subject: Workspace | Session, snapshot: HostSnapshot) -> str | None:
    """Whose it is, as far as that is known; a session in a container is its owner's."""
    if isinstance(subject, Workspace):
        return subject.owner
    home = next((one for one in snapshot.workspaces if one.name == subject.container), None)
    return home.owner if home else subject.written[0]


def holds(container: Workspace, gpu: Gpu) -> bool:
    return any(h.kind != "process" and h.name == container.name for h in gpu.held_by)


def process_name(process: GpuProcess) -> str:
    """What a person calls it; its pid where that can't be typed."""
    name = program(process.command) or ""
    return typed(name if len(name) <= LONGEST else "", str(process.pid))


def gpus_of(process: GpuProcess, snapshot: HostSnapshot) -> list[tuple[Gpu, GpuProcess]]:
    """Each GPU that it holds, with what it has there."""
    return [(gpu, each) for gpu in snapshot.gpus for each in processes_of(gpu) if each.pid == process.pid]


def inside(process: GpuProcess) -> str:
    """Where it lives: container, tmux session, notebook, job of a queue."""
    session = f"tmux:{plain(process.session, 40)}" if process.session else None
    places = (
        plain(process.container or "", 60),
        session,
        plain(process.notebook or "", 60),
        plain(process.job or "", 40),
    )
    return " · ".join(place for place in places if place)


def _container(container: Workspace, snapshot: HostSnapshot, now: float) -> Facts:
    gpus = [gpu for gpu in snapshot.gpus if holds(container, gpu)]
    what = "workspace" if container.on_host else "container"
    said = [f"{_whose(mine=container.mine, user=container.owner)} {what}", container.status]
    if container.created is not None:
        said.append(f"made {units.duration(now - container.created)} ago")
    lines = [", ".join([*said, *_gpu_facts(container, gpus)]) + "."]
    if sessions := [one.name for one in snapshot.sessions if one.container == container.name]:
        lines.append(f"tmux: {', '.join(sessions)}.")
    return Facts(
        container.name,
        typed(container.name, container.id[:12]),
        container.mine,
        any((gpu.utilization or 0) >= BUSY_PERCENT for gpu in gpus),
        tuple(lines),
        f"{container.name}  {container.owner or 'no owner'}  {container.status}",
    )


def _session(session: Session, snapshot: HostSnapshot, now: float) -> Facts:
    where = f" in {session.container}" if session.container else ""
    windows = units.count(session.windows, "window")
    kind = "session of GNU screen" if session.program == "screen" else "tmux session"
    said = [f"{_whose(mine=session.mine, user=owner_of(session, snapshot))} {kind}{where}"]
    said += [windows] if session.program == "tmux" else []
    if commands := _commands(session):
        said.append(f"runs {commands}")
    if session.attached:
        said.append("somebody is in it" if session.attached == 1 else f"{session.attached} are in it")
    word = typed(session.name, session.id or snapshot.name)
    lines = [", ".join(said) + "."]
    lines += [_on_gpus(process, snapshot, now) for process in _processes_in(session, snapshot)]
    busy = bool(session.attached) or len(lines) > 1
    return Facts(session.name + where, word, session.mine, busy, tuple(lines), f"{session.name}{where}  {windows}")


def _commands(session: Session) -> str:
    """What its panes run; of shells only where nothing else does."""
    alive = [pane.command for window in session.layout for pane in window.panes if pane.command and not pane.ended]
    commands = list(dict.fromkeys(alive or ([session.command] if session.command else [])))
    named = [command for command in commands if command.lstrip("-") not in SHELLS] or commands[:1]
    shown = [plain(command, 40) for command in named[:SHOWN]]
    return ", ".join(shown) + (f" and {len(named) - SHOWN} more" if len(named) > SHOWN else "")


def _processes_in(session: Session, snapshot: HostSnapshot) -> list[GpuProcess]:
    """What of it is on a GPU, each process once."""
    found = {
        process.pid: process
        for gpu in snapshot.gpus
        for process in processes_of(gpu)
        if (process.session, process.container) == (session.name, session.container)
    }
    return list(found.values())[:SHOWN]


def _on_gpus(process: GpuProcess, snapshot: HostSnapshot, now: float) -> str:
    return f"{process_name(process)}: {', '.join(_figures(process, gpus_of(process, snapshot), now))}."


def _process(process: GpuProcess, snapshot: HostSnapshot, now: float) -> Facts:
    name, held = process_name(process), gpus_of(process, snapshot)
    whose = _whose(mine=process.mine, user=process.user)
    lines = [", ".join([f"{whose} process", *_figures(process, held, now)]) + "."]
    if where := inside(process):
        lines.append(f"In {where}.")
    busy = any(_load(gpu, each) >= BUSY_PERCENT for gpu, each in held)
    row = f"{process.pid}  {plain(process.user or '') or 'somebody'}  {name}"
    return Facts(f"{name} ({process.pid})", name, process.mine, busy, tuple(lines), row)


def _whose(*, mine: bool, user: str | None) -> str:
    return "your" if mine else f"{plain(user)}'s" if user else "somebody's"


def _gpu_facts(container: Workspace, gpus: Sequence[Gpu]) -> list[str]:
    if not gpus:
        return []
    known = [gpu.utilization for gpu in gpus if gpu.utilization is not None]
    load = f" at {max(known):.0f}%" if known else ""
    said = [f"{units.count(len(gpus), 'GPU')}{load}"]
    if container.gpu_memory:
        said.append(f"{units.size(container.gpu_memory)} of GPU memory in use")
    return said


def _figures(process: GpuProcess, held: Sequence[tuple[Gpu, GpuProcess]], now: float) -> list[str]:
    found = [] if process.started_at is None else [f"running for {units.duration(now - process.started_at)}"]
    memory = [each.memory for _, each in held if each.memory is not None]
    where = f"GPU {','.join(dict.fromkeys(str(gpu.index) for gpu, _ in held))}"
    found.append(f"{units.size(sum(memory))} of {where}" if memory else where)
    known = [_load(gpu, each) for gpu, each in held if each.utilization is not None or gpu.utilization is not None]
    return [*found, f"at {max(known):.0f}%"] if known else found


def _load(gpu: Gpu, process: GpuProcess) -> float:
    """Its own, else its GPU's: an unknown one is taken for busy work."""
    return process.utilization if process.utilization is not None else gpu.utilization or 0.0
