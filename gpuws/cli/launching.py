"""launch: choose the host, show the checks, create and start; Ctrl-C leaves nothing behind."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.cli import json
from gpuws.cli.compose import Setup, open_fleet, set_up
from gpuws.cli.failures import note
from gpuws.cli.inside import enter
from gpuws.cli.options import Options
from gpuws.cli.progress import ProgressLine
from gpuws.cli.selection import GLANCE, PATIENCE, chosen_hosts, reachable, writable
from gpuws.cli.wait import gather, until
from gpuws.config.gpus import parse_gpus
from gpuws.fleet.base import Fleet
from gpuws.model.container import Container, Ref
from gpuws.model.errors import Cancelled, GpuwsError, Refused, UsageError
from gpuws.model.plan import Check, Plan, Want

NEEDS = frozenset({"telemetry", "containers"})
CLEANUP = 20.0  # seconds that a cancelled launch gets to take back what it made
APPEAR = 5.0  # seconds until what was launched is listed
GLYPHS = {"ok": "✓", "warn": "⚠", "fail": "✗"}


@dataclass(frozen=True, slots=True)
class Wish:
    """The command line of `gpuws launch`."""

    profile: str
    anywhere: bool
    name: str | None
    gpus: str | None
    overrides: tuple[str, ...]
    attach: bool
    force: bool

    def want(self) -> Want:
        gpus = None if self.gpus is None else parse_gpus(self.gpus)
        return Want(self.name, gpus, self.overrides, self.force)


def launch_profile(options: Options, wish: Wish) -> int:
    setup, want = set_up(options), wish.want()
    names = _hosts(setup, options, wish)
    with open_fleet(setup, names) as fleet:
        plan = best(plans(fleet, names, wish.profile, want, options.timeout))
        refused = bool(plan.problems) and not wish.force
        if options.dry_run:
            _print_plan(plan, as_json=options.json)
            return Refused.exit_code if refused else 0
        _show_checks(plan.checks)
        if refused:
            raise Refused(
                f"{plan.host}: {plan.problems[0].detail}", plan.problems[0].remedy or "--force goes on anyway"
            )
        made = _appeared(fleet, launch_cancellable(fleet, plan))
        text = json.text(json.launch(plan, made), indent=None) if options.json else f"{plan.host}/{plan.spec.name}"
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
        return enter(fleet, made.place, None) if wish.attach and made else 0


def _hosts(setup: Setup, options: Options, wish: Wish) -> tuple[str, ...]:
    if not (options.host or options.tag or wish.anywhere) and len(setup.hosts) > 1:
        raise UsageError("on which host?", "say -H HOST, --tag TAG or --anywhere")
    return chosen_hosts(setup, options.host, options.tag)


def plans(fleet: Fleet, names: Sequence[str], profile: str, want: Want, timeout: float | None) -> list[Plan]:
    """A plan for every host that can be reached; the first error where there is none."""
    usual = PATIENCE if len(names) == 1 else GLANCE
    snapshots = gather(fleet, NEEDS, usual if timeout is None else timeout)
    made: list[Plan] = []
    errors: list[GpuwsError] = []
    for snapshot in snapshots:
        try:
            writable(reachable(snapshot))
            made.append(fleet.plan(snapshot.name, profile, want))
        except UsageError:
            raise  # the profile or the command is wrong everywhere
        except GpuwsError as error:
            errors.append(error)
    if not made:
        raise errors[0]
    for failed in errors:
        note(str(failed))
    return made


def best(choices: Sequence[Plan]) -> Plan:
    """Fewest problems, then warnings, then an image that need not be fetched; else the configuration's order."""
    return min(choices, key=lambda plan: (len(plan.problems), _warnings(plan), not plan.image_present))


def _warnings(plan: Plan) -> int:
    return sum(check.status == "warn" for check in plan.checks)


def launch_cancellable(fleet: Fleet, plan: Plan) -> Ref:
    """Launch; Ctrl-C cancels, and waits until what was made is gone again."""
    cancel, line = threading.Event(), ProgressLine()
    result: list[Ref | BaseException] = []

    def work() -> None:
        try:
            result.append(fleet.launch(plan, line.report, cancel))
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            result.append(error)

    thread = threading.Thread(target=work, name="launch", daemon=True)
    thread.start()
    try:
        thread.join()
    except KeyboardInterrupt:
        cancel.set()
        line.end()
        note("cancelling")
        thread.join(CLEANUP)
        raise Cancelled("cancelled") from None
    finally:
        line.end()
    if isinstance(result[0], BaseException):
        raise result[0]
    return result[0]


def _appeared(fleet: Fleet, ref: Ref) -> Container | None:
    """The container as listed; None where the list did not come in time."""

    def look() -> Container | None:
        return next((c for s in fleet.snapshots() for c in s.containers if c.ref == ref), None)

    until(fleet, lambda: look() is not None, APPEAR)
    return look()


def _show_checks(checks: Sequence[Check]) -> None:
    for check in checks:
        note(_line(check))


def _line(check: Check) -> str:
    remedy = f" — {check.remedy}" if check.remedy and check.status != "ok" else ""
    return f"{GLYPHS[check.status]} {check.name}: {check.detail}{remedy}"


def _print_plan(plan: Plan, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(f"{json.text(json.launch(plan, None))}\n")
        return
    lines = [f"{plan.host}/{plan.spec.name}", *(_line(check) for check in plan.checks), f"$ {plan.command}"]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
