"""What to build, what it is to be called, and on which hosts. What was found about it is shown before it begins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from gpuws.model.build.want import BuildPlan, BuildWant, is_path
from gpuws.model.errors import GpuwsError, Refused, UsageError
from gpuws.model.text import plain
from gpuws.tui.dialogs.dialog import set_title
from gpuws.tui.dialogs.form import Form, row
from gpuws.tui.images.hosts import named_hosts


class Build(NamedTuple):
    """What was asked for, and what it is called on each host."""

    want: BuildWant
    images: dict[str, str]


class BuildScreen(Form[Build]):
    """⏎ asks the hosts; where they found something to be known, a second one begins."""

    DEFAULT_CSS = """
    BuildScreen .row { margin-top: 1; }
    BuildScreen .row Static { width: 10; }
    BuildScreen #found, BuildScreen #why { margin-top: 1; }
    BuildScreen #found { color: $muted; max-height: 8; }
    """
    AUTO_FOCUS = "#what"
    button = "Build"

    def __init__(self, host: str) -> None:
        super().__init__()
        self._host = host
        self._shown: BuildWant | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, "Build an image")
            what = "a profile, or a directory here: ~/src/project"
            yield row("From", Input(placeholder=what, id="what", compact=True))
            yield row("Name", Input(placeholder="the profile's; for a directory NAME:TAG", id="name", compact=True))
            hosts = "alpha bravo, or all"
            yield row("Hosts", Input(self._host, placeholder=hosts, id="hosts", compact=True, select_on_focus=False))
            yield Static("", id="found", markup=False)
            yield self.why()
            yield from self.buttons()

    @on(Input.Changed)
    def _typed(self) -> None:
        """What was found was of something else."""
        self._shown = None
        self.query_one("#found", Static).update("")

    def go(self) -> None:
        try:
            want, hosts = self._want(), named_hosts(self.app, self._value("hosts"))
        except UsageError as error:
            self.refuse(error)
            return
        self.query_one("#found", Static).update("asking …")
        fleet = self.app.fleet
        self.app.verbs.run(
            "plan build",
            lambda: [fleet.plan_build(host, want) for host in hosts],
            lambda plans: self._found(want, plans),
            self._failed,
        )

    def _found(self, want: BuildWant, plans: Sequence[BuildPlan]) -> None:
        if not self.is_running:
            return
        notes = [check for plan in plans for check in plan.checks if check.status == "warn"]
        told = list(dict.fromkeys(f"! {plain(check.detail, 300)}" for check in notes))
        self.query_one("#found", Static).update("\n".join(told))
        if problem := next((check for plan in plans for check in plan.problems), None):
            self.refuse(Refused(problem.detail, problem.remedy))
        elif told and self._shown != want:
            self._shown = want
        else:
            self.dismiss(Build(want, {plan.host: plan.image for plan in plans}))

    def _failed(self, error: GpuwsError) -> None:
        if self.is_running:
            self.query_one("#found", Static).update("")
            self.refuse(error)

    def _want(self) -> BuildWant:
        what, name = self._value("what"), self._value("name") or None
        if not what:
            raise UsageError("build what?", "a profile, or a directory of this workstation")
        if is_path(what) and name is None:
            raise UsageError("what is the image to be called?", "a directory's needs a name, NAME:TAG")
        if is_path(what):
            return BuildWant(context=str(Path(what).expanduser().absolute()), tag=name)
        return BuildWant(profile=what, tag=name)

    def _value(self, field: str) -> str:
        return self.query_one(f"#{field}", Input).value.strip()
