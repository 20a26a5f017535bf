"""Who lives on a GPU, and what they do there, in cells: the words are `model.ownership.tenancy`'s. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gpuws.model import units
from gpuws.model.gpu.gpu import Gpu, GpuProcess, Holder, MigInstance
from gpuws.model.ownership import tenancy
from gpuws.model.ownership.join import program
from gpuws.model.units import count
from gpuws.present.glyphs import IDLE, LOOK, RUNS
from gpuws.present.line import Line, Role, Span, clean, joined, one


def role(place: Gpu | MigInstance) -> Role:
    """How a free one, one of mine, one of which nothing is known, and others' are told apart."""
    state = place.availability.state
    if state == "held":
        return "mine" if any(holder.mine for holder in place.held_by) else "muted"
    return "free" if state == "free" else "warn"


def vacant(place: Gpu | MigInstance) -> Line | None:
    """What is said instead of names: out of order, divided, or nobody is known to live there. None: there are names."""
    if isinstance(place, Gpu):
        if wrong := tenancy.defect(place):
            return one(f"{LOOK} {clean(wrong)}", "error")
        if place.mig is not None or place.mig_instances:
            return divided(place)
    return None if tenancy.tenanted(place) else nobody(place)


def nobody(place: Gpu | MigInstance) -> Line:
    """Where nobody is known to live: what that means."""
    return one(clean(tenancy.vacancy(place)), "free" if place.free else "warn")


def divided(gpu: Gpu) -> Line:
    """A divided GPU: its people are on the rows of its instances."""
    number, free = len(gpu.mig_instances), sum(instance.free for instance in gpu.mig_instances)
    if not number:
        return one("MIG, without an instance", "muted")
    unknown = sum(instance.availability.state == "unknown" for instance in gpu.mig_instances)
    role: Role = "free" if free else "warn" if unknown else "muted"
    said = f"{free} free" if free else f"{unknown} unknown" if unknown else "full"
    return (Span(f"{count(number, 'MIG instance')}, ", "muted"), Span(said, role))


def everybody(place: Gpu | MigInstance) -> Line:
    """`bob jup ▸ exp7.ipynb (idle 9h00), carol eval (reserved, unused 2d)`: all of them, with their notebooks, or what
    is said instead. Where there are several, what each has of it: `bob jup 12G, dave a.py 3G`."""
    if (instead := vacant(place)) is not None:
        return instead
    role: Role = "mine" if any(holder.mine for holder in place.held_by) else "text"
    shared = len(place.held_by) > 1
    texts = (
        holding(one, memory_of(one, place.processes) if shared else None, notebook_of(one, place.processes))
        for one in place.held_by
    )
    return one(", ".join(texts), role)


def holding(holder: Holder, memory: int | None = None, notebook: str = "") -> str:
    """`bob jup ▸ exp7.ipynb 61G (idle 9h00)`; without `memory`, which is in bytes, nothing is said of it."""
    if holder.kind == "unseen":
        return holder.name
    rest = tenancy.rest(holder)
    size = f" {units.size(memory)}" if memory else ""
    book = f" {RUNS} {notebook}" if notebook else ""
    return f"{clean(tenancy.person(holder))} {clean(holder.name)}{book}{size}{f' ({rest})' if rest else ''}"


def notebook_of(holder: Holder, processes: Sequence[GpuProcess]) -> str:
    """The notebook by which it holds most; "" where that is none, or none is known."""
    if holder.kind == "reservation":
        return ""
    process = main_program(holder, processes)
    return clean(process.notebook, 60) if process else ""


def memory_of(holder: Holder, processes: Sequence[GpuProcess]) -> int | None:
    """Bytes that its programs hold there; None where that is not known of all of them, 0 of a mere reservation."""
    if holder.kind == "reservation":
        return 0
    known = [process.memory for process in tenancy.programs(holder, processes)]
    return None if None in known or not known else sum(memory or 0 for memory in known)


def program_of(place: Gpu | MigInstance) -> str:
    """The command line of the process that it is named by; "" where none is known."""
    process = main_process(place)
    return "" if process is None else clean(process.command, 300)


def main_process(place: Gpu | MigInstance) -> GpuProcess | None:
    """The one of whom is shown first."""
    return main_program(tenancy.foremost(place), place.processes) if place.held_by else None


def doing(holder: Holder, processes: Sequence[GpuProcess], *, command: bool, session: bool) -> Line:
    """`torch-dev ▸ train.py · tmux:main`: what holds it and, as far as it is asked for, what runs in it and where."""
    role: Role = "mine" if holder.mine else "text"
    name = Span(clean(holder.name, 60), role)
    if holder.kind == "reservation":
        return (name, Span(f" {tenancy.rest(holder)}", "idle"))
    process = main_program(holder, processes)
    if process is None:
        return (name,)
    what = _what(process, holder) if command else ""
    where = [f"tmux:{clean(process.session, 40)}" if process.session else "", clean(process.job, 30)]
    spans = [name, Span(f" {RUNS} {what}" if what else "", "muted")]
    spans += [Span(f" · {place}", "muted") for place in where if place and session]
    return tuple(span for span in spans if span.text)


def main_program(holder: Holder, processes: Iterable[GpuProcess]) -> GpuProcess | None:
    """The process to name a holder by: the one with the most memory there."""
    return max(tenancy.programs(holder, processes), key=lambda one: one.memory or 0, default=None)


def _what(process: GpuProcess, holder: Holder) -> str:
    what = clean(process.notebook, 60) or clean(program(process.command), 60)
    return "" if what == holder.name else what


def idle(holder: Holder, idle_after: float) -> Line:
    """`idle 9h00 ◔`, where it is for so many seconds; of a reservation, which says how long by itself, the sign."""
    if not holder.rests(idle_after):
        return ()
    return one(IDLE if holder.kind == "reservation" else f"{tenancy.rest(holder)} {IDLE}", "idle")


def since(processes: Sequence[GpuProcess], now: float) -> str:
    """How long the oldest of them runs."""
    starts = [process.started_at for process in processes if process.started_at is not None]
    return units.duration(now - min(starts)) if starts else ""


def evidence(held_by: Iterable[Holder]) -> Line:
    """Who is idle, since when, and what shows it: `◔ bob jup idle 9h00: kernel's last activity 05:12`."""
    return tuple(Span(f"{IDLE} {_shown(one)}   ", "idle") for one in held_by if one.idle_seconds is not None)


def _shown(holder: Holder) -> str:
    who = joined([clean(holder.user, 40), clean(holder.name, 60), tenancy.rest(holder)], " ")
    return joined([who, clean(holder.idle_evidence)], ": ")
