"""The fields of a launch, and below them what would come of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Button, Input, Select, Static

from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Check, Plan
from gpuws.model.profile.profile import ProfileSummary
from gpuws.model.text import plain
from gpuws.present.gpu_choices import Cell, about
from gpuws.present.line import Line
from gpuws.tui.dialogs.buttons import button
from gpuws.tui.dialogs.choice import Choice
from gpuws.tui.launch import lines as say
from gpuws.tui.launch.draft import Draft
from gpuws.tui.launch.fields import Field, Fold, RunLine, is_recipe, label
from gpuws.tui.launch.gpu_picker import GpuPicker
from gpuws.tui.launch.more_fields import MoreFields
from gpuws.tui.toolkit.fitting import cut
from gpuws.tui.toolkit.lines import Lines

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase

BEST = "*"
"""Stands for no host, but for whichever is the best; no host's name has such a character."""

PASTED, IMAGE, PASTE = "*pasted", "*image", "*paste"
"""Stand for no profile: what was pasted, only an image, and the way to paste something."""

MARGIN = 4
"""Cells of a list of choices that are not its text."""

ROOMY = 32
"""On fewer lines than this what is well is told in one, so that the command stays in sight."""


UNTOLD = {
    "name": "chosen for you",
    "image": "e.g. nvcr.io/nvidia/pytorch:25.08-py3",
    "gpus": "e.g. 2 · count=1,memory=40GiB",
    "memory": "e.g. 64g",
    "shm": "e.g. 16g",
}
"""What may be typed in a field while it is not known what holds without it."""


class LaunchForm(VerticalScroll, can_focus=False):
    DEFAULT_CSS = """
    LaunchForm { height: auto; background: $surface; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    LaunchForm .row, LaunchForm .column { height: auto; min-height: 1; }
    LaunchForm .label { width: 11; color: $muted; }
    LaunchForm .beside { width: auto; color: $muted; margin: 0 2 0 1; }
    LaunchForm Input { width: 1fr; max-width: 40; }
    LaunchForm Input.short { width: 9; }
    LaunchForm Input.long { max-width: 80; }
    LaunchForm Select { width: 1fr; max-width: 80; }
    LaunchForm Button { margin-left: 2; }
    LaunchForm #makes, LaunchForm #checks { margin-top: 1; }
    LaunchForm.small #makes, LaunchForm.small #checks, LaunchForm.small .command { margin-top: 0; }
    """
    app: AppBase

    class Changed(Message):
        """Something else is wanted. `field`: the id of its field."""

        def __init__(self, field: str) -> None:
            super().__init__()
            self.field = field

    class Pasted(Message):
        """A recipe, and no line for a field."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class SaveWanted(Message):
        """What was pasted is to be kept as a profile."""

    def compose(self) -> ComposeResult:
        with Horizontal(classes="row"):
            yield label("Profile")
            yield Choice([], prompt="reading profiles …", id="profile", compact=True)
            yield button("Save as profile…", "save")
        with Horizontal(classes="row", id="image-row"):
            yield label("Image")
            yield Field("image", UNTOLD["image"])
        with Horizontal(classes="row"):
            yield label("Host")
            with Vertical(classes="column"):
                yield Choice([], prompt="reading hosts …", id="host", compact=True)
                yield Lines(id="why")
        with Horizontal(classes="row"):
            yield label("Name")
            yield Field("name", UNTOLD["name"])
        with Horizontal(classes="row"):
            yield label("GPUs")
            with Vertical(classes="column"):
                with Horizontal(classes="row"):
                    yield Field("gpus", UNTOLD["gpus"])
                    yield Static(" ", classes="beside", markup=False)
                    yield Lines(id="hint")
                yield GpuPicker()
                yield Lines(id="about")
        with Horizontal(classes="row"):
            yield label("Memory")
            yield Field("memory", short=True)
            yield Static("", id="free", classes="beside", markup=False)
            yield Static("Shm", classes="beside", markup=False)
            yield Field("shm", short=True)
        yield MoreFields()
        yield Lines(id="makes")
        yield Lines(id="checks")
        yield RunLine("", id="command", classes="command")

    def on_mount(self) -> None:
        for hidden in ("#command", "#save", "#image-row"):
            self.query_one(hidden).display = False

    def on_resize(self) -> None:
        self.set_class(self._brief, "small")

    @property
    def _brief(self) -> bool:
        return self.app.size.height < ROOMY

    # what is chosen

    @property
    def profile(self) -> str:
        """A profile's name, or one of the words above that stand for none; "" for nothing."""
        return _value(self.query_one("#profile", Select))

    @property
    def host(self) -> str:
        """BEST for any, "" for none."""
        return _value(self.query_one("#host", Select))

    def draft(self) -> Draft:
        """As it is typed, without what was pasted."""
        profile = "" if self.profile in (PASTED, IMAGE, PASTE) else self.profile
        typed: dict[str, Any] = {field.id or "": field.value.strip() for field in self.query(Field)}
        return Draft(profile, self.host, **typed)

    def fill(self, draft: Draft) -> None:
        """Type all that it says, but for the profile and the host."""
        for field in self.query(Field):
            field.value = getattr(draft, field.id or "")
        if draft.more:
            self.query_one(MoreFields).unfold(True)

    def type(self, field: str, text: str) -> None:
        """As if it had been typed, and nobody hears of it."""
        with self.prevent(Input.Changed):
            self.query_one(f"#{field}", Input).value = text

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        event.stop()
        self._show_profile_rows()
        self.post_message(self.Changed(event.select.id or ""))

    @on(Input.Changed)
    def _written(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.input.id or ""))

    @on(Fold.Turned)
    def _turned(self) -> None:
        self._show_profile_rows()

    def _show_profile_rows(self) -> None:
        """The image has its place beside the profile: where there is no other, and with the fields that few need."""
        self.query_one("#image-row").display = self.profile == IMAGE or self.query_one(MoreFields).unfolded
        self.query_one("#save").display = self.profile == PASTED

    @on(Button.Pressed, "#save")
    def _save(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.SaveWanted())

    def on_paste(self, event: events.Paste) -> None:
        if is_recipe(event.text):
            event.stop()
            self.post_message(self.Pasted(event.text))

    @on(GpuPicker.Moved)
    def _looked(self) -> None:
        self._tell_about()

    def fix(self, *fields: str) -> None:
        """There is nothing to choose in these, nor in those that few need."""
        for field in fields:
            self.query_one(f"#{field}").disabled = True
        self.query_one(MoreFields).display = False

    # what there is to choose from

    def offer_profiles(self, found: Sequence[ProfileSummary], chosen: str | None, pasted: str = "") -> None:
        """`pasted`: what was pasted is called; "": nothing was."""
        select = self.query_one("#profile", Select)
        room = max(select.size.width - MARGIN, 20)
        labels = [(profile_label(profile), profile.name) for profile in found]
        labels = [*([(f"{pasted}  as it was pasted", PASTED)] if pasted else []), *labels]
        labels += [(say.IMAGE_ONLY, IMAGE), (say.PASTE, PASTE)]
        select.set_options([(cut(text, room), name) for text, name in labels])
        if chosen is not None:
            select.value = chosen
        self._show_profile_rows()

    def offer_hosts(self, hosts: Sequence[HostSnapshot], asked: Sequence[str], chosen: str) -> None:
        """`asked`: those among which the best can be looked for."""
        select = self.query_one("#host", Select)
        room = max(select.size.width - MARGIN, 20)
        best = [(cut(say.best_label(asked), room), BEST)] if len(asked) > 1 else []
        select.set_options([*best, *((cut(say.host_label(host), room), host.name) for host in hosts)])
        select.prompt = "choose a host"
        if chosen:
            select.value = chosen

    def choose_profile(self, name: str) -> None:
        """ "" for none."""
        self.query_one("#profile", Select).value = name or Select.NULL

    def choose_host(self, name: str) -> None:
        self.query_one("#host", Select).value = name

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
        command = self.query_one("#command", RunLine)
        command.display = plan is not None
        makes = self.query_one("#makes", Lines)
        makes.put([say.makes(plan)] if plan else [])
        makes.display = plan is not None
        if plan is None:
            for field, text in UNTOLD.items():
                self.query_one(f"#{field}", Input).placeholder = text
            return
        command.put(plain(plan.command, 4000))
        profile = plan.spec.profile
        for field, text in (
            ("name", plain(plan.spec.name)),
            ("image", plain(plan.spec.image)),
            ("memory", say.size_words(profile.mem_limit, "no cap")),
            ("shm", say.size_words(profile.shm_size, "64m")),
            ("gpus", say.gpus_words(plan)),
        ):
            self.query_one(f"#{field}", Input).placeholder = text
        self.query_one(MoreFields).show(profile)

    def show_checks(self, checks: Sequence[Check]) -> None:
        lines = self.query_one("#checks", Lines)
        lines.put(say.check_lines(checks, max(lines.size.width, 40), brief=self._brief))

    @property
    def line_unfolded(self) -> bool:
        """All of the `docker run` line is shown."""
        return self.query_one("#command", RunLine).unfolded

    def unfold_command(self) -> None:
        """All of the `docker run` line, or one line of it again."""
        command = self.query_one("#command", RunLine)
        command.turn()
        if command.unfolded:
            self.call_after_refresh(command.scroll_visible, animate=False)


def _value(select: Select[str]) -> str:
    return select.value if isinstance(select.value, str) else ""


def profile_label(profile: ProfileSummary) -> str:
    said = f"✗ {plain(profile.error, 80)}" if profile.error else plain(profile.description, 80)
    return f"{plain(profile.name)}  {said}"
