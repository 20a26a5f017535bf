"""Launch a workspace: profile, host, GPUs; checked and shown as a command while you choose."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer
from textual.widgets import Button

from gpuws.model.consent.confirm import Confirmation, launch_confirmation
from gpuws.model.errors import GpuwsError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.placement import lost
from gpuws.model.placement.plan import Check, Plan
from gpuws.model.profile.profile import ProfileSummary
from gpuws.present.gpu_choices import picture
from gpuws.present.line import Line, Span, clean
from gpuws.tui.command import Command, paging
from gpuws.tui.dialogs.ask import sure
from gpuws.tui.dialogs.buttons import button
from gpuws.tui.dialogs.dialog import Dialog, set_title
from gpuws.tui.launch import lines as say
from gpuws.tui.launch.background import launch
from gpuws.tui.launch.gpu_picker import GpuPicker
from gpuws.tui.launch.launch_form import BEST, LaunchForm
from gpuws.tui.launch.planner import Answer, Choice, Planner
from gpuws.tui.profiles.editor import edit_profile
from gpuws.tui.profiles.trust import review
from gpuws.tui.selection import Selection
from gpuws.tui.toolkit.lines import Lines

DEBOUNCE = 0.15
AROUND_FORM = 4
"""Lines of the box that are not the form: the frame, a gap and the buttons."""

AGAIN = 3.0
"""Seconds between plans that are made anew because a GPU was taken."""


class LaunchScreen(Dialog[None]):
    """The plan is made anew, off the loop, whenever something changes; an answer to an old question is dropped."""

    DEFAULT_CSS = """
    LaunchScreen > .box { width: 124; }
    LaunchScreen .foot { margin-top: 0; }
    """
    AUTO_FOCUS = "#profile"
    KEYS_ABOUT = "launch"
    KEYS: ClassVar[tuple[Command[LaunchScreen], ...]] = (
        Command(
            "launch-copy", "ctrl+y", "copy", "Copy the docker run line",
            lambda screen: screen.copy_command(), hint=2,
        ),
        Command(
            "launch-go", "ctrl+l,ctrl+s", "launch", "Launch",
            lambda screen: screen.launch(), hint=1, why_not=lambda screen: screen.not_yet(),
        ),
        Command(
            "launch-force", "ctrl+g", "force", "Launch although a check failed; asks first",
            lambda screen: screen.force(), why_not=lambda screen: screen.nothing_to_force(),
        ),
        Command(
            "launch-edit", "ctrl+o", "edit", "Edit the profile's file; one of mine if it is not mine",
            lambda screen: screen.edit_profile(), hint=4,
        ),
        Command(
            "launch-new", "ctrl+n", "new profile", "A new profile from a form",
            lambda screen: screen.new_profile(), hint=5,
        ),
        Command(
            "launch-trust", "ctrl+t", "accept", "See what a shared profile does, and accept it",
            lambda screen: screen.review_profile(),
        ),
        *paging("launch"),
    )  # fmt: skip
    verb = "Launch"

    def __init__(self, selection: Selection | None) -> None:
        super().__init__()
        self._preferred = selection.host if selection else ""
        self._on_gpu = selection is not None and selection.gpu is not None
        self._profiles: dict[str, ProfileSummary] = {}
        self.ticks: frozenset[str] | None = None
        self._plan: Plan | None = None
        self._planned_at = 0.0
        self._settled = False
        self._late: frozenset[str] = frozenset()  # hosts that were asked before they had told their GPUs
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        self._planner = Planner(self.app, self._answered)
        with Vertical(classes="box") as box:
            set_title(box, self.verb)
            yield LaunchForm(id="form")
            yield Lines(id="verdict")
            yield from self.foot(button("Cancel", "cancel"), button("Launch", "go", "primary", disabled=True))

    def on_mount(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Find what there is to choose from."""
        self.app.verbs.run("profiles", self.app.fleet.profiles, self.have_profiles, self._no_profiles)

    def on_resize(self, event: events.Resize) -> None:
        """The form scrolls; the frame, the verdict and the buttons are always there."""
        self.form.styles.max_height = max(event.size.height - AROUND_FORM, 3)

    @property
    def form(self) -> LaunchForm:
        return self.query_one(LaunchForm)

    # what there is to choose from

    def read_profiles(self, chosen: str) -> None:
        """Again, because a file was written; then go on with this one."""

        def have(found: Sequence[ProfileSummary]) -> None:
            if self.is_running:
                self._keep(found)
                self._settled = False
                known = chosen if chosen in self._profiles else None
                self.form.offer_profiles(found, known)
                self._plan_soon()

        self.app.verbs.run("profiles", self.app.fleet.profiles, have, self._no_profiles)

    def _keep(self, found: Sequence[ProfileSummary]) -> None:
        self._profiles = {profile.name: profile for profile in found}

    def have_profiles(self, found: Sequence[ProfileSummary]) -> None:
        if not self.is_running:
            return
        self._keep(found)
        usable = [profile for profile in found if not profile.error]
        fitting = [profile for profile in usable if say.wanted(profile)] if self._on_gpu else []
        first = next((profile for profile in [*fitting, *usable]), None)
        self.form.offer_profiles(found, first.name if first else None)
        self._offer_hosts(say.wanted(first))
        self._plan_soon()

    def _no_profiles(self, error: GpuwsError) -> None:
        if self.is_running:
            self._show_problems(say.error_checks(error, "profiles"))

    def _offer_hosts(self, need: int) -> None:
        """First the host the cursor was on, where it has room; else the best."""
        snapshots = self.app.state.snapshots
        hosts = say.ranked(snapshots, need)
        able = [host.name for host in hosts if not say.launchable(host)]
        asked = say.candidates(snapshots, need)
        here = self.app.state.hosts.get(self._preferred)
        best = BEST if len(able) > 1 else next(iter(able), "")
        self.form.offer_hosts(hosts, asked, self._preferred if here is not None and say.fits(here, need) else best)

    @property
    def _need(self) -> int:
        number = self.form.number
        return int(number) if number.isdecimal() else say.wanted(self._profiles.get(self.form.profile))

    @property
    def _snapshot(self) -> HostSnapshot | None:
        """Of the host that is chosen, or that is the best."""
        host = self.form.host
        if host == BEST:
            host = self._plan.host if self._plan else ""
        return self.app.state.hosts.get(host)

    # changes

    def fleet_changed(self, hosts: Collection[str]) -> None:
        if self._late.intersection(hosts) - say.untold(self.app.state.snapshots):
            self._settled = False
            self._plan_soon()
        snapshot = self._snapshot
        if snapshot is None or snapshot.name not in hosts:
            return
        self._show_gpus()
        taken = self._plan is not None and self._may_launch and lost(self._plan, snapshot.gpus)
        if taken and time.monotonic() - self._planned_at > AGAIN:
            self._settled = False
            self._plan_soon()

    @on(LaunchForm.Changed)
    def _changed(self, event: LaunchForm.Changed) -> None:
        if event.field in ("profile", "host", "count"):
            self.ticks = None
        if event.field != "name":  # which host is the best does not hang on it
            self._settled = False
        self._plan_soon()

    @on(GpuPicker.Toggled)
    def _toggled(self, event: GpuPicker.Toggled) -> None:
        """A GPU chosen by hand is on its host, whichever is the best."""
        snapshot = self._snapshot
        ticks = frozenset(self._chosen() ^ {event.uuid})
        if self.form.host == BEST and snapshot is not None:
            with self.prevent(LaunchForm.Changed):
                self.form.choose_host(snapshot.name)
        self.ticks = ticks
        self._plan_soon()

    def _chosen(self) -> frozenset[str]:
        """The ticked GPUs: the user's, else the plan's."""
        if self.ticks is not None:
            return self.ticks
        snapshot, plan = self._snapshot, self._plan
        here = plan is not None and snapshot is not None and plan.host == snapshot.name
        return frozenset(plan.spec.gpu_uuids) if plan and here else frozenset()

    # the plan

    def _plan_soon(self) -> None:
        self._planner.drop()
        self._unlock(False)
        self._show_gpus()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(DEBOUNCE, self._make_plan)

    def _make_plan(self) -> None:
        form = self.form
        best = form.host == BEST
        if best and self._settled and self._plan is not None:
            hosts: tuple[str, ...] = (self._plan.host,)
        else:
            hosts = say.candidates(self.app.state.snapshots, self._need) if best else (form.host,)
        if not form.profile or not all(hosts) or not hosts:
            self._show_problems([say.missing(tuple(self._profiles.values()), form.profile, self.app.state.snapshots)])
            return
        self._late = say.untold(self.app.state.snapshots).intersection(hosts)
        self._say((Span("checking …", "muted"),))
        self._planner.ask(self.choice(hosts))

    def choice(self, hosts: tuple[str, ...]) -> Choice:
        return Choice(self.form.profile, hosts, self.form.want(self.ticks))

    def _answered(self, answer: Answer) -> None:
        if not self.is_running:
            return
        if answer.wrong is not None:
            self._planner.drop()
            self._show_problems(say.error_checks(answer.wrong, "profile"), mend=True)
        elif answer.waiting:
            self._say((Span(f"checking … {clean(', '.join(answer.waiting), 40)}", "muted"),))
        elif answer.plan is None:
            self._show_problems(say.host_checks(answer.failed))
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
        self.form.show_checks([*plan.checks, *elsewhere])
        self._say(say.verdict(plan))
        self._unlock(not plan.problems)

    def _show_problems(self, checks: Sequence[Check], *, mend: bool = False) -> None:
        """There is no plan. `mend`: the profile's file is wrong, or what was chosen beyond it."""
        self._plan, self._settled = None, False
        self.form.show_plan(None)
        self.form.show_why(())
        self.form.show_checks(checks)
        self._say(
            (
                Span("✗ Launch is off", "error"),
                Span(say.way_out(self._profiles.get(self.form.profile), mend=mend), "muted"),
            )
        )

    def _show_gpus(self) -> None:
        snapshot = self._snapshot
        plan = self._plan if self._plan and snapshot and self._plan.host == snapshot.name else None
        cells = picture(snapshot.gpus, self._chosen(), plan if self.ticks is None else None) if snapshot else ()
        hint = say.gpus_hint(self._profiles.get(self.form.profile), self.ticks, self.form.number)
        self.form.show_gpus(cells, hint, snapshot)

    def _say(self, verdict: Line) -> None:
        self.query_one("#verdict", Lines).put([verdict])

    # the end

    @property
    def _go(self) -> Button:
        return self.query_one("#go", Button)

    def _unlock(self, ready: bool) -> None:
        self._go.disabled = not ready
        self.show_keys()

    @property
    def _may_launch(self) -> bool:
        return self._plan is not None and not self._go.disabled

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "go":
            self.action_command("launch-go")
        else:
            self.dismiss(None)

    def not_yet(self) -> str:
        """Why nothing is launched now; "" when it may be."""
        if self._may_launch:
            return ""
        if self._plan is not None and self._plan.problems:
            return "not launched: a row is ✗; ctrl+g launches all the same, once you have read it"
        return "not launched: the checks are not done"

    def nothing_to_force(self) -> str:
        failed = self._plan is not None and self._plan.problems and not self._planner.busy
        return "" if failed else "nothing to force: no row is ✗, or the checks are not done"

    def launch(self) -> None:
        if self._plan is not None:
            self._settle(self._plan, launch_confirmation(self._plan), "Launch")

    def force(self) -> None:
        """The second step: what is wrong is read and confirmed."""
        if plan := self._plan:
            asked = launch_confirmation(plan, [check.detail for check in plan.problems])
            self._settle(plan, asked, "Launch anyway")

    def _settle(self, plan: Plan, asked: Confirmation | None, verb: str) -> None:
        sure(self.app, lambda: asked, verb, lambda: self._begin(plan))

    def _begin(self, plan: Plan) -> None:
        launch(self.app, plan)
        self.close_with(None)

    def copy_command(self) -> None:
        self.app.copy(self._plan.command if self._plan else "")

    def page(self, step: int) -> None:
        self.form.scroll_relative(y=step * max(self.form.size.height - 2, 1), animate=False)

    # profiles

    def edit_profile(self) -> None:
        if name := self.form.profile:
            edit_profile(self.app, name, lambda: self.read_profiles(name) if self.is_running else None)

    def new_profile(self) -> None:
        from gpuws.tui.profiles.new_profile import NewProfileScreen

        def then(name: str | None) -> None:
            if name:
                self.read_profiles(name)

        self.app.push_screen(NewProfileScreen(tuple(self._profiles.values()), self.form.profile), then)

    def review_profile(self) -> None:
        """Accepted, it goes on with that very reading."""
        if name := self.form.profile:
            review(self, name, lambda: self.read_profiles(name))
