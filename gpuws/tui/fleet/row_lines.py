"""A row of the fleet list as a line of exactly the list's width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.settings import Thresholds
from gpuws.model.units import count
from gpuws.present import figures, host_state
from gpuws.present.alerts import alert_lines, alerts
from gpuws.present.glyphs import WELL
from gpuws.present.line import Line, Role, Span, joined, text_of
from gpuws.present.tables.sorting import Sort
from gpuws.tui.fleet import order
from gpuws.tui.fleet.cells import Subject, View, besides
from gpuws.tui.fleet.columns import BY_ID, FleetColumn, Layout, layout
from gpuws.tui.fleet.row import Row
from gpuws.tui.toolkit import table_lines
from gpuws.tui.toolkit.fitting import cells, fit, right, width
from gpuws.tui.toolkit.table_lines import Placed

TIME = BY_ID["time"].column.size
SHORTEST, USER, LONG_USER = 5, 8, 12
"""Cells for a person's name: at least, at most, and at most on a wide screen."""
WIDE = 150
LEAD: Line = (Span(" "),)
"""The cell that shows the cursor, or that the row is marked."""
MARKED: Line = (Span(WELL, "key"),)


@dataclass(frozen=True, slots=True)
class Scene:
    """What a line needs besides its row. `keys`: a row may name one that can be pressed there."""

    layout: Layout
    view: View
    keys: bool = True


def scene(
    size: int, widths: tuple[int, int], columns: tuple[FleetColumn, ...], thresholds: Thresholds, now: float
) -> Scene:
    """For lines of `size` cells. `widths`: of the widest first column and of the longest person's name."""
    name, user = widths
    view = View(now, thresholds, user=min(max(user, SHORTEST), LONG_USER if size >= WIDE else USER))
    return Scene(layout(size, name, columns), view)


def heading(scene: Scene, sort: Sort) -> Line:
    layout = scene.layout
    sign = order.arrow(sort)
    at = next((place.column for place in layout.places if layout.column(place).id == sort.column), None)
    arrow = None if at is None else table_lines.Arrow(at, sign)
    return table_lines.heading(layout.columns, layout.width, arrow, layout.places)


def line(row: Row, scene: Scene, *, marked: bool = False) -> Line:
    lead = MARKED if marked else LEAD
    layout, subject = scene.layout, Subject(row, scene.view)
    words = _instead(row, scene)
    parts: list[tuple[Placed, Line]] = []
    for place in layout.places:
        column = layout.column(place)
        if words is not None and (column.id == "who" or (place.at > 1 and not row.snapshot.gpus)):
            rest = layout.width - place.at
            return table_lines.laid([*parts, (place._replace(size=rest), words.line(rest))], layout.width, lead)
        parts.append((place, column.cell(subject, place.size)))
    return table_lines.laid(_run_on(parts, layout, subject), layout.width, lead)


def _run_on(parts: list[tuple[Placed, Line]], layout: Layout, subject: Subject) -> list[tuple[Placed, Line]]:
    """HELD BY has the room of cells behind it that are empty, and where it needs it that of what a host has besides."""
    at = next((at for at, (place, _) in enumerate(parts) if layout.column(place).id == "who"), len(parts))
    end = at + 1
    while end < len(parts) and _yields(parts[end][1], subject, layout.column(parts[end][0]).id):
        end += 1
    if end - at < 2:
        return parts
    first, last = parts[at][0], parts[end - 1][0]
    place = first._replace(size=last.at + last.size - first.at)
    said = layout.column(first).cell(subject, place.size)
    fits = width(said) <= first.size and text_of(parts[end - 1][1]).strip()
    return parts if fits else [*parts[:at], (place, said), *parts[end:]]


def _yields(cell: Line, subject: Subject, column: str) -> bool:
    return not text_of(cell).strip() or (column == "program" and subject.row.kind == "host")


@dataclass(frozen=True, slots=True)
class _Words:
    """What takes the room of the columns at a host of which there is something to say. `said`: in the order of wish;
    `edge`: what stands at the right edge."""

    said: Sequence[Line]
    edge: str

    def line(self, room: int) -> Line:
        """The first of them that fits, else the last. The edge is left out where it would take half of the room."""
        end = f" {right(self.edge, max(TIME, cells(self.edge)))}" if self.edge else ""
        taken = cells(end)
        if taken > room // 2:
            end, taken = "", 0
        words = next((each for each in self.said if width(each) <= room - taken), self.said[-1])
        return (*fit(words, room - taken), Span(end, "muted"))


def _instead(row: Row, scene: Scene) -> _Words | None:
    """Of a host that is in trouble, or that has no GPU to show."""
    snapshot, now = row.snapshot, scene.view.now
    if row.kind != "host":
        return None
    if (why := host_state.reason(snapshot, now)) is not None:
        text = Span(why.text, why.role)
        whole = [(text, Span(f" — {why.remedy}", "muted"))] if why.remedy else []
        pressed = why.when in host_state.HINTS.values()
        return _Words([*whole, (text,)], why.when if scene.keys or not pressed else "")
    return None if snapshot.gpus else _Words([_no_gpus(snapshot, now)], figures.latency(snapshot.latency))


def _no_gpus(snapshot: HostSnapshot, now: float) -> Line:
    facts = [
        *besides(snapshot),
        *([count(len(snapshot.sessions), "session")] if snapshot.sessions else []),
        *([count(len(snapshot.workspaces), "container")] if snapshot.workspaces else []),
    ]
    marks = [span for line in alert_lines(alerts(snapshot, now)) for span in (Span("   "), *line)]
    fault = snapshot.telemetry_error
    role: Role = "warn" if fault is not None and fault.kind != "no-driver" else "text"
    return (Span(host_state.no_gpus(snapshot), role), *marks, Span(f"   {joined(facts)}" if facts else "", "muted"))
