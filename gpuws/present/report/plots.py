"""The plots of a report as SVG: what all GPUs did over time, and each of them. Pure.

No script, no font, nothing from elsewhere; colours are the page's classes, so that they follow light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from html import escape
from itertools import groupby

from gpuws.model.history.report import Moment, Report
from gpuws.present.report import words

WIDTH, LEFT, RIGHT = 960.0, 78.0, 8.0
HIGH = 190.0
ROW = 15.0
AXIS = 24.0
KINDS = (("worked", "used"), ("kept", "neither for sure"), ("rested", "idle"), ("free", "free"), ("unknown", "unknown"))
"""Field of `Moment`, which is the class of its colour, and what it is called."""
AWAY = ("away", "nobody watched")


def over_time(report: Report) -> str:
    """How many GPUs worked, rested, were free: a bar for each stretch, as high as there are GPUs."""
    if not report.moments or not report.gpus:
        return ""
    top, count = HIGH, len(report.gpus)
    width = _inner() / len(report.moments)
    parts = [_svg(top + AXIS + 6, "How many GPUs were used, idle and free over time")]
    parts += _scale(count, top)
    for index, moment in enumerate(report.moments):
        begin = report.since + index * report.pace
        whole = (min(begin + report.pace, report.until) - begin) * count
        at = float(top)
        title = _told(begin, moment, whole, report)
        shapes = []
        for name, _ in KINDS:
            height = getattr(moment, name) / whole * (top - 6)
            if height >= 0.2:
                at -= height
                shapes.append(_rect(LEFT + index * width, at, width + 0.3, height, name))
        away = max(at - 6, 0.0)
        if away >= 1 and whole > 0 and moment.watched < 0.995 * whole:
            shapes.append(_rect(LEFT + index * width, 6, width + 0.3, away, AWAY[0]))
        if shapes:
            parts.append(f"<g><title>{escape(title)}</title>{''.join(shapes)}</g>")
    parts += _days(report, 6, top)
    return "".join([*parts, "</svg>"])


def each(report: Report) -> str:
    """A row for each GPU: what it mostly was in each stretch."""
    if not report.gpus:
        return ""
    height = len(report.gpus) * ROW + 6
    parts = [_svg(height + AXIS, "What each GPU did over time")]
    width = _inner() / max(len(report.moments), 1)
    before = ""
    for number, (key, moments) in enumerate(report.by_gpu.items()):
        y = 6 + number * ROW
        if key.host != before and number:
            parts.append(f'<line class="rule" x1="0" x2="{WIDTH}" y1="{y - 1:.1f}" y2="{y - 1:.1f}"/>')
        before = key.host
        label = words.gpu(key, report.gpus[key])
        parts.append(f'<text class="label" x="{LEFT - 8}" y="{y + ROW - 4.5:.1f}">{escape(_short(label))}</text>')
        parts += _strip(report, moments, label, y, width)
    parts += _days(report, 6, height)
    return "".join([*parts, "</svg>"])


def legend(report: Report) -> str:
    """Of what the plots show."""
    moments = [moment for row in report.by_gpu.values() for moment in row]
    shown = [(name, said) for name, said in KINDS if any(getattr(moment, name) > 0 for moment in moments)]
    shown += [AWAY] if report.gaps else []
    return "".join(f'<span><i class="{name}"></i>{said}</span>' for name, said in shown)


def _strip(report: Report, moments: Sequence[Moment], label: str, y: float, width: float) -> Iterator[str]:
    """Neighbours that are alike are one."""
    index = 0
    for kind, run in groupby(_mostly(moment, report.pace) for moment in moments):
        length = len(list(run))
        begin = report.since + index * report.pace
        end = min(begin + length * report.pace, report.until)
        said = dict((*KINDS, AWAY))[kind]
        title = f"{label}: {said}, {words.span(begin, end)}"
        shape = _rect(LEFT + index * width, y, length * width + 0.3, ROW - 3, kind)
        yield f"<g><title>{escape(title)}</title>{shape}</g>"
        index += length


def _mostly(moment: Moment, pace: float) -> str:
    found = {name: getattr(moment, name) for name, _ in KINDS}
    best = max(found, key=lambda name: found[name])
    return best if found[best] > 0 and moment.watched >= pace / 4 else AWAY[0]


def _told(begin: float, moment: Moment, whole: float, report: Report) -> str:
    count = len(report.gpus)
    parts = [f"{said} {getattr(moment, name) / whole * count:.1f}" for name, said in KINDS if getattr(moment, name) > 0]
    return f"{words.moment(begin)}: {', '.join(parts) or 'nobody watched'} of {count} GPUs"


def _inner() -> float:
    return WIDTH - LEFT - RIGHT


def _svg(height: float, about: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" aria-label="{about}">'
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect class="hatch-back" width="6" height="6"/><line class="hatch" x1="0" x2="0" y1="0" y2="6"/></pattern>'
        "</defs>"
    )


def _rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _scale(count: int, top: float) -> Iterator[str]:
    for number in sorted({0, round(count / 2), count}):
        y = top - (top - 6) * number / count
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        unit = " GPUs" if number == count else ""
        yield f'<text class="label" x="{LEFT - 8}" y="{y + 4:.1f}">{number}{unit}</text>'


def _days(report: Report, above: float, below: float) -> Iterator[str]:
    """A line where each day begins, with its name; of many every so many."""
    days = list(_midnights(report.since, report.until))
    every = len(days) // 10 + 1
    for day in days[::every]:
        x = LEFT + _inner() * (day.timestamp() - report.since) / (report.until - report.since)
        yield f'<line class="day" x1="{x:.1f}" x2="{x:.1f}" y1="{above:.1f}" y2="{below:.1f}"/>'
        if x < WIDTH - 60:
            yield f'<text class="date" x="{x + 4:.1f}" y="{below + 16:.1f}">{day.strftime("%a %d %b")}</text>'


def _midnights(since: float, until: float) -> Iterator[datetime]:
    day = datetime.fromtimestamp(since).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while day.timestamp() < until:
        yield day
        day += timedelta(days=1)


def _short(label: str) -> str:
    return label if len(label) <= 11 else f"…{label[-10:]}"
