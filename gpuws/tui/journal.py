"""What happened: while this screen was open states, faults, containers; before that what was told. Bounded, in memory,
newest last."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpuws.model.alarms import same_bus, same_fault
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.notice.faulting import sentence
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.task import Task
from gpuws.model.units import count
from gpuws.model.workspace.workspace import Workspace
from gpuws.present import host_state
from gpuws.present.alerts import fault_role
from gpuws.present.line import Role, clean, joined
from gpuws.present.task_words import ROLES

if TYPE_CHECKING:
    from gpuws.model.notice.record import Told

LIMIT = 500
PAST = 100
"""Notices from before this screen was open that it begins with."""
ONLY_TOLD = frozenset({"command", "waiting", "free", "limit", "asked", "test"})
LEVELS: dict[str, Role] = {"good": "ok", "plain": "text", "bad": "warn"}
RECENT = 3600.0
"""Faults that the kernel's log held already are events only if they are younger."""


@dataclass(frozen=True, slots=True)
class Event:
    """`at`: epoch seconds. `host` "": of this workstation."""

    number: int
    at: float
    host: str
    text: str
    role: Role = "text"


class Journal:
    def __init__(self, limit: int = LIMIT) -> None:
        self._events: deque[Event] = deque(maxlen=limit)
        self._number = 0
        self._told: dict[str, HostState] = {}

    @property
    def events(self) -> Sequence[Event]:
        return self._events

    @property
    def written(self) -> int:
        """How many there have been."""
        return self._number

    def add(self, at: float, host: str, text: str, role: Role = "text") -> None:
        self._number += 1
        self._events.append(Event(self._number, at, host, clean(text, 300), role))

    def said(self, at: float, text: str, role: Role) -> None:
        """A message of the screen, to be read again; what is said several times on end is one event."""
        if not self._events or self._events[-1].text != clean(text, 300):
            self.add(at, "", text, role)

    def snapshot(self, before: HostSnapshot | None, after: HostSnapshot, now: float) -> None:
        """Write down how a host changed. Tries that end where they began are no news."""
        if after.state is not HostState.CONNECTING:
            told = self._told.get(after.name, before.state if before is not None else HostState.CONNECTING)
            self._told[after.name] = after.state
            if text := state_change(told, after):
                self.add(now, after.name, text, host_state.glyph(after)[1])
        for at, text, role in changes(before, after, now):
            self.add(at, after.name, text, role)

    def tunnels(self, before: Sequence[Tunnel], after: Sequence[Tunnel], now: float) -> None:
        known = {tunnel.id: tunnel.state for tunnel in before}
        for tunnel in after:
            if tunnel.state != known.get(tunnel.id):
                role: Role = "error" if tunnel.state in ("refuses", "gone", "taken") else "text"
                about = joined(
                    [f"tunnel {tunnel.local_port} → {tunnel.target.text} {tunnel.state}", tunnel.error], ": "
                )
                self.add(now, "", about, role)

    def waits(self, before: Sequence[QueuedWait], after: Sequence[QueuedWait]) -> None:
        """Those that ended, when they ended: also while no screen was open."""
        told = {wait.id for wait in before if not wait.open}
        for wait in after:
            if wait.ended_at is not None and wait.id not in told:
                role: Role = "error" if wait.state == "failed" else "ok"
                about = f"wait {wait.id} for {wait.order.called}: {wait.state} {wait.text}"
                self.add(wait.ended_at, "", about, role)

    def tasks(self, before: Sequence[Task], after: Sequence[Task]) -> None:
        """Those that ended, when they ended: also while no screen was open."""
        told = {task.mark for task in before if not task.running}
        for task in after:
            if task.ended_at is not None and task.mark not in told:
                why = task.error.message.removeprefix(f"{task.host}: ") if task.error else None
                about = joined([f"{task.title}: {task.state}", why], ": ")
                self.add(task.ended_at, task.host, about, ROLES.get(task.state, "text"))

    def notices(self, told: Sequence[Told]) -> None:
        """Those of what is not seen here by itself."""
        for one in told:
            if one.notice.kind in ONLY_TOLD:
                self._notice(self._events.append, self._number + 1, one)
                self._number += 1

    def before(self, told: Sequence[Told]) -> None:
        """What was told before this screen was open: nothing to be read anew."""
        for number, one in enumerate(reversed(told[-PAST:]), start=1):
            self._notice(self._events.appendleft, -number, one)

    def _notice(self, put: Callable[[Event], None], number: int, told: Told) -> None:
        notice = told.notice
        text = clean(notice.sentence.removeprefix(f"{notice.host}: "), 300)
        put(Event(number, notice.when, notice.host, text, LEVELS[notice.level]))


Change = tuple[float, str, Role]


def changes(before: HostSnapshot | None, after: HostSnapshot, now: float) -> Iterator[Change]:
    """When, what, how bad: all but the host's state. Pure."""
    yield from _faults(before, after, now)
    if before is None:
        return
    yield from _health(before, after, now)
    yield from ((now, str(warning), "warn") for warning in after.warnings if warning not in before.warnings)
    if before.workspaces != after.workspaces and "containers" in before.complete:
        yield from _containers(before.workspaces, after.workspaces, now)


def state_change(told: HostState, after: HostSnapshot) -> str:
    """ "" where it is no news: as it was told last, or up for the first time."""
    if after.state is told or (told is HostState.CONNECTING and after.state is HostState.UP):
        return ""
    why = host_state.reason(after, 0.0)
    return joined([after.state.value, clean(after.error) if why else None], ": ")


def _faults(before: HostSnapshot | None, after: HostSnapshot, now: float) -> Iterator[Change]:
    if not after.xids or (before is not None and before.xids == after.xids):
        return
    known = before.xids or () if before is not None else ()
    for xid in after.xids:
        at = xid.at if xid.at is not None else now
        if now - at < RECENT and not any(same_fault(xid, one) for one in known):
            gpus = [g for one in (before, after) if one for g in one.gpus if same_bus(xid.bus_id, g.bus_id)]
            name = f"GPU {gpus[-1].index}" if gpus else xid.bus_id
            yield at, sentence(xid, name, gpus), fault_role(xid)


def _health(before: HostSnapshot, after: HostSnapshot, now: float) -> Iterator[Change]:
    known = {gpu.uuid: gpu.health for gpu in before.gpus}
    for gpu in after.gpus:
        if gpu.health != known.get(gpu.uuid, gpu.health):
            role: Role = "ok" if gpu.health == "ok" else "error"
            yield now, joined([f"GPU {gpu.index} {gpu.health.replace('-', ' ')}", gpu.error], ": "), role


def _containers(before: Sequence[Workspace], after: Sequence[Workspace], now: float) -> Iterator[Change]:
    known = {container.id: container for container in before}
    for container in after:
        old = known.pop(container.id, None)
        if old is None or old.status != container.status:
            about = [container.reason or container.status, container.owner]
            about.append(count(len(container.gpus), "GPU") if container.gpus and container.enterable else None)
            yield now, f"{container.name}: {joined(about)}", "warn" if container.failed else "text"
        elif old.oci.health != container.oci.health and container.oci.health is not None:
            yield (
                now,
                f"{container.name}: {container.oci.health}",
                "warn" if container.oci.health == "unhealthy" else "text",
            )
    yield from ((now, f"{gone.name}: removed", "muted") for gone in known.values())
