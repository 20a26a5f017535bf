"""Launch a workspace: profile, host, GPUs; checked and shown as a command while you choose."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.timer import Timer
from textual.widgets import Button, Input, Select, Static

from gpuws.model.errors import GpuwsError
from gpuws.model.plan import Check, Plan, Want
from gpuws.model.profile import GpuWish, ProfileSummary
from gpuws.model.snapshot import HostSnapshot
from gpuws.model.text import plain
from gpuws.tui.keys import bindings
from gpuws.tui.launching import launch
from gpuws.tui.present import launch_lines as say
from gpuws.tui.present.line import Line, Span
from gpuws.tui.selection import Selection
from gpuws.tui.widgets.dialog import Dialog, set_title
from gpuws.tui.widgets.gpu_picker import GpuPicker
from gpuws.tui.widgets.lines import Lines

DEBOUNCE = 0.15
AROUND_FORM = 4
"""Lines of the box that are not the form: the frame, a gap and the buttons."""


class LaunchScreen(Dialog[None]):
    """The plan is made anew, off the loop, whenever something changes; an answer to an old question is dropped."""

    DEFAULT_CSS = """
    LaunchScreen > .box { width: 110; }
    LaunchScreen #form { height: auto; background: $surface; }
    LaunchScreen .row { height: auto; min-height: 1; }
    LaunchScreen .label { width: 9; color: $foreground 60%; }
    LaunchScreen Input { background: $panel; width: 1fr; max-width: 40; }
    LaunchScreen Select { width: 1fr; max-width: 64; }
    LaunchScreen #ticks { color: $foreground 60%; width: 1fr; }
    LaunchScreen #checks { margin-top: 1; }
    LaunchScreen #verdict { width: 1fr; }
    """
    AUTO_FOCUS = "#profile"
    BINDINGS = bindings("launch")

    def __init__(self, selection: Selection | None) -> None:
        super().__init__()
        self._preferred = selection.host if selection else ""
        self._on_gpu = selection is not None and selection.gpu is not None
        self._profiles: dict[str, ProfileSummary] = {}
        self._ticks: frozenset[str] | None = None
        self._plan: Plan | None = None
        self._asked = 0
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, "Launch")
            with VerticalScroll(id="form", can_focus=False):
                with Horizontal(classes="row"):
                    yield Static("Profile", classes="label", markup=False)
                    yield Select[str]([], prompt="reading profiles …", id="profile", compact=True)
                with Horizontal(classes="row"):
                    yield Static("Host", classes="label", markup=False)
                    yield Select[str]([], prompt="choose a host", id="host", compact=True)
                with Horizontal(classes="row"):
                    yield Static("Name", classes="label", markup=False)
                    yield Input(placeholder="chosen for you", id="name", compact=True)
                with Horizontal(classes="row"):
                    yield Static("GPUs", classes="label", markup=False)
                    with Vertical(classes="row"):
                        yield GpuPicker()
                        yield Static("", id="ticks", markup=False)
                yield Lines(id="checks")
                yield Static("", id="command", classes="command", markup=False)
            with Horizontal(classes="buttons"):
                yield Lines(id="verdict")
                yield Button("Cancel", id="cancel", compact=True)
                yield Button("Launch", id="go", variant="primary", compact=True, disabled=True)

    def on_mount(self) -> None:
        self.query_one("#command").display = False
        self.app.verbs.run("profiles", self.app.fleet.profiles, self._have_profiles, self._no_profiles)

    def on_resize(self, event: events.Resize) -> None:
        """The form scrolls; the frame, the verdict and the buttons are always there."""
        self.query_one("#form").styles.max_height = max(event.size.height - AROUND_FORM, 3)

    # what there is to choose from

    def _have_profiles(self, found: Sequence[ProfileSummary]) -> None:
        if not self.is_running:
            return
        self._profiles = {profile.name: profile for profile in found}
        select = self.query_one("#profile", Select)
        select.set_options([(_profile_label(profile), profile.name) for profile in found])
        usable = [profile for profile in found if not profile.error]
        fitting = [profile for profile in usable if say.wanted(profile)] if self._on_gpu else []
        first = next((profile.name for profile in [*fitting, *usable]), None)
        if first is None:
            self._show_problem(
                Check("profiles", "fail", "there is no profile that can be used", "gpuws profiles check")
            )
            return
        select.value = first
        self._offer_hosts()

    def _no_profiles(self, error: GpuwsError) -> None:
        if self.is_running:
            self._show_problem(Check("profiles", "fail", error.message, error.remedy))

    def _offer_hosts(self) -> None:
        need = say.wanted(self._profiles.get(self._profile))
        hosts = say.ranked(self.app.state.snapshots, need)
        select = self.query_one("#host", Select)
        chosen = self._host or self._preferred
        select.set_options([(say.host_label(host), host.name) for host in hosts])
        able = [host.name for host in hosts if not say.launchable(host)]
        best = chosen if chosen in able else next(iter(able), None)
        if best is None:
            self._show_problem(
                Check("hosts", "fail", "no host can launch anything now", "see their rows for the reason")
            )
        else:
            select.value = best

    @property
    def _profile(self) -> str:
        value = self.query_one("#profile", Select).value
        return value if isinstance(value, str) else ""

    @property
    def _host(self) -> str:
        value = self.query_one("#host", Select).value
        return value if isinstance(value, str) else ""

    @property
    def _snapshot(self) -> HostSnapshot | None:
        return self.app.state.hosts.get(self._host)

    # changes

    def fleet_changed(self, hosts: Collection[str]) -> None:
        if self._host in hosts:
            self._show_gpus()

    @on(Select.Changed, "#profile")
    def _other_profile(self) -> None:
        self._ticks = None
        self._plan_soon()

    @on(Select.Changed, "#host")
    def _other_host(self) -> None:
        self._ticks = None
        self._plan_soon()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._plan_soon()

    @on(GpuPicker.Toggled)
    def _toggled(self, event: GpuPicker.Toggled) -> None:
        self._ticks = frozenset(self._chosen() ^ {event.uuid})
        self._plan_soon()

    def _chosen(self) -> frozenset[str]:
        """The ticked GPUs: the user's, else the plan's."""
        if self._ticks is not None:
            return self._ticks
        return frozenset(self._plan.spec.gpu_uuids) if self._plan else frozenset()

    def _want(self) -> Want:
        gpus = None
        if self._ticks is not None:
            gpus = GpuWish(uuids=tuple(sorted(self._ticks)))
        return Want(name=self.query_one("#name", Input).value.strip() or None, gpus=gpus)

    # the plan

    def _plan_soon(self) -> None:
        self._asked += 1
        self.query_one("#go", Button).disabled = True
        self._show_gpus()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(DEBOUNCE, self._make_plan)

    def _make_plan(self) -> None:
        host, profile, want, asked = self._host, self._profile, self._want(), self._asked
        if not host or not profile:
            return
        self.query_one("#verdict", Lines).put([(Span("checking …", "muted"),)])
        self.app.verbs.run(
            "plan",
            lambda: self.app.fleet.plan(host, profile, want),
            lambda plan: self._planned(asked, plan),
            lambda error: self._refused(asked, error),
        )

    def _planned(self, asked: int, plan: Plan) -> None:
        if asked != self._asked or not self.is_running:
            return
        self._plan = plan
        self._show_gpus()
        self.query_one("#name", Input).placeholder = plain(plan.spec.name)
        command = self.query_one("#command", Static)
        command.update(f"$ {plain(plan.command, 4000)}")
        command.display = True
        self._show_checks(plan.checks, say.verdict(plan))
        self.query_one("#go", Button).disabled = bool(plan.problems)

    def _refused(self, asked: int, error: GpuwsError) -> None:
        if asked == self._asked and self.is_running:
            self._show_problem(Check("plan", "fail", error.message, error.remedy))

    def _show_problem(self, check: Check) -> None:
        self._plan = None
        self.query_one("#command").display = False
        self._show_checks([check], (Span("✗ Launch is off", "error"),))

    def _show_checks(self, checks: Sequence[Check], verdict: Line) -> None:
        lines = self.query_one("#checks", Lines)
        lines.put(say.check_lines(checks, max(lines.size.width, 40)))
        self.query_one("#verdict", Lines).put([verdict])

    def _show_gpus(self) -> None:
        snapshot = self._snapshot
        self.query_one(GpuPicker).put(snapshot.gpus if snapshot else (), self._chosen())
        hint = say.gpus_hint(self._profiles.get(self._profile), self._ticks)
        self.query_one("#ticks", Static).update(hint)

    # the end

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "go":
            self.action_launch()
        else:
            self.dismiss(None)

    def action_launch(self) -> None:
        if self._plan is None or self.query_one("#go", Button).disabled:
            self.app.warn("not launched: a row is ✗, or the checks are not done")
            return
        launch(self.app, self._plan)
        self.dismiss(None)

    def action_copy(self) -> None:
        self.app.actions.copy(self._plan.command if self._plan else "")


def _profile_label(profile: ProfileSummary) -> str:
    about = f"✗ {plain(profile.error, 80)}" if profile.error else plain(profile.description, 80)
    return f"{plain(profile.name)}  {about}"
