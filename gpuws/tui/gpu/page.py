"""One GPU in full, as lines under its charts: who is there, what else it does, and what it is."""

from __future__ import annotations

from dataclasses import dataclass

from gpuws.model import units
from gpuws.model.gpu.gpu import Gpu, Holder, MigInstance
from gpuws.model.gpu.reading import GpuDetail
from gpuws.model.gpu.verdict import how_well
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.tenancy import person, rest, tenanted
from gpuws.model.settings import Thresholds
from gpuws.present import figures, holders, levels
from gpuws.present.glyphs import IDLE, LOOK, RUNS
from gpuws.present.line import Line, Role, Span, clean, joined, one
from gpuws.present.tables import processes
from gpuws.tui.charts.chart import Figure
from gpuws.tui.gpu.facts import identity, links, wiring
from gpuws.tui.gpu.usage import usage
from gpuws.tui.toolkit import table_lines
from gpuws.tui.toolkit.bars import bar
from gpuws.tui.toolkit.fitting import fit, left, right
from gpuws.tui.toolkit.sections import WIDE, beside, fact, section

HALF_A_MINUTE = 30.0


@dataclass(frozen=True, slots=True)
class Subject:
    """What the page is about."""

    snapshot: HostSnapshot
    gpu: Gpu
    thresholds: Thresholds
    now: float


def page(subject: Subject, width: int) -> list[Line]:
    """Two columns where there is room; on a small screen who is there comes first."""
    half = width * 6 // 10 if width >= WIDE else width
    people = [
        *section("HELD BY", _holders(subject)),
        *section("MIG INSTANCES", _instances(subject, half)),
        *section("PROCESSES", _processes(subject, half)),
    ]
    now = section("NOW", [*usage(subject.snapshot, subject.gpu), *_now(subject.gpu)])
    facts = [
        *section("IDENTITY", identity(subject.snapshot, subject.gpu)),
        *section("WIRING", wiring(subject.gpu)),
        *section("LINKS", links(subject.snapshot, subject.gpu)),
    ]
    trouble = _trouble(subject.gpu)
    if width < WIDE:
        return [*trouble, *people, *now, *facts]
    return [*trouble, *beside([*people, *now], facts, half, width)]


def figures_of(gpu: Gpu) -> tuple[Figure, ...]:
    """What its charts are of: another figure that is kept of it (`fleet/history.py: OF_GPU`) is another row."""
    memory = figures.memory(gpu.memory_used, gpu.memory_total) if gpu.memory_used is not None else ""
    return (
        Figure("utilization", "UTILIZATION", figures.percent(gpu.utilization), figures.percent, 100.0),
        Figure("memory", "MEMORY", memory, _size, gpu.memory_total),
        Figure("power", "POWER", _power(gpu), figures.watts, gpu.power_limit),
        Figure("temperature", "TEMPERATURE", figures.celsius(gpu.temperature), figures.celsius, 100.0),
    )


# now


def _now(gpu: Gpu) -> list[Line]:
    """What has no chart."""
    more = joined([_memory(gpu), None if gpu.fan is None else f"fan {gpu.fan:.0f}%"])
    return [*([fact("memory", more)] if more else []), *_clocks(gpu), *_throttled(gpu)]


def _throttled(gpu: Gpu) -> list[Line]:
    """By the power cap is a sign of good work, by heat of none."""
    told = gpu.throttled
    if told is None or told.seconds < HALF_A_MINUTE:
        return []
    held = [f"{units.duration(value)} by {why}" for why, value in (("power", told.power), ("heat", told.heat)) if value]
    said = " and ".join(held) or "not"
    return [fact("held back", f"{said} in the last {units.duration(told.seconds)}", "warn" if told.heat else "text")]


def _trouble(gpu: Gpu) -> list[Line]:
    if gpu.health == "ok":
        return []
    return [
        (Span(f" {LOOK} {gpu.health.replace('-', ' ')}: {clean(gpu.error) or 'no reason was given'}", "error"),),
        (),
    ]


def _memory(gpu: Gpu) -> str:
    reserved = gpu.detail.memory_reserved if gpu.detail else None
    return joined(
        [
            None if gpu.memory_free is None else f"{units.size(gpu.memory_free)} free",
            None if reserved is None else f"{units.size(reserved)} the driver's",
            "shared with the host" if gpu.unified else None,
        ]
    )


def _size(value: float) -> str:
    return units.size(int(value))


def _power(gpu: Gpu) -> str:
    if gpu.power is None or gpu.power_limit is None:
        return figures.watts(gpu.power)
    return f"{gpu.power:.0f}/{gpu.power_limit:.0f} W"


def _clocks(gpu: Gpu) -> list[Line]:
    detail = gpu.detail
    if detail is None:
        return []
    told = joined(
        [
            _of("SM", detail.clock_sm, detail.clock_sm_max, "MHz"),
            _of("memory", detail.clock_memory, detail.clock_memory_max, "MHz"),
            None if detail.performance_state is None else f"P{detail.performance_state}",
        ]
    )
    lines = [fact("clocks", told)]
    if detail.throttle is not None:
        held = ", ".join(clean(reason, 60) for reason in detail.throttle)
        lines.append(fact("", f"throttled: {held}", "warn") if held else fact("", "not throttled"))
    if video := _video(detail):
        lines.append(fact("video", video))
    return lines


def _video(detail: GpuDetail) -> str:
    return joined(
        [
            None if detail.encoder is None else f"encoder {detail.encoder:.0f}%",
            None if detail.decoder is None else f"decoder {detail.decoder:.0f}%",
        ]
    )


def _of(name: str, value: int | None, most: int | None, unit: str) -> str | None:
    if value is None:
        return None
    return f"{name} {value}" + (f" of {most}" if most is not None else "") + f" {unit}"


# people


def _holders(subject: Subject) -> list[Line]:
    gpu, idle_after = subject.gpu, subject.thresholds.idle_after
    people = [_holder(holder, idle_after) for holder in gpu.held_by] or [(Span(" "), *holders.nobody(gpu))]
    since = gpu.availability.since
    if since is None:
        return people
    return [(*people[0], Span(f" · for {units.duration(subject.now - since)}", "muted")), *people[1:]]


def _holder(holder: Holder, idle_after: float) -> Line:
    role: Role = "mine" if holder.mine else "strong"
    if holder.kind == "unseen":
        return (Span(f" {holder.name}", "warn"),)
    reserved = holder.kind == "reservation"
    spans = [
        Span(f" {left(clean(person(holder), 40), 11)} ", role),
        Span(clean(holder.name, 60), "text"),
        Span(f" · {rest(holder) if reserved else holder.kind}", "idle" if reserved else "muted"),
    ]
    if holder.idle_seconds is not None:
        long = holder.rests(idle_after)
        said = joined(["" if reserved else rest(holder), clean(holder.idle_evidence)], ": ")
        spans.append(Span(f"   {IDLE} {said}" if long else f"   {said}", "idle" if long else "muted"))
    return tuple(spans)


def _instances(subject: Subject, width: int) -> list[Line]:
    if subject.gpu.mig == ():
        return [(Span(" divided, without an instance", "muted"),)]
    return [fit(_instance(instance, subject), width) for instance in subject.gpu.mig_instances]


def _instance(instance: MigInstance, subject: Subject) -> Line:
    part = figures.fraction(instance.memory_used, instance.memory_total)
    role = levels.memory(instance, subject.thresholds)
    people: list[Span] = [] if instance.held_by else [*holders.nobody(instance)]
    for number, holder in enumerate(instance.held_by):
        people += [Span(" · ", "rule")] if number else []
        name = joined([clean(holder.user, 40), clean(holder.name, 60)], " ")
        people.append(Span(name, "mine" if holder.mine else "text"))
    about = f" {instance.index:>2}  {left(clean(instance.profile, 14) or 'MIG', 12)}"
    number_ = right(figures.memory(instance.memory_used, instance.memory_total) or units.DASH, 9)
    return (Span(about, "muted"), *bar(part, 16, role), Span(f" {number_}  "), *people, *_used(instance, subject))


def _used(instance: MigInstance, subject: Subject) -> Line:
    """How well, where somebody works on it."""
    if not instance.processes:
        return ()
    told, found = instance.counters, how_well(subject.snapshot, instance)
    active = None if told is None or told.sm_active is None else f"SMs {told.sm_active:.0f}%"
    return (
        Span("   "),
        Span(joined([active, None if found is None else found.kind]) or "how well is not told", "muted"),
    )


def _processes(subject: Subject, width: int) -> list[Line]:
    table = processes.of_place(subject.snapshot, subject.gpu, None, subject.now)
    if not table.rows:
        unseen = not tenanted(subject.gpu) and not subject.gpu.free
        return [one(f" {RUNS} nothing that is seen runs on it" if unseen else f" {RUNS} nothing runs on it", "muted")]
    return [
        table_lines.heading(table.columns, width),
        *(table_lines.table_line(table, row, width) for row in table.rows),
    ]
