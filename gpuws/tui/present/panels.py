"""What the panels under the fleet list show of the selected host."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gpuws.model import units
from gpuws.model.confirm import holds
from gpuws.model.container import Container
from gpuws.model.gpu import Gpu, GpuProcess
from gpuws.model.join import program
from gpuws.model.session import Session
from gpuws.model.snapshot import HostSnapshot
from gpuws.model.tunnel import Tunnel
from gpuws.tui.present import status
from gpuws.tui.present.line import Line, Role, Span, clean, joined
from gpuws.tui.present.tables import Column, Table, TableRow

PROCESSES = (
    Column("PID", 8, True),
    Column("GPU", 3, True, drop=2),
    Column("USER", 10),
    Column("MEMORY", 6, True),
    Column("GPU%", 4, True, drop=3),
    Column("TIME", 6, True, drop=4),
    Column("WHAT", 0),
)
CONTAINERS = (
    Column("NAME", 22),
    Column("STATE", 10),
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
TUNNELS = (
    Column("LOCAL", 16),
    Column("STATE", 10),
    Column("TRAFFIC", 13, True, drop=2),
    Column("LEADS TO", 0),
)


def processes(snapshot: HostSnapshot, gpu: Gpu | None, now: float) -> Table:
    chosen = [gpu] if gpu is not None else snapshot.gpus
    found = [(each, process) for each in chosen for process in each.processes]
    rows = tuple(TableRow(f"{each.uuid}/{p.pid}", _process(each, p, now)) for each, p in found)
    where = f"GPU {gpu.index}" if gpu is not None else "the GPUs"
    return Table(PROCESSES, rows, _empty(snapshot, f"No process runs on {where} of {snapshot.name}. n launches one."))


def _process(gpu: Gpu, process: GpuProcess, now: float) -> tuple[Line, ...]:
    role: Role = "mine" if process.mine else "text"
    inside = joined(
        [
            clean(process.container, 60),
            process.session and f"tmux:{clean(process.session, 40)}",
            clean(process.notebook, 60),
        ]
    )
    what = (Span(clean(process.command) or program(process.command) or units.DASH, role),)
    place: Line = (Span(inside, "strong"), Span(f" {status.RUNS} ", "muted")) if inside else ()
    return (
        one(str(process.pid), "muted"),
        one(str(gpu.index), "muted"),
        one(clean(process.user) or units.DASH, "mine" if process.mine else "strong"),
        one(units.size(process.memory)),
        one("" if process.utilization is None else f"{process.utilization:.0f}"),
        one(units.duration(None if process.started_at is None else now - process.started_at), "muted"),
        (*place, *what),
    )


def containers(snapshot: HostSnapshot, gpu: Gpu | None, now: float) -> Table:
    """All of the host's: those on the selected GPU first, then mine, then running ones."""

    def rank(container: Container) -> tuple[bool, bool, bool, str]:
        here = gpu is not None and holds(container, gpu)
        return (not here, not container.mine, not container.running, container.name)

    indices = {gpu.uuid: str(gpu.index) for gpu in snapshot.gpus}
    rows = tuple(TableRow(c.id, _container(c, indices, now)) for c in sorted(snapshot.containers, key=rank))
    missing = snapshot.engine is not None and snapshot.engine.error
    note = f"{clean(missing)} — {clean(snapshot.engine.remedy)}" if snapshot.engine and missing else ""
    return Table(CONTAINERS, rows, note or _empty(snapshot, f"No containers on {snapshot.name}. n launches one."))


def container_state(container: Container) -> Span:
    roles: dict[str, Role] = {"running": "ok", "paused": "warn", "restarting": "warn", "dead": "error"}
    return Span(container.state, roles.get(container.state, "muted"))


def gpu_names(container: Container, indices: dict[str, str]) -> str:
    if "all" in container.gpus:
        return "all"
    return ",".join(sorted((indices.get(gpu, gpu[:8]) for gpu in container.gpus), key=lambda name: (len(name), name)))


def _container(container: Container, indices: dict[str, str], now: float) -> tuple[Line, ...]:
    role: Role = "mine" if container.mine else "text"
    about = joined([clean(container.reason), clean(container.image)])
    return (
        one(clean(container.name), role),
        (container_state(container),),
        one(clean(container.owner) or units.DASH, role),
        one(gpu_names(container, indices) or units.DASH),
        one(units.size(container.gpu_memory) if container.gpu_memory else units.DASH),
        one(units.duration(None if container.created is None else now - container.created), "muted"),
        one(" ".join(str(port.target) for port in container.ports), "muted"),
        one(about, "muted"),
    )


def sessions(snapshot: HostSnapshot, now: float) -> Table:
    rows = tuple(TableRow(session_key(each), _session(each, snapshot, now)) for each in snapshot.sessions)
    return Table(
        SESSIONS, rows, _empty(snapshot, f"No tmux sessions on {snapshot.name}. s opens a shell there, a a session.")
    )


def session_key(session: Session) -> str:
    return f"{session.container or ''}:{session.name}"


def _session(session: Session, snapshot: HostSnapshot, now: float) -> tuple[Line, ...]:
    quiet = None if session.activity is None else now - session.activity
    return (
        one(clean(session.name), "strong"),
        one(clean(session.container) or f"host {snapshot.name}", "muted"),
        one(str(session.windows), "muted"),
        one("attached" if session.attached else units.DASH, "ok" if session.attached else "muted"),
        one(units.duration(quiet), "muted"),
        one(clean(session.command)),
    )


def tunnels(found: Sequence[Tunnel], host: str | None = None) -> Table:
    """All tunnels, or those that lead to `host`."""
    rows = tuple(TableRow(t.id, _tunnel(t)) for t in found if host is None or _leads(t, host))
    where = f" to {host}" if host else ""
    return Table(TUNNELS, rows, f"No tunnels{where}. o opens Jupyter of a container, f any port.")


def _leads(tunnel: Tunnel, host: str) -> bool:
    return tunnel.target.startswith((f"{host}/", f"{host}:")) or tunnel.target == host


def _tunnel(tunnel: Tunnel) -> tuple[Line, ...]:
    roles: dict[str, Role] = {"listening": "ok", "waiting": "warn", "broken": "error"}
    traffic = f"↓{units.size(tunnel.bytes_in)} ↑{units.size(tunnel.bytes_out)}"
    error: Line = (Span(f"  {clean(tunnel.error)}", "error"),) if tunnel.error else ()
    return (
        one(f"127.0.0.1:{tunnel.local_port}", "strong"),
        one(tunnel.state, roles.get(tunnel.state, "muted")),
        one(traffic, "muted"),
        (Span(clean(tunnel.target)), *error),
    )


def facts(snapshot: HostSnapshot) -> Line:
    """One line about the host itself: software, load, memory, disks."""
    engine = snapshot.engine
    parts: Iterable[str | None] = (
        snapshot.driver and f"driver {clean(snapshot.driver, 20)}",
        snapshot.cuda and f"CUDA {clean(snapshot.cuda, 10)}",
        engine.version and f"engine {clean(engine.version, 20)}" if engine and not engine.error else None,
        None if snapshot.cpu_percent is None else f"cpu {snapshot.cpu_percent:.0f}%",
        None if snapshot.load is None else f"load {snapshot.load:.1f}",
        f"ram {units.size(snapshot.memory_used)}/{units.size(snapshot.memory_total)}"
        if snapshot.memory_total
        else None,
        *(f"{clean(d.mount, 20)} {d.used / d.total:.0%}" for d in snapshot.disks if d.used is not None and d.total),
        *(f"#{clean(tag, 20)}" for tag in snapshot.tags),
    )
    return (Span(joined(part or None for part in parts), "muted"),)


def _empty(snapshot: HostSnapshot, text: str) -> str:
    why = status.reason(snapshot, 0.0)
    if why is None or status.counted(snapshot):
        return text
    return f"{snapshot.name}: {joined([why.text, why.remedy], ' — ')}"


def one(text: str | None, role: Role = "text") -> Line:
    return (Span(text or "", role),)
