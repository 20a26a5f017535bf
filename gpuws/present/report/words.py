"""What a report says, whatever its form: its names, figures and sentences. Pure."""

from __future__ import annotations

from datetime import datetime

from gpuws.model import units
from gpuws.model.history.report import By, Gap, LongRest, Report, Row, Whose
from gpuws.model.history.usage import Amounts, GpuFacts, GpuKey
from gpuws.present.line import clean

HOUR = 3600.0
TITLES: dict[By, str] = {"user": "WHO", "host": "HOST", "profile": "PROFILE", "gpu": "GPU"}
WHOLE = 0.98
"""Of the time; energy known for less of it is a part only."""


def name(whose: Whose, report: Report) -> str:
    if whose.kind == "me":
        return "me"
    if whose.kind == "others":
        return f"{whose.people} others" if whose.people > 1 else "others"
    if whose.kind == "unseen":
        return "nobody visible"
    if whose.kind == "profile":
        return clean(whose.name) or "no profile"
    if whose.kind == "gpu" and whose.gpu is not None:
        return gpu(whose.gpu, report.gpus.get(whose.gpu))
    return clean(whose.name) or "somebody"


def gpu(key: GpuKey, facts: GpuFacts | None) -> str:
    return f"{clean(key.host)}/{facts.number}" if facts else f"{clean(key.host)}/{clean(key.uuid)}"


def hours(seconds: float) -> str:
    """`0.4`, `12`, `1204`: hours, three figures at least where there is a point."""
    value = seconds / HOUR
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def share(part: float, of: float) -> str:
    return f"{100 * part / of:.0f}%" if of > 0 else units.DASH


def load(amounts: Amounts) -> str:
    return f"{amounts.load / amounts.measured:.0f}%" if amounts.measured > 0 else units.DASH


def energy(amounts: Amounts) -> str:
    """`12 kWh`; `≥12 kWh` where it is known of a part of the time only."""
    if amounts.metered <= 0:
        return units.DASH
    kilowatt_hours = amounts.joules / 3.6e6
    least = "" if amounts.metered >= WHOLE * amounts.seconds else "≥"
    return f"{least}{kilowatt_hours:.{1 if kilowatt_hours < 100 else 0}f}"


def moment(at: float) -> str:
    """`Mon 23 Nov 14:05`, local time."""
    return datetime.fromtimestamp(at).strftime("%a %d %b %H:%M")


def span(since: float, until: float) -> str:
    same = datetime.fromtimestamp(since).date() == datetime.fromtimestamp(until).date()
    return f"{moment(since)} – {datetime.fromtimestamp(until).strftime('%H:%M') if same else moment(until)}"


def length(seconds: float) -> str:
    """`4 min`, `3 h 05`, `2 d 4 h`: to the minute below a day."""
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 1440:
        return f"{minutes // 60} h {minutes % 60:02d}"
    days, rest = minutes // 1440, round(minutes % 1440 / 60)
    return f"{days} d {rest} h" if rest else f"{days} d"


def headline(report: Report) -> str:
    return f"{moment(report.since)} – {moment(report.until)} ({length(report.until - report.since)})"


def extent(report: Report) -> str:
    """`17 GPUs on 3 hosts, watched 93% of the time; 2130 GPU-hours held, 1400 free`."""
    found = f"{units.count(len(report.gpus), 'GPU')} on {units.count(len(report.hosts), 'host')}"
    found += f", watched {share(report.watched, report.possible)} of the time: {hours(report.all.seconds)} GPU-hours "
    found += f"held, {hours(report.free)} free"
    return f"{found}, {hours(report.unknown)} unknown" if report.unknown >= HOUR / 20 else found


def gap(one: Gap) -> str:
    return f"{clean(one.host)}: {span(one.since, one.until)}, {length(one.seconds)}"


def rest(one: LongRest, report: Report) -> str:
    """`alpha/2, bob: Mon 23 Nov 14:05 – 18:00, 3 h 55 (kernel's last activity)`."""
    found = one.rest
    place = gpu(found.gpu, report.gpus.get(found.gpu))
    why = f" ({clean(SHOWN.get(found.why, found.why))})" if found.why else ""
    when = f"{span(found.since, found.until)}, {length(found.until - found.since)}"
    return f"{place}, {name(one.whose, report)}: {when}{why}"


def of(row: Row, report: Report) -> float:
    """Seconds of which its share is told: a host's or a GPU's own, else all that was held."""
    return row.watched or report.all.seconds


SHOWN = {
    "worked until": "at work before",
    "watched since": "watched all the time",
    "no process, watched since": "no process",
    "no process since": "no process",
    "tmux session quiet since": "its tmux session quiet",
}
"""What shows a rest, where no moment follows."""
NOTES = (
    "A GPU that several hold counts in equal parts.",
    "Used: work was seen on it; idle: something shows that nothing worked; the rest of held is neither for sure.",
    "Energy is the GPU's own count where it has one, else its power over time.",
)
EMPTY = "nothing was watched in that time"
BEGIN = "the background process writes down what it reads: open gpuws, or gpuws keeper --stay"
