"""The fields of a launch, and below them what would come of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Input, Select, Static

from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Check, Plan, Want
from gpuws.model.profile.profile import GpuWish, ProfileSummary
from gpuws.model.text import plain
from gpuws.present.gpu_choices import Cell, about
from gpuws.present.line import Line
from gpuws.tui.dialogs.choice import Choice
from gpuws.tui.launch import lines as say
from gpuws.tui.launch.gpu_picker import GpuPicker
from gpuws.tui.toolkit.fitting import cut
from gpuws.tui.toolkit.lines import Lines

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase

BEST = "*"
"""Stands for no host, but for whichever is the best; no host's name has such a character."""

MARGIN = 4
"""Cells of a list of choices that are not its text."""

ROOMY = 32
"""On fewer lines than this what is well is told in one, so that the command stays in sight."""


class LaunchForm(VerticalScroll, can_focus=False):
    DEFAULT_CSS = """
    LaunchForm { height: auto; background: $surface; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    LaunchForm .row { height: auto; min-height: 1; }
    LaunchForm .label { width: 9; color: $muted; }
    LaunchForm .beside { width: auto; color: $muted; margin: 0 2 0 1; }
    LaunchForm Input { width: 1fr; max-width: 40; }
    LaunchForm Input.short { width: 9; }
    LaunchForm Select { width: 1fr; max-width: 80; }
    LaunchForm #makes, LaunchForm #checks { margin-top: 1; }
    LaunchForm.small #makes, LaunchForm.small #checks, LaunchForm.small .command { margin-top: 0; }
    """
    app: AppBase

    class Changed(Message):
        """Something else is wanted. `field`: profile, host, name, count, memory or shm."""

        def __init__(self, field: str) -> None:
            super().__init__()
            self.field = field

    def compose(self) -> ComposeResult:
        with Horizontal(classes="row"):
            yield _label("Profile")
            yield Choice([], prompt="reading profiles …", id="profile", compact=True)
        with Horizontal(classes="row"):
            yield _label("Host")
            with Vertical(classes="row"):
                yield Choice([], prompt="choose a host", id="host", compact=True)
                yield Lines(id="why")
        with Horizontal(classes="row"):
            yield _label("Name")
            yield Input(placeholder="chosen for you", id="name", compact=True)
        with Horizontal(classes="row"):
            yield _label("Memory")
            yield Input(id="memory", compact=True, classes="short")
            yield Static("", id="free", classes="beside", markup=False)
            yield Static("Shm", classes="beside", markup=False)
            yield Input(id="shm", compact=True, classes="short")
        with Horizontal(classes="row"):
            yield _label("GPUs")
            with Vertical(classes="row"):
                with Horizontal(classes="row"):
                    yield Input(id="count", type="integer", max_length=4, compact=True, classes="short")
                    yield Static(" ", classes="beside", markup=False)
                    yield Lines(id="hint")
                yield GpuPicker()
                yield Lines(id="about")
        yield Lines(id="makes")
        yield Lines(id="checks")
        yield Static("", id="command", classes="command", markup=False)

    def on_mount(self) -> None:
        self.query_one("#command").display = False

    def on_resize(self) -> None:
        self.set_class(self._brief, "small")

    @property
    def _brief(self) -> bool:
        return self.app.size.height < ROOMY

    # what is chosen

    @property
    def profile(self) -> str:
        return _value(self.query_one("#profile", Select))

    @property
    def host(self) -> str:
        """BEST for any, "" for none."""
        return _value(self.query_one("#host", Select))

    @property
    def number(self) -> str:
        """How many GPUs are asked for beyond what the profile says; "" for as it says."""
        return self._typed("count")

    def want(self, ticks: Collection[str] | None) -> Want:
        """`ticks`: the GPUs chosen one by one; None: not."""
        keys = {"memory": "mem_limit", "shm": "shm_size", "count": "gpus.count"}
        said = {key: self._typed(field) for field, key in keys.items() if ticks is None or field != "count"}
        return Want(
            name=self._typed("name") or None,
            gpus=None if ticks is None else GpuWish(uuids=tuple(sorted(ticks))),
            overrides=tuple(f"{key}={text}" for key, text in said.items() if text),
        )

    def _typed(self, field: str) -> str:
        return self.query_one(f"#{field}", Input).value.strip()

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.select.id or ""))

    @on(Input.Changed)
    def _written(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.input.id or ""))

    @on(GpuPicker.Moved)
    def _looked(self) -> None:
        self._tell_about()

    def fix(self, *fields: str) -> None:
        """There is nothing to choose in these."""
        for field in fields:
            self.query_one(f"#{field}").disabled = True

    # what there is to choose from

    def offer_profiles(self, found: Sequence[ProfileSummary], chosen: str | None) -> None:
        select = self.query_one("#profile", Select)
        room = max(select.size.width - MARGIN, 20)
        select.set_options([(cut(_profile_label(profile), room), profile.name) for profile in found])
        if chosen is not None:
            select.value = chosen

    def offer_hosts(self, hosts: Sequence[HostSnapshot], asked: Sequence[str], chosen: str) -> None:
        """`asked`: those among which the best can be looked for."""
        select = self.query_one("#host", Select)
        best = [(say.best_label(asked), BEST)] if len(asked) > 1 else []
        room = max(select.size.width - MARGIN, 20)
        select.set_options([*best, *((cut(say.host_label(host), room), host.name) for host in hosts)])
        if chosen:
            select.value = chosen

    def choose_host(self, host: str) -> None:
        self.query_one("#host", Select).value = host

    # what would come of it

    def show_gpus(self, cells: Sequence[Cell], hint: Line, snapshot: HostSnapshot | None) -> None:
        self._cells = cells
        self.query_one(GpuPicker).put(cells)
        self.query_one("#hint", Lines).put([hint])
        self.query_one("#free", Static).update(say.memory_words(snapshot))
        self._tell_about()

    _cells: Sequence[Cell] = ()

    def _tell_about(self) -> None:
        cell = self.query_one(GpuPicker).current
        self.query_one("#about", Lines).put([about(cell, self._cells)] if cell else [])

    def show_why(self, lines: Sequence[Line]) -> None:
        self.query_one("#why", Lines).put(lines)

    def show_plan(self, plan: Plan | None) -> None:
        command = self.query_one("#command", Static)
        command.display = plan is not None
        makes = self.query_one("#makes", Lines)
        makes.put([say.makes(plan)] if plan else [])
        makes.display = plan is not None
        if plan is None:
            return
        command.update(f"$ {plain(plan.command, 4000)}")
        profile = plan.spec.profile
        for field, text in (
            ("name", plain(plan.spec.name)),
            ("memory", say.size_words(profile.mem_limit, "no cap")),
            ("shm", say.size_words(profile.shm_size, "64m")),
            ("count", str(len(plan.devices))),
        ):
            self.query_one(f"#{field}", Input).placeholder = text

    def show_checks(self, checks: Sequence[Check]) -> None:
        lines = self.query_one("#checks", Lines)
        lines.put(say.check_lines(checks, max(lines.size.width, 40), brief=self._brief))


def _label(text: str) -> Static:
    return Static(text, classes="label", markup=False)


def _value(select: Select[str]) -> str:
    return select.value if isinstance(select.value, str) else ""


def _profile_label(profile: ProfileSummary) -> str:
    said = f"✗ {plain(profile.error, 80)}" if profile.error else plain(profile.description, 80)
    return f"{plain(profile.name)}  {said}"
