"""What the panels under the fleet list show of the selected host."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gpuws.model import units
from gpuws.model.facts import holds
from gpuws.model.gpu import Gpu, Holder
from gpuws.model.session import Session
from gpuws.model.snapshot import HostSnapshot
from gpuws.model.tunnel import Tunnel
from gpuws.model.workspace import Workspace
from gpuws.present import host_state
from gpuws.present.line import Line, Role, Span, clean, joined, one
from gpuws.present.table import Column, Table, TableRow
from gpuws.tui.present.chips import DISK_FULL, fullness

CONTAINERS = (
    Column("NAME", 22),
    Column("STATE", 11),
    Column("OWNER", 10, drop=2),
    Column("GPUS", 8, drop=3),
    Column("GPU MEM", 7, True, drop=4),
    Column("AGE", 6, True, drop=5),
    Column("PORTS", 12, drop=6),
    Column("IMAGE", 0),
)
SESSIONS = (
    Column("SESSION", 22),
    Column("WHERE", 22, drop=2),
    Column("WINDOWS", 7, True, drop=4),
    Column("ATTACHED", 8, drop=3),
    Column("QUIET", 6, True, drop=5),
    Column("RUNS", 0),
)
DOT = Span(" · ", "faint")
TUNNELS = (
    Column("LOCAL", 16),
    Column("STATE", 10),
    Column("TRAFFIC", 13, True, drop=2),
    Column("LEADS TO", 0),
)


def containers(snapshot: HostSnapshot, gpu: Gpu | None, now: float) -> Table:
    """All of the host's: those on the selected GPU first, then mine, then running ones."""

    def rank(container: Workspace) -> tuple[bool, bool, bool, str]:
        here = gpu is not None and holds(container, gpu)
        return (not here, not container.mine, not container.enterable, container.name)

    indices = {gpu.uuid: str(gpu.index) for gpu in snapshot.gpus}
    rows = tuple(TableRow(c.id, _container(c, indices, now)) for c in sorted(snapshot.workspaces, key=rank))
    missing = snapshot.engine is not None and snapshot.engine.error
    note = f"{clean(missing)} — {clean(snapshot.engine.remedy)}" if snapshot.engine and missing else ""
    return Table(CONTAINERS, rows, note or empty(snapshot, f"No containers on {snapshot.name}. n launches one."))


def container_state(container: Workspace) -> Span:
    if container.failed or container.oci.health == "unhealthy":
        return Span(
            clean(container.status),
            "error" if container.state == "exited" and not container.allows("restart") else "warn",
        )
    return Span(clean(container.status), "ok" if container.enterable else "warn" if container.alive else "muted")


def gpu_names(container: Workspace, indices: dict[str, str]) -> str:
    if "all" in container.gpus:
        return "all"
    return ",".join(sorted((indices.get(gpu, gpu[:8]) for gpu in container.gpus), key=lambda name: (len(name), name)))


def _container(container: Workspace, indices: dict[str, str], now: float) -> tuple[Line, ...]:
    role: Role = "mine" if container.mine else "text"
    about = joined([clean(container.oci.health), clean(container.reason), clean(container.oci.image)])
    return (
        one(clean(container.name), role),
        (container_state(container),),
        one(clean(container.owner) or units.DASH, role),
        one(gpu_names(container, indices) or units.DASH),
        one(units.size(container.gpu_memory) if container.gpu_memory else units.DASH),
        one(units.duration(None if container.created is None else now - container.created), "muted"),
        one(" ".join(str(port.target) for port in container.oci.ports), "muted"),
        one(about, "muted"),
    )


def sessions(snapshot: HostSnapshot, now: float) -> Table:
    rows = tuple(TableRow(session_key(each), _session(each, snapshot, now)) for each in snapshot.sessions)
    return Table(
        SESSIONS, rows, empty(snapshot, f"No tmux sessions on {snapshot.name}. s opens a shell there, a a session.")
    )


def session_key(session: Session) -> str:
    return f"{session.container or ''}:{session.name}"


def _session(session: Session, snapshot: HostSnapshot, now: float) -> tuple[Line, ...]:
    quiet = None if session.activity is None else now - session.activity
    return (
        one(clean(session.label), "strong"),
        one(clean(session.container) or f"host {snapshot.name}", "muted"),
        one(str(session.windows), "muted"),
        one("attached" if session.attached else units.DASH, "ok" if session.attached else "muted"),
        one(units.duration(quiet), "muted"),
        one(clean(session.command)),
    )


def tunnels(found: Sequence[Tunnel], host: str | None = None) -> Table:
    """All tunnels, or those that lead to `host`."""
    rows = tuple(TableRow(t.id, _tunnel(t)) for t in found if host is None or leads(t, host))
    where = f" to {host}" if host else ""
    return Table(TUNNELS, rows, f"No tunnels{where}. o opens Jupyter of a container, f any port.")


def leads(tunnel: Tunnel, host: str) -> bool:
    """To the host or into one of its containers."""
    return tunnel.target.place.host == host


def _tunnel(tunnel: Tunnel) -> tuple[Line, ...]:
    roles: dict[str, Role] = {"listening": "ok", "waiting": "warn", "broken": "error"}
    traffic = f"↓{units.size(tunnel.bytes_in)} ↑{units.size(tunnel.bytes_out)}"
    error: Line = (Span(f"  {clean(tunnel.error)}", "error"),) if tunnel.error else ()
    return (
        one(f"127.0.0.1:{tunnel.local_port}", "strong"),
        one(tunnel.state, roles.get(tunnel.state, "muted")),
        one(traffic, "muted"),
        (Span(clean(tunnel.target.text)), *error),
    )


def facts(snapshot: HostSnapshot) -> Line:
    """One line about the host itself: software, load, memory, disks."""
    engine = snapshot.engine
    parts: list[Line] = [
        one(text, "muted")
        for text in (
            snapshot.driver and f"driver {clean(snapshot.driver, 20)}",
            snapshot.cuda and f"CUDA {clean(snapshot.cuda, 10)}",
            engine.version and f"engine {clean(engine.version, 20)}" if engine and not engine.error else None,
            None if snapshot.cpu_percent is None else f"cpu {snapshot.cpu_percent:.0f}%",
            None if snapshot.load is None else f"load {snapshot.load:.1f}",
            f"ram {units.size(snapshot.memory_used)}/{units.size(snapshot.memory_total)}"
            if snapshot.memory_total
            else None,
        )
        if text
    ]
    parts += [
        one(f"{clean(disk.mount, 20)} {full:.0%}", "warn" if full >= DISK_FULL else "muted")
        for disk in snapshot.disks
        if (full := fullness(disk)) is not None
    ]
    parts += [one(f"#{clean(tag, 20)}", "muted") for tag in snapshot.tags]
    parts += [one(f"also {clean(alias, 40)}", "muted") for alias in snapshot.aliases]
    return tuple(span for number, part in enumerate(parts) for span in ([DOT, *part] if number else part))


def troubles(snapshot: HostSnapshot) -> Line:
    """The host's warnings in full, with their remedies."""
    return tuple(Span(f"{host_state.LOOK} {clean(str(warning))}   ", "warn") for warning in snapshot.warnings)


def evidence(held_by: Iterable[Holder]) -> Line:
    """Who is idle, since when, and what shows it."""
    return tuple(
        Span(
            f"{host_state.IDLE} {joined([clean(h.user, 40), clean(h.name, 60)], ' ')}"
            f" idle {units.duration(h.idle_seconds)}"
            f"{f': {clean(h.idle_evidence)}' if h.idle_evidence else ''}   ",
            "idle",
        )
        for h in held_by
        if h.idle_seconds is not None
    )


def empty(snapshot: HostSnapshot, text: str) -> str:
    """What an empty panel says: what would be there, or why nothing is known of this host."""
    why = host_state.reason(snapshot, 0.0)
    if why is None or host_state.counted(snapshot):
        return text
    return f"{snapshot.name}: {joined([why.text, why.remedy], ' — ')}"
