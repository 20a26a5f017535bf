"""launch: choose the host, show the checks, create and start; Ctrl-C leaves nothing behind."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gpuws.cli.inside.attach import enter
from gpuws.cli.launch.profile import settle_profile
from gpuws.cli.launch.where import SAY, asked, can_ask
from gpuws.cli.tasks.begun import say_begun
from gpuws.cli.toolkit.cancellation import cancellable
from gpuws.cli.toolkit.confirmation import settle
from gpuws.cli.toolkit.environment import demo_wanted
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.progress import ProgressLine
from gpuws.cli.toolkit.selection import GLANCE, PATIENCE, chosen_hosts, reachable
from gpuws.cli.toolkit.setup import Setup, open_fleet, set_up
from gpuws.cli.toolkit.waiting import gather, until
from gpuws.config.imports.told_apart import refuse_file
from gpuws.model.consent.confirm import Confirmation, launch_confirmation, writable
from gpuws.model.errors import GpuwsError, Refused, UsageError
from gpuws.model.host.completeness import HOLDERS
from gpuws.model.host.naming import labelled
from gpuws.model.placement.follow import Follow, Launched, ready_problem
from gpuws.model.placement.plan import Check, Plan, Want
from gpuws.model.placement.ranking import rank
from gpuws.model.profile.gpu_spec import parse_gpus
from gpuws.model.workspace.workspace import Ref, Workspace
from gpuws.present.doctor import SIGNS
from gpuws.present.documents import actions
from gpuws.present.documents.base import printed
from gpuws.present.verified import verified

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet

ATTEMPTS = 10  # launches that were overtaken by somebody else's are planned anew
APPEAR = 5.0  # seconds until what was launched is listed
ENTERED = 0.3  # seconds that it must stay up before it is entered


@dataclass(frozen=True, slots=True)
class LaunchRequest:
    """The command line of `gpuws launch`, and of `run`: `recipe` is the text of a profile that lies in no file,
    `environ` gives what it only names; empty: this program's environment does."""

    profile: str
    anywhere: bool
    name: str | None
    gpus: str | None
    overrides: tuple[str, ...]
    attach: bool
    force: bool
    ready: str = ""
    verify: bool = False
    detach: bool = False
    recipe: str = field(default="", repr=False)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    def want(self, timeout: float | None) -> Want:
        """`timeout`: seconds for what is waited for, None: the usual ones."""
        gpus = None if self.gpus is None else parse_gpus(self.gpus)
        follow = asked_follow(self.ready, timeout, verify=self.verify, attach=self.attach)
        return Want(
            self.name, gpus, self.overrides, self.force, recipe=self.recipe, environ=self.environ, follow=follow
        )


def asked_follow(ready: str, timeout: float | None, *, verify: bool, attach: bool) -> Follow:
    """Who enters it sees by himself how it goes on. UsageError where that can't be waited for."""
    if problem := ready_problem(ready):
        raise UsageError(f"--wait-ready {problem}", "write --wait-ready 8888, or --wait-ready healthy")
    follow = Follow(watch=ENTERED if attach else None, ready=ready, verify=verify)
    return follow if timeout is None else replace(follow, within=timeout)


def running(command: Sequence[str]) -> tuple[str, ...]:
    """What `--set` would say for these words to be its command, each as it is typed."""
    words = json.dumps([word.replace("$", "$$") for word in command], ensure_ascii=False)
    return (f"command={words}",) if command else ()


def launch_profile(options: Options, request: LaunchRequest) -> int:
    refuse_file(request.profile)
    settle_profile(options, request.profile, request.overrides)
    return _launch_somewhere(options, request)


def launch_recipe(options: Options, request: LaunchRequest, recipe: str, environ: Mapping[str, str]) -> int:
    """The same of a profile that lies in no file."""
    return _launch_somewhere(options, replace(request, profile="", recipe=recipe, environ=environ))


def _launch_somewhere(options: Options, request: LaunchRequest) -> int:
    setup, want = set_up(options), request.want(options.timeout)
    if request.detach:
        _check_detached(setup, request)
    names = chosen_hosts(setup, options.host, options.tag)
    asks = _must_ask(setup, options, request)
    with open_fleet(setup, names) as fleet:
        where: Sequence[str] = names

        def chosen() -> Plan:
            return _choose(fleet, where, request.profile, want, options)

        if asks:
            made, errors = plans(fleet, names, request.profile, want, options.timeout)
            first = asked(rank(made), errors).plan
            where = (first.host,)
        else:
            first = chosen()
        if request.detach and not options.dry_run:
            _agree(first, options, force=request.force)
            return say_begun(fleet.begin_launch(first), options)
        return launch_planned(fleet, first, chosen, options, force=request.force, attach=request.attach)


def _check_detached(setup: Setup, request: LaunchRequest) -> None:
    if request.attach:
        raise UsageError("--detach leaves nobody here who could enter it", "leave --attach or --detach out")
    if not setup.kept and not demo_wanted():
        raise UsageError("there is no keeper that could go on with it", "leave --detach out, or GPUWS_KEEPER=0")


def launch_planned(
    fleet: Fleet, plan: Plan, again: Callable[[], Plan], options: Options, *, force: bool, attach: bool
) -> int:
    """Show the plan, or carry it out and say what was made. `again` plans anew where somebody else was faster."""
    if options.dry_run:
        _print_plan(plan, as_json=options.json)
        return Refused.exit_code if plan.problems and not force else 0
    plan, launched = _launch(fleet, plan, again, options, force=force)
    return say_made(fleet, plan, launched, options, attach=attach)


def say_made(fleet: Fleet, plan: Plan, launched: Launched, options: Options, *, attach: bool) -> int:
    """What was made, once it is listed; then into it, if that is wanted."""
    made, target = appeared(fleet, launched.ref), labelled(plan.host, plan.spec.name)
    text = printed(actions.launch(plan, made, launched.verification), indent=None) if options.json else target
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
    if launched.verification:
        note("\n".join(verified(launched.verification)))
    if gone := launched.ending:
        kept = "it is gone, as --rm says" if plan.spec.profile.auto_remove else f"gpuws logs {target} has its output"
        note("\n".join([f"{target} {gone} — {kept}", *(f"  {line}" for line in launched.lines)]))
        return 0
    return enter(fleet, made.place, None, target) if attach and made else 0


def _choose(fleet: Fleet, names: Sequence[str], profile: str, want: Want, options: Options) -> Plan:
    """The best host's plan; why not another is said where there was a choice."""
    made, errors = plans(fleet, names, profile, want, options.timeout)
    for failed in errors.values():
        note(str(failed))
    ranked = rank(made)
    if len(ranked) > 1:
        for one in ranked:
            note(f"{'→' if one is ranked[0] else '·'} {one.plan.host}: {one.why}")
    return ranked[0].plan


def _launch(
    fleet: Fleet, plan: Plan, again: Callable[[], Plan], options: Options, *, force: bool
) -> tuple[Plan, Launched]:
    """Launch; where somebody else was faster, with other GPUs. Who else is on them is asked once."""
    agreed: Confirmation | None = None
    for left in reversed(range(ATTEMPTS)):
        agreed = _agree(plan, options, force=force, agreed=agreed)
        try:
            return plan, launch_cancellable(fleet, plan)
        except Refused as error:
            if not left:
                raise
            note(error.message)
        plan = again()
    raise AssertionError("the last attempt returns or raises")


def _agree(plan: Plan, options: Options, *, force: bool, agreed: Confirmation | None = None) -> Confirmation | None:
    """Show the checks, and ask what must be asked, unless it was `agreed` to; gives what was."""
    show_checks(plan.checks)
    if plan.problems and not force:
        first = plan.problems[0]
        raise Refused(f"{plan.host}: {first.detail}", first.remedy or "--force goes on anyway")
    asked = launch_confirmation(plan)
    if asked is not None and (agreed is None or asked.lines != agreed.lines):
        settle([asked], options)
    return asked


def _must_ask(setup: Setup, options: Options, request: LaunchRequest) -> bool:
    """Several hosts, and none was said. UsageError where nobody is there to choose, or a program reads the answer."""
    unsaid = not (options.host or options.tag or request.anywhere) and len(setup.hosts) > 1
    if unsaid and (options.json or not can_ask()):
        raise UsageError("on which host?", SAY)
    return unsaid


def plans(
    fleet: Fleet, names: Sequence[str], profile: str, want: Want, timeout: float | None
) -> tuple[list[Plan], dict[str, GpuwsError]]:
    """A plan for every host that can be reached, and why not the others, by name. The first error where there is
    none."""
    usual = PATIENCE if len(names) == 1 else GLANCE
    snapshots = gather(fleet, HOLDERS, usual if timeout is None else timeout)
    made: list[Plan] = []
    errors: dict[str, GpuwsError] = {}
    for snapshot in snapshots:
        try:
            writable(reachable(snapshot))
            made.append(fleet.plan(snapshot.name, profile, want))
        except UsageError:
            raise  # the profile or the command is wrong everywhere
        except GpuwsError as error:
            errors[snapshot.name] = error
    if not made:
        raise next(iter(errors.values()))
    return made, errors


def launch_cancellable(fleet: Fleet, plan: Plan) -> Launched:
    """Launch; Ctrl-C cancels, and waits until what was made is gone again."""
    with ProgressLine() as line:
        return cancellable(lambda cancel: fleet.launch(plan, line.report, cancel), line.end)


def appeared(fleet: Fleet, ref: Ref) -> Workspace | None:
    """The container as listed, started; as it is then where that did not come in time, None where it is not listed."""

    def look() -> Workspace | None:
        return next((c for s in fleet.snapshots() for c in s.workspaces if c.ref == ref), None)

    until(fleet, lambda: (made := look()) is not None and made.state != "starting", APPEAR)
    return look()


def show_checks(checks: Sequence[Check]) -> None:
    for check in checks:
        note(check_line(check))


def check_line(check: Check) -> str:
    remedy = f" — {check.remedy}" if check.remedy and check.status != "ok" else ""
    return f"{SIGNS[check.status][0]} {check.name}: {check.detail}{remedy}"


def _print_plan(plan: Plan, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(f"{printed(actions.launch(plan, None, None))}\n")
        return
    lines = [
        labelled(plan.host, plan.spec.name),
        *(check_line(check) for check in plan.checks),
        *(f"· not GPU {one.label}: {one.reason}" for one in plan.rejected),
        *(f"· to type: {asked.word}" for asked in [launch_confirmation(plan)] if asked),
        f"$ {plan.command}",
    ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
