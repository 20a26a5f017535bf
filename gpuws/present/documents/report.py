"""A report of the use of GPUs, as `gpuws report --json` prints it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpuws.model.history.report import Gap, LongRest, Report, Row
from gpuws.model.units import timestamp

if TYPE_CHECKING:
    from gpuws.present.documents.fields.report import GapRow, ReportDocument, RestRow, UseRow


def report(found: Report) -> ReportDocument:
    total = found.all
    return {
        "since": timestamp(found.since) or "",
        "until": timestamp(found.until) or "",
        "by": found.by,
        "hosts": list(found.hosts),
        "gpus": len(found.gpus),
        "possible_seconds": round(found.possible, 1),
        "watched_seconds": round(found.watched, 1),
        "held_seconds": round(total.seconds, 1),
        "used_seconds": round(total.used, 1),
        "idle_seconds": round(total.idle, 1),
        "free_seconds": round(found.free, 1),
        "unknown_seconds": round(found.unknown, 1),
        "energy_joules": round(total.joules, 1) if total.metered else None,
        "rows": [_row(row, found) for row in found.rows],
        "gaps": [_gap(gap) for gap in found.gaps],
        "longest_idle": [_rest(rest) for rest in found.rests],
    }


def _row(row: Row, found: Report) -> UseRow:
    held, whose = row.held, row.whose
    facts = found.gpus.get(whose.gpu) if whose.gpu else None
    return {
        "name": f"{whose.gpu.host}/{facts.number}" if whose.gpu and facts else whose.name or None,
        "kind": whose.kind,
        "people": whose.people or None,
        "uuid": whose.gpu.uuid if whose.gpu else None,
        "gpus": row.gpus,
        "held_seconds": round(held.seconds, 1),
        "used_seconds": round(held.used, 1),
        "idle_seconds": round(held.idle, 1),
        "utilization_percent": round(held.load / held.measured, 1) if held.measured else None,
        "energy_joules": round(held.joules, 1) if held.metered else None,
        "energy_known_seconds": round(held.metered, 1),
        "watched_seconds": round(row.watched, 1) if whose.kind in ("host", "gpu") else None,
    }


def _gap(gap: Gap) -> GapRow:
    return {"host": gap.host, "since": timestamp(gap.since) or "", "until": timestamp(gap.until) or ""}


def _rest(one: LongRest) -> RestRow:
    rest = one.rest
    return {
        "host": rest.gpu.host,
        "uuid": rest.gpu.uuid,
        "user": one.whose.name or None,
        "mine": one.whose.kind == "me",
        "since": timestamp(rest.since) or "",
        "until": timestamp(rest.until) or "",
        "evidence": rest.why,
    }
