"""Which host a launch goes to when any will do, and why not to the others. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.model.placement.plan import Plan
from gpuws.model.units import count


@dataclass(frozen=True, slots=True)
class Ranked:
    """A host's plan and why it stands where it stands."""

    plan: Plan
    why: str


def rank(plans: Sequence[Plan]) -> tuple[Ranked, ...]:
    """Best first. Fewest problems; then GPUs held by others, what the policy wants, warnings, an image that is there,
    most free GPUs; else the order given, which is the configuration's."""
    ordered = sorted(plans, key=lambda plan: [value for value, _ in _marks(plan)])
    return tuple(Ranked(plan, _why(plan, ordered[0])) for plan in ordered)


def _marks(plan: Plan) -> list[tuple[int, str]]:
    """What counts, in order; the lower the better, each with its words."""
    problems = [check for check in plan.checks if check.status == "fail"]
    warnings = sum(check.status == "warn" for check in plan.checks)
    shared = sum(device.shared for device in plan.devices)
    free = count(plan.free_gpus, "free GPU")
    policy = {"pack": plan.free_gpus, "spread": -plan.free_gpus}.get(plan.spec.profile.gpus.policy, 0)
    return [
        (len(problems), problems[0].detail if problems else "no problem"),
        (shared, f"{shared} of its GPUs not free"),
        (policy, f"{free}, policy {plan.spec.profile.gpus.policy}"),
        (warnings, count(warnings, "warning")),
        (not plan.image_present, _image(plan)),
        (-plan.free_gpus, free),
    ]


def _image(plan: Plan) -> str:
    if not plan.spec.image:
        return "no image is needed"
    return "the image is there" if plan.image_present else "the image must be fetched"


def _why(plan: Plan, best: Plan) -> str:
    """What forbids it, else the first thing in which it is worse than the best; for the best what speaks for it."""
    marks = _marks(plan)
    if marks[0][0]:
        return marks[0][1]
    if plan is best:
        return f"{marks[-1][1]}, {marks[-2][1]}"
    differing = (own[1] for own, other in zip(marks, _marks(best), strict=True) if own[0] != other[0])
    return next(differing, "as good, but later in the configuration")
