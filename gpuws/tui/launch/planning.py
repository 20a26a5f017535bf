"""The plan of a launch, made anew while you choose, and what is shown of it."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Sequence
from dataclasses import replace

from textual import on
from textual.timer import Timer
from textual.widgets import Button

from gpuws.model.errors import UsageError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.placement import lost
from gpuws.model.placement.plan import Check, Plan
from gpuws.model.placement.wait import mends
from gpuws.present.gpu_choices import picture
from gpuws.present.line import Line, Span, clean
from gpuws.tui.launch import lines as say
from gpuws.tui.launch import ticks, where
from gpuws.tui.launch.draft import Draft
from gpuws.tui.launch.frame import LaunchFrame
from gpuws.tui.launch.gpu_picker import GpuPicker
from gpuws.tui.launch.launch_form import BEST, IMAGE, PASTE, PASTED, LaunchForm
from gpuws.tui.launch.planner import Answer, Choice, Planner
from gpuws.tui.toolkit.lines import Lines

DEBOUNCE = 0.15
SLOW = 0.3
"""Seconds after which it is said that an answer is waited for; before, nothing flickers."""

AGAIN = 3.0
"""Seconds between plans that are made anew because a GPU was taken."""


class LaunchPlanning(LaunchFrame):
    """The plan is made anew, off the loop, whenever something changes; an answer to an old question is dropped."""

    def __init__(self, start: Draft, mine: str = "") -> None:
        super().__init__(start, mine)
        self._plan: Plan | None = None
        self._asked: tuple[str, ...] = ()  # hosts that the plan was looked for on
        self._planned_at = 0.0
        self._settled = False
        self._late: frozenset[str] = frozenset()  # hosts that were asked before they had told their GPUs
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        self._planner = Planner(self.app, self._answered)  # before the frame begins: its own is called next

    @property
    def _need(self) -> int:
        return ticks.number(self.form.draft(), where.wanted(self._profiles.get(self.form.profile)))

    @property
    def _snapshot(self) -> HostSnapshot | None:
        """Of the host that is chosen, or that is the best."""
        host = self.form.host
        if host == BEST:
            host = self._plan.host if self._plan else ""
        return self.app.state.hosts.get(host)

    # changes

    def fleet_changed(self, hosts: Collection[str]) -> None:
        if not self.here:
            return
        if self._late.intersection(hosts) - where.untold(self.app.state.snapshots):
            self._settled = False
            self.chosen()
        snapshot = self._snapshot
        if snapshot is None or snapshot.name not in hosts:
            return
        self._show_gpus()
        taken = self._plan is not None and self.may_launch and lost(self._plan, snapshot.gpus)
        if taken and time.monotonic() - self._planned_at > AGAIN:
            self._settled = False
            self.chosen()

    @on(LaunchForm.Changed)
    def _changed(self, event: LaunchForm.Changed) -> None:
        if event.field == "profile":
            if self.form.profile == PASTE:
                self._choose(self._last)
                self.paste()
                return
            self._meant, self._last = True, self.form.profile
        elif event.field == "host":
            self._follow_host()
        if event.field != "name":  # which host is the best does not hang on it
            self._settled = False
        self.chosen(typed=event.field not in ("profile", "host"))

    @on(GpuPicker.Toggled)
    def _toggled(self, event: GpuPicker.Toggled) -> None:
        """A GPU chosen by hand is on its host, whichever is the best."""
        snapshot = self._snapshot
        if snapshot is None:
            return
        chosen = self._ticked(snapshot) ^ {event.uuid}
        if self.form.host == BEST:
            with self.prevent(LaunchForm.Changed):
                self.form.choose_host(snapshot.name)
        self.form.type("gpus", ticks.as_spec(chosen, snapshot.gpus))
        self.chosen()

    def _ticked(self, snapshot: HostSnapshot) -> frozenset[str]:
        """UUIDs of the ticked GPUs: those that are named, else the plan's."""
        here = self._plan is not None and self._plan.host == snapshot.name
        planned = self._plan.spec.gpu_uuids if self._plan and here else ()
        return ticks.ticked(self.form.draft(), snapshot.gpus, planned)

    # the plan

    def chosen(self, *, typed: bool = False) -> None:
        """`typed`: a letter; what was said of the plan before it stands until an answer takes its time."""
        if not self.here:
            return
        if not typed:
            self._say(say.CHECKING)
        self._planner.drop()
        self._unlock(None)
        self._show_gpus()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(DEBOUNCE, self._make_plan)

    def _make_plan(self) -> None:
        if not self.here:
            return
        missing, hosts = self._missing(), self._hosts()
        if missing or not all(hosts) or not hosts:
            known = tuple(self._profiles.values())
            self.impossible([missing or say.missing(known, self.form.profile, self.app.state.snapshots)])
            return
        self._late = where.untold(self.app.state.snapshots).intersection(hosts)
        try:
            choice = self.choice(hosts)
        except UsageError as error:
            self.impossible(say.error_checks(error, "form"))
            return
        if len(hosts) > 1 or not self._settled:
            self._asked = hosts
        self._planner.ask(choice)
        self.set_timer(SLOW, lambda: self._say_waiting(choice))

    def _missing(self) -> Check | None:
        return say.no_image() if self.form.profile == IMAGE and not self.form.draft().image else None

    def _hosts(self) -> tuple[str, ...]:
        """On which a plan is looked for now."""
        if self.form.host != BEST:
            return (self.form.host,) if self.form.profile else ()
        if self._settled and self._plan is not None:
            return (self._plan.host,)
        if not self.form.profile:
            return ()
        return where.candidates(self.app.state.snapshots, self._need, self._profiles.get(self.form.profile))

    def draft(self) -> Draft:
        """All that the form says."""
        return replace(
            self.form.draft(),
            recipe=self._recipe if self.form.profile == PASTED else None,
            others=self._start.others,
        )

    def choice(self, hosts: tuple[str, ...]) -> Choice:
        """UsageError where a field can't be read."""
        draft = self.draft()
        return Choice(draft.profile, hosts, draft.want(os.environ))

    def _say_waiting(self, choice: Choice) -> None:
        if self.here and self._planner.waits_for(choice):
            self._say(say.CHECKING)

    def _answered(self, answer: Answer) -> None:
        if not self.here:
            return
        if answer.wrong is not None:
            self._planner.drop()
            self.impossible(say.error_checks(answer.wrong, "profile"), mend=True)
        elif answer.waiting:
            self._say((Span(f"checking … {clean(', '.join(answer.waiting), 40)}", "muted"),))
        elif answer.plan is None:
            self.impossible(say.host_checks(answer.failed))
        else:
            self._planned(answer, answer.plan)

    def _planned(self, answer: Answer, plan: Plan) -> None:
        self._plan, self._planned_at = plan, time.monotonic()
        if not self._settled:
            self.form.show_why(say.host_words(answer))
        self._settled = True
        self.form.show_plan(plan)
        self._show_gpus()
        profile = self._profiles.get(self.form.profile)
        elsewhere = [Check("profile", "warn", profile.error)] if profile and profile.error else []
        checks = [*say.lost_checks(self.draft().recipe), *plan.checks, *elsewhere]
        self.form.show_checks(checks)
        self._say(say.verdict(checks))
        self._unlock(plan)

    def impossible(self, checks: Sequence[Check], *, mend: bool = False) -> None:
        self._plan, self._settled = None, False
        self.form.show_plan(None)
        self.form.show_why(())
        recipe = self.draft().recipe
        self.form.show_checks([*say.lost_checks(recipe), *checks])
        way_out = say.way_out(recipe or self._profiles.get(self.form.profile), mend=mend)
        self._say((Span("✗ Launch is off", "error"), Span(way_out, "muted")))
        self._unlock(None)

    def _show_gpus(self) -> None:
        snapshot, draft = self._snapshot, self.form.draft()
        plan = self._plan if self._plan and snapshot and self._plan.host == snapshot.name else None
        named = ticks.named(draft)
        cells = picture(snapshot.gpus, self._ticked(snapshot), None if named else plan) if snapshot else ()
        hint = say.gpus_hint(self._profiles.get(self.form.profile), draft, self._mine)
        self.form.show_gpus(cells, hint, snapshot)

    def _say(self, verdict: Line) -> None:
        self.query_one("#verdict", Lines).put([verdict])

    @property
    def plan(self) -> Plan | None:
        """What would be launched now; None while that is not known."""
        return self._plan if self._plan is not None and not self._planner.busy else None

    @property
    def may_launch(self) -> bool:
        return self.plan is not None and not self.query_one("#go", Button).disabled

    def _unlock(self, plan: Plan | None) -> None:
        """`plan`: the one that is up to date; None: there is none now. What waits stays in its place meanwhile."""
        self.query_one("#go", Button).disabled = plan is None or bool(plan.problems)
        wait = self.query_one("#wait", Button)
        wait.disabled = plan is None
        wait.display = self.queues and (mends(plan) if plan else wait.display and self._plan is not None)
        self.call_after_refresh(self.show_keys)
