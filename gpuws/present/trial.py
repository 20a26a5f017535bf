"""How a host's test goes: its steps, and what it shows once it is reached. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.units import count
from gpuws.present.figures import latency
from gpuws.present.glyphs import DOWN, LOOK, NOTHING, PARTIAL, WELL
from gpuws.present.host_state import no_gpus
from gpuws.present.line import Line, Role, Span, clean, joined

FIRST, WAITING = "resolving", "waiting for you"


def steps(seen: Sequence[HostSnapshot], *, over: bool) -> tuple[Line, ...]:
    """`seen`: what was told, oldest first. `over`: nothing more comes."""
    if not seen:
        return (_step(PARTIAL, "warn", "asking for it"),)
    newest = seen[-1]
    phases = _phases(seen)
    lines = [_step(WELL, "ok", phase) for phase in phases]
    if newest.state is HostState.UP:
        away = latency(newest.latency) and f"{latency(newest.latency)} away"
        return (*lines[:-1], _step(WELL, "ok", "logged in", away), _gpus(newest, over=over), _engine(newest, over=over))
    if over:
        return (*lines[:-1], _step(DOWN, "error", phases[-1] if phases else newest.state.value))
    asking = newest.state is HostState.ASKING
    return (*lines[:-1], _step(LOOK if asking else PARTIAL, "warn", phases[-1] if phases else "connecting"))


def _phases(seen: Sequence[HostSnapshot]) -> list[str]:
    """Each once, from the first that tells where the attempt is; that it waited for somebody is told while it does."""
    said = [clean(one.phase) for one in seen if one.phase]
    begun = said[said.index(FIRST) :] if FIRST in said else said
    return list(dict.fromkeys(phase for phase in begun if phase != WAITING or phase is begun[-1]))


def _step(glyph: str, role: Role, text: str, detail: str = "") -> Line:
    return (Span(f"{glyph} ", role), Span(text), Span(f"   {detail}" if detail else "", "muted"))


def _gpus(snapshot: HostSnapshot, *, over: bool) -> Line:
    if not snapshot.gpus:
        read = over or "telemetry" in snapshot.complete
        return _step(NOTHING if read else PARTIAL, "muted" if read else "warn", no_gpus(snapshot))
    kinds = joined(dict.fromkeys(clean(gpu.name, 40) for gpu in snapshot.gpus), ", ")
    driver = snapshot.driver and f"driver {clean(snapshot.driver, 20)}"
    free = sum(gpu.free for gpu in snapshot.gpus)
    return _step(WELL, "ok", f"{count(len(snapshot.gpus), 'GPU')}, {free} free", joined([kinds, driver]))


def _engine(snapshot: HostSnapshot, *, over: bool) -> Line:
    engine = snapshot.engine
    if engine is None:
        return _step(NOTHING, "muted", "its engine has not answered") if over else _step(PARTIAL, "warn", "its engine")
    if engine.error:
        return _step(NOTHING, "muted", clean(engine.error, 300), clean(engine.remedy, 300))
    return _step(WELL, "ok", joined([clean(engine.kind, 20), clean(engine.version, 20)], " "))
