"""What is missing or risky on a host, each with its fix: rules over what is known of it. Pure.

What is not known has no row: nothing is called well that nobody has seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from gpuws.model import units
from gpuws.model.checkup import claims, gpus, left, machine, reach, work
from gpuws.model.checkup.facts import Exam
from gpuws.model.placement.plan import Check, Status

Rule = Callable[[Exam], Iterable[Check]]

BEFORE: tuple[Rule, ...] = (
    reach.link,
    reach.backend,
    reach.host_key,
    reach.login,
    reach.told,
    reach.besides,
    reach.shared_login,
    reach.keys,
    reach.sessions,
    reach.forwarding,
    machine.clock,
    machine.python,
    work.cost,
    gpus.driver,
    gpus.module,
    gpus.persistence,
    gpus.health,
    gpus.memory_errors,
    gpus.xids,
    gpus.throttle,
    gpus.ghosts,
    gpus.unread,
    left.unseen,
    left.shut,
    left.kernels,
    claims.taken,
    claims.roots,
    gpus.pids,
    machine.warnings,
    machine.hidepid,
    work.engineless,
)
"""The way there, then the GPUs; the engine's own rows come next."""

AFTER: tuple[Rule, ...] = (
    machine.disks,
    machine.tmp,
    machine.shm,
    left.shm,
    machine.memory,
    machine.swap,
    work.tmux,
    work.logout,
    work.linger,
    work.idle,
)


def checkup(exam: Exam, engine: Sequence[Check] = ()) -> tuple[Check, ...]:
    """All rows in the order a person reads them. `engine`: what was found of the container engine."""
    before = [check for rule in BEFORE for check in rule(exam)]
    after = [check for rule in AFTER for check in rule(exam)]
    return (*before, *engine, *claims.ended(exam, engine), *after)


def unreached(exam: Exam) -> tuple[Check, ...]:
    """A host that can't be asked: why, and nothing else."""
    return tuple(reach.link(exam))


def worst(checks: Iterable[Check]) -> Status:
    found = {check.status for check in checks}
    return "fail" if "fail" in found else "warn" if "warn" in found else "ok"


def summary(checks: Sequence[Check]) -> str:
    """`1 failure, 2 warnings, 17 checks`; a host that is not reached has one row, and it says why."""
    if [(check.name, check.status) for check in checks] == [("link", "fail")]:
        return "not reached"
    failures, warnings = (sum(check.status == status for check in checks) for status in ("fail", "warn"))
    counted = ((failures, "failure"), (warnings, "warning"))
    words = [units.count(number, word) for number, word in counted if number]
    return ", ".join([*(words or ["all is well"]), units.count(len(checks), "check")])
