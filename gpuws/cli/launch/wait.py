"""wait: until such GPUs are free somewhere; then say where, or launch there."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpuws.cli.launch.launch import asked_follow, launch_cancellable, say_made, show_checks
from gpuws.cli.launch.profile import settle_profile
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.host_back import NUDGE
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.progress import ProgressLine
from gpuws.cli.toolkit.selection import PATIENCE, chosen_hosts, reachable, trouble
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.cli.toolkit.waiting import gather, on_terminal, until
from gpuws.fleet.background.gpu_wait import Wait, launch_there, problems_other_than_gpus
from gpuws.model.errors import GpuwsError, Refused, Unreachable, UsageError
from gpuws.model.host.completeness import HOLDERS, owed, shortfall
from gpuws.model.host.machine import one_each
from gpuws.model.host.question import Answer, Question
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.moments import parse_duration
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Plan, Progress, Want
from gpuws.model.placement.queued_wait import QueuedWait, WaitOrder
from gpuws.model.placement.wait import Fit, possible
from gpuws.model.profile.gpu_spec import describe, parse_gpus
from gpuws.model.profile.profile import GpuWish
from gpuws.model.text import about
from gpuws.model.units import duration
from gpuws.present.documents import actions, listings
from gpuws.present.documents.base import printed

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet

BELL = "\a"
PACE = 1.0  # seconds between two changes of the line


@dataclass(frozen=True, slots=True)
class WaitRequest:
    """The command line of `gpuws wait`. `at_most`: a duration as a person writes it."""

    gpus: str
    profile: str | None = None
    name: str | None = None
    attach: bool = False
    at_most: str | None = None
    detach: bool = False


def wait_for_gpus(options: Options, asked: WaitRequest) -> int:
    wish, limit = parse_gpus(asked.gpus), _seconds(asked.at_most)
    _check_words(asked)
    if asked.profile is not None:
        settle_profile(options, asked.profile)
    setup = set_up(options)
    if asked.detach and not setup.kept:
        raise UsageError("there is no keeper that could go on waiting", "leave --detach out, or GPUWS_KEEPER=0")
    names = chosen_hosts(setup, options.host, options.tag)
    wait = Wait(wish, names, writable=asked.profile is not None)
    with open_fleet(setup, names) as fleet:
        waiting = TerminalWait(fleet, wait, limit)
        waiting.begin(PATIENCE if options.timeout is None else options.timeout)
        want = Want(asked.name, wish, follow=asked_follow("", None, verify=False, attach=asked.attach))
        if asked.profile is not None:
            _check(fleet, wait, asked.profile, want)
        order = WaitOrder(asked.gpus, names, asked.profile or "", asked.name)
        if options.dry_run:
            return _show(order, _words(wish), wait.standing(fleet.snapshots()), options)
        if asked.detach:
            return _detach(fleet, order, options)
        if asked.profile is None:
            return _say_free(waiting, options)
        plan, ref = _launched(waiting, asked.profile, want)
        return say_made(fleet, plan, ref, options, attach=asked.attach)


def _check_words(asked: WaitRequest) -> None:
    if asked.profile is None and (asked.name or asked.attach or asked.detach):
        raise UsageError("nothing is launched that could be named, entered or left alone", "say --launch PROFILE")
    if asked.detach and (asked.attach or asked.at_most):
        raise UsageError("--detach leaves nobody here who could enter or stop waiting", "gpuws waits cancel N ends it")


def _show(order: WaitOrder, words: str, standing: str, options: Options) -> int:
    """What it would wait for."""
    document = listings.waits([QueuedWait("", order, time.time(), text=standing)])
    sys.stdout.write(f"{printed(document) if options.json else f'{words}: {standing}'}\n")
    return 0


def _detach(fleet: Fleet, order: WaitOrder, options: Options) -> int:
    kept = fleet.begin_wait(order, dict(os.environ))
    sys.stdout.write(f"{printed(listings.waits([kept])) if options.json else kept.id}\n")
    note(f"it goes on in the keeper: gpuws waits; gpuws waits cancel {kept.id} ends it")
    return 0


class TerminalWait:
    """One wait at this terminal. `limit`: seconds, None: for ever."""

    def __init__(self, fleet: Fleet, wait: Wait, limit: float | None) -> None:
        self.fleet = fleet
        self._wait = wait
        self._limit = limit
        self._began = time.monotonic()
        self._line = ProgressLine()
        self._live = sys.stderr.isatty()
        self._shown = 0.0  # when the line was written last

    def begin(self, timeout: float) -> None:
        """Says which hosts are not there, or have not told all of them; raises where none of them can be waited for."""
        snapshots = gather(self.fleet, HOLDERS, timeout if self._limit is None else min(timeout, self._limit))
        if snapshots and all(one.state.final for one in snapshots):
            reachable(snapshots[0])
        for one in snapshots:
            if not one.state.reached:
                note(about(one.name, trouble(one)))
            elif short := shortfall(one, HOLDERS):
                note(short.message)
        self._wait.look(snapshots)

    @property
    def lasted(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began

    def free(self) -> tuple[Fit, ...]:
        """Where such GPUs are free, once they are. `GpuwsError` when the time is up."""
        found: tuple[Fit, ...] = ()

        def look() -> bool:
            nonlocal found
            snapshots = self.fleet.snapshots()
            found = self._wait.look(snapshots)
            if self._live and not found:
                self._show(snapshots)
            return bool(found)

        left = math.inf if self._limit is None else max(self._limit - self.lasted, 0.0)
        with self._line:
            while not until(self.fleet, look, min(left, NUDGE), self._ask):
                left -= NUDGE
                if left <= 0:
                    raise self._too_late(self.fleet.snapshots())
                self._wait.hurry(self.fleet)
        return found

    def _too_late(self, snapshots: Sequence[HostSnapshot]) -> GpuwsError:
        """Where no host told its GPUs, that is the answer."""
        told = any(one.state.reached and not owed(one, HOLDERS) for one in snapshots)
        kind = GpuwsError if told else Unreachable
        return kind(
            f"{_words(self._wait.wish)}: not free within {duration(self._limit)}", self._wait.standing(snapshots)
        )

    def launched(self, profile: str, want: Want, run: Callable[[Plan], Launched]) -> tuple[Plan, Launched]:
        """What was launched, as soon as it could be."""
        while True:
            made = launch_there(self.fleet, self._wait, self.free(), profile, want, run, note)
            if made is not None:
                return made

    def _show(self, snapshots: Sequence[HostSnapshot]) -> None:
        """At most once a second: fleets are large."""
        if time.monotonic() - self._shown >= PACE:
            self._shown = time.monotonic()
            words = f"{duration(self.lasted)} for {_words(self._wait.wish)} · {self._wait.standing(snapshots)}"
            self._line.report(Progress("waiting", words))

    def _ask(self, question: Question) -> Answer | None:
        self._line.end()
        return on_terminal(question, self.fleet)


def _check(fleet: Fleet, wait: Wait, profile: str, want: Want) -> None:
    """What would keep the launch off, however free GPUs are, is said now and not at night."""
    plans, errors = [], []
    for one in one_each(fleet.snapshots()):
        if _could_launch(one, wait):
            try:
                plans.append(fleet.plan(one.name, profile, want))
            except UsageError:
                raise
            except GpuwsError as error:
                errors.append(error)
    if errors and not plans:
        raise errors[0]
    for failed in errors:
        note(str(failed))
    if plans and (problems := problems_other_than_gpus(plans)):
        raise Refused(about(plans[0].host, problems[0]), "see all checks: gpuws launch … --dry-run")


def _could_launch(one: HostSnapshot, wait: Wait) -> bool:
    return one.state.reached and not one.readonly and possible(wait.wish, one.gpus)


def _say_free(waiting: TerminalWait, options: Options) -> int:
    fit = waiting.free()[0]
    if options.json:
        text = printed(actions.free(fit.host, fit.devices, waiting.lasted), indent=None)
    else:
        text = f"{fit.host}: {fit.detail}"
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
    _ring()
    return 0


def _launched(waiting: TerminalWait, profile: str, want: Want) -> tuple[Plan, Launched]:
    def run(plan: Plan) -> Launched:
        show_checks([check for check in plan.checks if check.status != "ok"])
        return launch_cancellable(waiting.fleet, plan)

    made = waiting.launched(profile, want, run)
    _ring()
    return made


def _words(wish: GpuWish) -> str:
    """`2 GPUs`, `2 × H200, 40G`, `GPU 0, 1`."""
    text = describe(wish)
    if wish.explicit:
        return f"{'all GPUs' if wish.all else f'GPU {text}'} of one host"
    return f"{text} GPU{'' if wish.count == 1 else 's'}" if text == str(wish.count) else text


def _ring() -> None:
    if sys.stderr.isatty():
        sys.stderr.write(BELL)
        sys.stderr.flush()


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--for {text}: {error}") from error
