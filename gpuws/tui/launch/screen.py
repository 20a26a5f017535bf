"""Launch a workspace: profile, host, GPUs; checked and shown as a command while you choose."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.widgets import Button

from gpuws.model.consent.confirm import Confirmation, launch_confirmation
from gpuws.model.errors import GpuwsError
from gpuws.model.placement.plan import Plan
from gpuws.model.placement.queued_wait import WaitOrder
from gpuws.model.profile.gpu_spec import spec
from gpuws.model.profile.imported import Imported
from gpuws.model.profile.profile import ProfileSummary
from gpuws.tui.command import Command, paging
from gpuws.tui.dialogs.ask import sure
from gpuws.tui.launch import background
from gpuws.tui.launch import lines as say
from gpuws.tui.launch.launch_form import BEST, PASTED, LaunchForm
from gpuws.tui.launch.planning import LaunchPlanning
from gpuws.tui.profiles.editor import edit_profile
from gpuws.tui.profiles.trust import review


class LaunchScreen(LaunchPlanning):
    KEYS_ABOUT = "launch"
    KEYS: ClassVar[tuple[Command[LaunchScreen], ...]] = (
        Command(
            "launch-copy", "ctrl+y", "copy", "Copy the docker run line",
            lambda screen: screen.copy_command(), hint=2,
        ),
        Command(
            "launch-line", "ctrl+r", "unfold", "Show all of the docker run line, or one line of it",
            lambda screen: screen.form.unfold_command(), hint=3,
            why_not=lambda screen: screen.no_line(), says=lambda screen: screen.line_turns(),
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
            "launch-edit", "ctrl+o", "edit", "Edit the profile's file (of others' one of mine), or what was pasted",
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

    # the end

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "go":
            self.action_command("launch-go")
        elif event.button.id == "wait":
            self.wait()
        else:
            self.dismiss(None)

    def not_yet(self) -> str:
        """Why nothing is launched now; "" when it may be."""
        if self.may_launch:
            return ""
        if self.plan is not None and self.plan.problems:
            return "not launched: a row is ✗; ctrl+g launches all the same, once you have read it"
        return "not launched: the checks are not done"

    def nothing_to_force(self) -> str:
        failed = self.plan is not None and self.plan.problems
        return "" if failed else "nothing to force: no row is ✗, or the checks are not done"

    def launch(self) -> None:
        if plan := self.plan:
            self._settle(plan, launch_confirmation(plan), "Launch")

    def force(self) -> None:
        """The second step: what is wrong is read and confirmed."""
        if plan := self.plan:
            asked = launch_confirmation(plan, [check.detail for check in plan.problems])
            self._settle(plan, asked, "Launch anyway")

    def _settle(self, plan: Plan, asked: Confirmation | None, verb: str) -> None:
        sure(self.app, lambda: asked, verb, lambda: self._begin(plan))

    def _begin(self, plan: Plan) -> None:
        background.launch(self.app, plan)
        self._done()

    def _done(self) -> None:
        """What GPUs were marked for was asked for."""
        self.app.home().unmark()
        self.close_with(None)

    def wait(self) -> None:
        """Queue what the form says, until such GPUs are free: on the host, or on any that was asked for the best."""
        plan = self.plan
        if plan is None:
            return
        draft, want = self.draft(), self.draft().want(os.environ)
        hosts = self._asked if draft.host == BEST else (plan.host,)
        wish = draft.gpus or spec(plan.spec.profile.gpus)
        order = WaitOrder(wish, hosts, draft.profile, want.name, want.overrides, want.recipe)
        background.wait(self.app, order, want.environ or os.environ, self._done)

    def line_turns(self) -> str:
        return "fold" if self.form.line_unfolded else "unfold"

    def no_line(self) -> str:
        return "" if self.plan is not None else "there is no docker run line while a check is missing"

    def copy_command(self) -> None:
        self.app.copy(self._plan.command if self._plan else "")

    def page(self, step: int) -> None:
        self.form.scroll_relative(y=step * max(self.form.size.height - 2, 1), animate=False)

    # what was pasted

    def paste(self) -> None:
        from gpuws.tui.launch.paste import PasteScreen

        self.app.push_screen(PasteScreen(), lambda text: self.read(text) if text else None)

    @on(LaunchForm.Pasted)
    def _text_pasted(self, event: LaunchForm.Pasted) -> None:
        self.read(event.text)

    def read(self, text: str) -> None:
        """Launch what a text of others says."""
        environ = dict(os.environ)
        self.app.verbs.run("read", lambda: self.app.fleet.read_recipe(text, environ), self._read, self._unreadable)

    def _unreadable(self, error: GpuwsError) -> None:
        if self.here:
            self._planner.drop()
            self.impossible(say.error_checks(error, "pasted"))

    def _read(self, found: Sequence[Imported]) -> None:
        if not self.here:
            return
        if len(found) == 1:
            self._take(found[0])
            return
        from gpuws.tui.dialogs.choose import ChooseScreen, Option

        options = [Option(each.name, say.service_words(each), each) for each in found]
        self.app.push_screen(
            ChooseScreen("Which of its services?", options), lambda one: self._take(one) if one else None
        )

    def _take(self, recipe: Imported) -> None:
        self._recipe, self._meant, self._settled = recipe, True, False
        self._offer_profiles(PASTED)
        self.chosen()

    def _edit(self, recipe: Imported) -> None:
        """As the profile that was read of it; what it loses was told, and is not told again."""
        from gpuws.tui.launch.paste import PasteScreen

        def edited(text: str | None) -> None:
            if text:
                self._take(replace(recipe, text=text, lost=recipe.lost if text == recipe.text else ()))

        self.app.push_screen(PasteScreen(recipe.text), edited)

    @on(LaunchForm.SaveWanted)
    def _save(self) -> None:
        from gpuws.tui.profiles.save import SaveProfileScreen

        if recipe := self._recipe:
            self.app.push_screen(SaveProfileScreen(recipe), lambda name: self.read_profiles(name) if name else None)

    # profiles

    def read_profiles(self, chosen: str) -> None:
        """Again, because a file was written; then go on with this one."""

        def have(found: Sequence[ProfileSummary]) -> None:
            if self.here:
                self._profiles = {profile.name: profile for profile in found}
                self._settled, self._meant = False, True
                self._offer_profiles(chosen if chosen in self._profiles else None)
                self.chosen()

        self.app.verbs.run("profiles", self.app.fleet.profiles, have, self._no_profiles)

    def edit_profile(self) -> None:
        if self.form.profile == PASTED and (recipe := self._recipe):
            self._edit(recipe)
        elif (name := self.form.profile) in self._profiles:
            edit_profile(self.app, name, lambda: self.read_profiles(name) if self.here else None)

    def new_profile(self) -> None:
        from gpuws.tui.profiles.new_profile import NewProfileScreen

        def then(name: str | None) -> None:
            if name:
                self.read_profiles(name)

        self.app.push_screen(NewProfileScreen(tuple(self._profiles.values()), self.form.profile), then)

    def review_profile(self) -> None:
        """Accepted, it goes on with that very reading."""
        if (name := self.form.profile) in self._profiles:
            review(self, name, lambda: self.read_profiles(name))
