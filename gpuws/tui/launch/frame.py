"""The box of the launch screen: its fields, and what there is to choose from."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical

from gpuws.model.errors import GpuwsError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Check
from gpuws.model.profile.imported import Imported
from gpuws.model.profile.preselect import preselected, used
from gpuws.model.profile.profile import ProfileSummary
from gpuws.tui.dialogs.buttons import button
from gpuws.tui.dialogs.dialog import Dialog, set_title
from gpuws.tui.launch import lines as say
from gpuws.tui.launch import ticks, where
from gpuws.tui.launch.draft import Draft
from gpuws.tui.launch.history import launches
from gpuws.tui.launch.launch_form import BEST, PASTED, LaunchForm
from gpuws.tui.toolkit.lines import Lines

AROUND_FORM = 4
"""Lines of the box that are not the form: the frame, a gap and the buttons."""


class LaunchFrame(Dialog[None]):
    """What is launched, and where, begins with what is meant; from then on it is the user's."""

    DEFAULT_CSS = """
    LaunchFrame > .box { width: 124; }
    LaunchFrame .foot { margin-top: 0; }
    """
    AUTO_FOCUS = "#profile"
    verb = "Launch"
    queues = True
    """What it makes can wait for GPUs."""

    def __init__(self, start: Draft, mine: str = "") -> None:
        """`start`: what the form says in the beginning. `mine`: the GPU it was opened on, where I hold that already."""
        super().__init__()
        self._start, self._mine = start, mine
        self._recipe: Imported | None = start.recipe
        self._profiles: dict[str, ProfileSummary] = {}
        self._meant = bool(start.profile or start.recipe)  # the profile is the user's choice
        self._last = ""  # what was chosen, but for the way to paste something

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, self.verb)
            yield LaunchForm(id="form")
            yield Lines(id="verdict")
            yield from self.foot(
                button("Cancel", "cancel"), button("Wait for it", "wait"),
                button("Launch", "go", "primary", disabled=True),
            )  # fmt: skip

    def on_mount(self) -> None:
        self.query_one("#wait").display = False
        with self.prevent(LaunchForm.Changed):
            self.form.fill(self._start)
        self.begin()

    def begin(self) -> None:
        """Find what there is to choose from."""
        self.app.verbs.run("profiles", self.app.fleet.profiles, self.have_profiles, self._no_profiles)

    def on_resize(self, event: events.Resize) -> None:
        """The form scrolls; the frame, the verdict and the buttons are always there."""
        self.form.styles.max_height = max(event.size.height - AROUND_FORM, 3)

    @property
    def here(self) -> bool:
        """It was not closed: its parts can be asked."""
        return self.is_running and self.is_attached

    @property
    def form(self) -> LaunchForm:
        return self.query_one(LaunchForm)

    # what there is to choose from

    def have_profiles(self, found: Sequence[ProfileSummary]) -> None:
        if not self.here:
            return
        self._profiles = {profile.name: profile for profile in found}
        start, here = self._start, self.app.state.hosts.get(self._start.host)
        chosen = start.profile if start.profile in self._profiles else self._newest(here)
        self._offer_profiles(PASTED if self._recipe else chosen)
        self._offer_hosts(self._profiles.get(chosen or ""))
        self.chosen()

    def _offer_profiles(self, chosen: str | None) -> None:
        self._last = chosen or ""
        pasted = self._recipe.name if self._recipe else ""
        with self.prevent(LaunchForm.Changed):
            self.form.offer_profiles(tuple(self._profiles.values()), chosen, pasted)

    def _newest(self, host: HostSnapshot | None) -> str | None:
        """What is meant while the user says nothing."""
        launched = used(self.app.state.snapshots, launches(self.app.remembered.launched))
        return preselected(tuple(self._profiles.values()), host, launched, gpus=bool(self._start.gpus or self._mine))

    def _no_profiles(self, error: GpuwsError) -> None:
        if self.here:
            self.impossible(say.error_checks(error, "profiles"))

    def chosen(self) -> None:
        """Something else is wanted."""
        raise NotImplementedError

    def impossible(self, checks: Sequence[Check], *, mend: bool = False) -> None:
        """There is no plan. `mend`: what is launched is wrong, or what was chosen beyond it."""
        raise NotImplementedError

    def _offer_hosts(self, profile: ProfileSummary | None) -> None:
        """First the host it was opened on, where it has room or its GPUs are meant; else the best."""
        snapshots, need = self.app.state.snapshots, where.wanted(profile)
        hosts = where.ranked(snapshots, need, profile)
        able = [host.name for host in hosts if where.able(host, profile)]
        here = self.app.state.hosts.get(self._start.host)
        meant = here is not None and (bool(self._start.gpus) or where.fits(here, need, profile))
        best = BEST if len(able) > 1 else next(iter(able), "")
        with self.prevent(LaunchForm.Changed):
            asked = where.candidates(snapshots, need, profile)
            self.form.offer_hosts(hosts, asked, self._start.host if meant else best)

    def _follow_host(self) -> None:
        """GPUs that were named are others there; and so may be the profile that is meant."""
        if ticks.named(self.form.draft()):
            self.form.type("gpus", "")
        meant = None if self._meant else self._newest(self.app.state.hosts.get(self.form.host))
        if meant:
            self._choose(meant)

    def _choose(self, profile: str) -> None:
        """As if it had been chosen, and nobody hears of it."""
        self._last = profile
        with self.prevent(LaunchForm.Changed):
            self.form.choose_profile(profile)

    def paste(self) -> None:
        """The way to paste something was chosen."""
        raise NotImplementedError
