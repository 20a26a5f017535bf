"""The launch dialog's words: hosts to choose from and why, what is made, checks with their remedies."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.model import units
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Check, Plan
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.profile.gpu_spec import describe, spec
from gpuws.model.profile.imported import Imported
from gpuws.model.profile.profile import ProfileSummary
from gpuws.model.text import about
from gpuws.model.units import count
from gpuws.present.doctor import SIGNS
from gpuws.present.figures import models
from gpuws.present.line import Line, Span, clean, joined
from gpuws.tui.launch.draft import Draft
from gpuws.tui.launch.where import launchable
from gpuws.tui.toolkit.fitting import cells

if TYPE_CHECKING:
    from gpuws.tui.launch.planner import Answer

CHECKING: Line = (Span("checking …", "muted"),)
IMAGE_ONLY = "no profile: only an image"
PASTE = "paste a docker run line, a Compose file or a devcontainer.json …"


def host_label(snapshot: HostSnapshot) -> str:
    why = launchable(snapshot)
    free = sum(gpu.free for gpu in snapshot.gpus)
    none = "no GPU" if "telemetry" in snapshot.complete else "GPUs not read yet"
    gpus = f"{free} of {len(snapshot.gpus)} free" if snapshot.gpus else none
    return joined([f"{clean(snapshot.name)}  {gpus}", models(snapshot.gpus), why], "  ")


def best_label(hosts: Sequence[str]) -> str:
    return f"best of {count(len(hosts), 'host')}  the reason stands below"


def host_words(answer: Answer) -> list[Line]:
    """Which host is the best and why; why not the others. Nothing where only one was asked."""
    if answer.plan is None or len(answer.ranked) + len(answer.failed) < 2:
        return []
    best, *others = answer.ranked
    line: Line = (Span(f"→ {clean(best.plan.host)}", "strong"), Span(f"  {clean(best.why)}", "ok"))
    rest = [f"{clean(one.plan.host)}: {clean(one.why, 80)}" for one in others]
    rest += [f"{clean(host)}: {clean(error.message, 80)}" for host, error in answer.failed]
    return [line, (Span(f"  not {joined(rest)}", "muted"),)]


def memory_words(snapshot: HostSnapshot | None) -> str:
    """What the host has free, beside what is asked of it."""
    if snapshot is None or snapshot.memory_total is None or snapshot.memory_used is None:
        return ""
    free = max(snapshot.memory_total - snapshot.memory_used, 0)
    return f"{units.size(free)} of {units.size(snapshot.memory_total)} free"


def size_words(size: int | None, missing: str) -> str:
    return units.size(size).lower() if size else missing


def gpus_words(plan: Plan) -> str:
    """The GPUs that hold where none are asked for, as a SPEC."""
    clone = plan.asked is not None and plan.asked.like is not None
    return str(len(plan.devices)) if clone else spec(plan.spec.profile.gpus)


def makes(plan: Plan) -> Line:
    """What there will be, and where."""
    profile = plan.spec.profile
    ports = [str(port.target) for port in profile.ports]
    parts = [
        f"{clean(plan.spec.name, 60)} on {clean(plan.host, 60)}",
        clean(plan.spec.image, 80),
        f"tmux {clean(profile.tmux.session, 30)}" if profile.tmux else None,
        f"Jupyter {profile.jupyter.port}, o opens it" if profile.jupyter else None,
        f"ports {', '.join(ports)}" if ports else None,
    ]
    return (Span(joined(parts), "mine"),)


def missing(profiles: Sequence[ProfileSummary], chosen: str, snapshots: Sequence[HostSnapshot]) -> Check:
    """Why nothing can be planned: a profile or a host is missing. `chosen`: the profile, "" for none."""
    if all(profile.error for profile in profiles):
        return Check("profiles", "fail", "there is no profile that can be used", "ctrl+n makes one from a form")
    if not chosen:
        return Check("profile", "fail", "choose what to launch: a profile, an image, or paste a recipe")
    if all(launchable(snapshot) for snapshot in snapshots):
        return Check("hosts", "fail", "no host can launch anything now", "see their rows for the reason")
    return Check("host", "fail", "choose a host")


def no_image() -> Check:
    return Check("image", "fail", "which image?", "type its name, as docker pull has it")


def way_out(launched: ProfileSummary | Imported | None, *, mend: bool) -> str:
    """Which key helps where there is no plan. `mend`: what is launched is wrong, or what was chosen beyond it."""
    if isinstance(launched, Imported):
        return "   ctrl+o opens what was pasted" if mend else ""
    if launched is not None and not launched.accepted:
        return "   ctrl+t shows what the profile does"
    return "   ctrl+o opens the profile" if mend else ""


def host_checks(failed: Sequence[tuple[str, GpuwsError]]) -> list[Check]:
    """Why there is a plan on none of them."""
    return [
        Check(host, "fail", about(host, " ".join(error.message.split("\n"))), error.remedy) for host, error in failed
    ]


def wait_words(wait: QueuedWait, waits: Sequence[QueuedWait]) -> str:
    """Its place among those that go on, and why it waits. `waits`: all, in their order."""
    before = [one.id for one in waits if one.open and one.id != wait.id and one.since <= wait.since]
    return joined([f"{units.ordinal(len(before) + 1)} in the queue", clean(wait.text, 300)], ": ")


def error_checks(error: GpuwsError, name: str) -> list[Check]:
    """A row for each thing that is wrong; of a file all are told at once."""
    first, *others = error.message.split("\n")
    return [Check(name, "fail", first, error.remedy), *(Check(name, "fail", other) for other in others)]


def check_lines(checks: Sequence[Check], size: int, *, brief: bool = False) -> list[Line]:
    """What is not well has lines of its own, with the remedy; what is flows together below, `brief`: in one line."""
    well = [f"✓ {clean(check.detail)}" for check in checks if check.status == "ok"]
    lines = [
        line
        for status in ("fail", "warn")
        for check in checks
        if check.status == status
        for line in _problem(check, size)
    ]
    return lines + ([_one_row(well, size)] if brief and well else _flow(well, size))


def _one_row(parts: Sequence[str], size: int) -> Line:
    """As many as fit, and how many are left out."""
    for shown in range(len(parts), 0, -1):
        rest = f"   ✓ +{len(parts) - shown}" if shown < len(parts) else ""
        row = "   ".join(parts[:shown]) + rest
        if cells(row) <= size:
            return (Span(row, "ok"),)
    return (Span(f"✓ {len(parts)} checks are well", "ok"),)


def _flow(parts: Sequence[str], size: int) -> list[Line]:
    rows: list[str] = []
    for part in parts:
        if rows and cells(rows[-1]) + 3 + cells(part) <= size:
            rows[-1] += f"   {part}"
        else:
            rows.append(part)
    return [(Span(row, "ok"),) for row in rows]


def _problem(check: Check, size: int) -> list[Line]:
    mark, role = SIGNS[check.status]
    text = joined([clean(check.detail, 600), clean(check.remedy, 600)], " — ")
    rows = textwrap.wrap(text, max(size - 2, 10)) or [""]
    return [(Span(f"{mark} " if not number else "  ", role), Span(row, role)) for number, row in enumerate(rows)]


def verdict(checks: Sequence[Check]) -> Line:
    """Whether it can be launched, and if not which checks say so."""
    if problems := [check for check in checks if check.status == "fail"]:
        names = joined(dict.fromkeys(clean(check.name, 40) for check in problems), ", ")
        said = Span(f"✗ {count(len(problems), 'problem')}: {names}", "error")
        return (said, Span("   ctrl+g launches all the same", "muted"))
    risky = sum(check.status == "warn" for check in checks)
    if risky:
        return (Span(f"⚠ ready, with {count(risky, 'warning')}", "warn"),)
    return (Span("✓ ready", "ok"),)


def gpus_hint(profile: ProfileSummary | None, draft: Draft, mine: str = "") -> Line:
    """What stands in the field, or holds without it. `mine`: a GPU that I hold already, and is not taken unasked."""
    try:
        wish = draft.wish
    except UsageError:
        return ()  # its row says it
    if wish is None:
        told = profile is not None and not profile.error
        said = f"as the profile says: {clean(profile.gpus, 40)}" if profile and told else ""
        return (Span(f"not GPU {mine}: you hold it" if mine else said, "muted"),)
    if wish.all or wish.none:
        return (Span("all of them" if wish.all else "none", "key"),)
    if wish.explicit:
        return (Span(f"{len(wish.indices or wish.uuids)} chosen by you", "key"),)
    return (Span(f"{clean(describe(wish), 40)} wanted; space chooses which", "muted"),)


def lost_checks(recipe: Imported | None) -> list[Check]:
    """A row for each thing that a pasted text says and a profile does not."""
    return [Check("pasted", "warn", str(each)) for each in recipe.lost] if recipe else []


def service_words(recipe: Imported) -> str:
    """One of several that were pasted: its image, and how much of it is lost."""
    image = next((line.partition(":")[2].strip() for line in recipe.text.splitlines() if line.startswith("image:")), "")
    return joined([image, f"{count(len(recipe.lost), 'thing')} to know" if recipe.lost else None], "   ")
