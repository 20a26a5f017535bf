"""The launch dialog's words: hosts to choose from, GPUs to tick, checks with their remedies."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Sequence

from gpuws.model.gpu import Gpu
from gpuws.model.host import HostState
from gpuws.model.placement import tenancy
from gpuws.model.plan import Check, Plan
from gpuws.model.profile import ProfileSummary
from gpuws.model.snapshot import HostSnapshot
from gpuws.tui.present.figures import models
from gpuws.tui.present.line import Line, Role, Span, cells, clean, count, joined

MARKS: dict[str, tuple[str, Role]] = {"ok": ("✓", "ok"), "warn": ("⚠", "warn"), "fail": ("✗", "error")}


def wanted(profile: ProfileSummary | None) -> int:
    """How many GPUs a profile asks for, as far as its summary tells."""
    number = re.match(r"\d+", profile.gpus) if profile else None
    return int(number[0]) if number else 0


def launchable(snapshot: HostSnapshot) -> str:
    """Why nothing can be launched there; "" when it can."""
    if snapshot.state is not HostState.UP:
        return snapshot.state.value
    if snapshot.readonly:
        return "read-only"
    if snapshot.engine is not None and snapshot.engine.error:
        return clean(snapshot.engine.error, 60)
    return ""


def ranked(snapshots: Sequence[HostSnapshot], need: int) -> list[HostSnapshot]:
    """Hosts to launch on: those with enough free GPUs first, the emptiest of them first."""

    def rank(snapshot: HostSnapshot) -> tuple[bool, bool, int]:
        free = sum(gpu.free for gpu in snapshot.gpus)
        return (bool(launchable(snapshot)), free < need, -free)

    return sorted(snapshots, key=rank)


def host_label(snapshot: HostSnapshot) -> str:
    why = launchable(snapshot)
    free = sum(gpu.free for gpu in snapshot.gpus)
    gpus = f"{free} of {len(snapshot.gpus)} free" if snapshot.gpus else "no GPU"
    return joined([f"{clean(snapshot.name)}  {gpus}", models(snapshot.gpus), why], "  ")


def gpu_cell(gpu: Gpu, ticked: bool) -> Line:
    """`☑ 2 free`: who lives there, so that one knows whom one joins."""
    role: Role = "free" if gpu.free else "mine" if gpu.mine else "muted"
    box = ("☑", "key") if ticked else ("☐", "muted")
    return (Span(box[0], box[1]), Span(f" {gpu.index} ", "strong"), Span(clean(tenancy(gpu), 60), role))  # type: ignore[arg-type]


def check_lines(checks: Sequence[Check], size: int) -> list[Line]:
    """What is well flows together; what is not has lines of its own, with the remedy."""
    lines = _flow([f"✓ {clean(check.detail)}" for check in checks if check.status == "ok"], size)
    for status in ("warn", "fail"):
        for check in checks:
            if check.status == status:
                lines += _problem(check, size)
    return lines


def _flow(parts: Sequence[str], size: int) -> list[Line]:
    rows: list[str] = []
    for part in parts:
        if rows and cells(rows[-1]) + 3 + cells(part) <= size:
            rows[-1] += f"   {part}"
        else:
            rows.append(part)
    return [(Span(row, "ok"),) for row in rows]


def _problem(check: Check, size: int) -> list[Line]:
    mark, role = MARKS[check.status]
    text = joined([clean(check.detail, 600), clean(check.remedy, 600)], " — ")
    rows = textwrap.wrap(text, max(size - 2, 10)) or [""]
    return [(Span(f"{mark} " if not number else "  ", role), Span(row, role)) for number, row in enumerate(rows)]


def verdict(plan: Plan) -> Line:
    """Whether it can be launched, and if not which checks say so."""
    if plan.problems:
        names = joined(dict.fromkeys(clean(check.name, 40) for check in plan.problems), ", ")
        return (Span(f"✗ {count(len(plan.problems), 'problem')}: {names}", "error"),)
    risky = sum(check.status == "warn" for check in plan.checks)
    if risky:
        return (Span(f"⚠ ready, with {count(risky, 'warning')}", "warn"),)
    return (Span("✓ ready", "ok"),)


def gpus_hint(profile: ProfileSummary | None, chosen: Collection[str] | None) -> str:
    """What the ticks mean."""
    if chosen is not None:
        return "none" if not chosen else f"{len(chosen)} chosen by you"
    return f"as the profile says: {clean(profile.gpus, 40)}" if profile else ""
