"""A new profile from a form: what it extends, and the few values that people change."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Input, Select, Static

from gpuws.model.draft import ProfileDraft
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.profile import ProfileSummary
from gpuws.model.text import plain
from gpuws.tui.keys import bindings
from gpuws.tui.widgets.dialog import Dialog, set_title

AROUND_FORM = 6


@dataclass(frozen=True, slots=True)
class _Field:
    id: str
    label: str
    example: str


FIELDS = (
    _Field("description", "About", "what it is for"),
    _Field("gpus", "GPUs", "2 · count=2,memory=40GiB,model=H100 · none"),
    _Field("gpu_memory", "GPU memory", "40g, watched: Docker can't limit it"),
    _Field("mem_limit", "Memory", "128g"),
    _Field("shm_size", "Shm", "32g"),
    _Field("cpus", "CPUs", "16"),
    _Field("working_dir", "Starts in", "/workspace"),
    _Field("volumes", "Volumes", "~/work:/workspace /data:/data:ro"),
    _Field("ports", "Ports", "6006 18000:8000"),
    _Field("environment", "Variables", "DEBUG=1 WANDB_API_KEY (without = from my environment)"),
)


class NewProfileScreen(Dialog[str]):
    """The name of the profile that was written; it stays open with the reason until one was."""

    DEFAULT_CSS = """
    NewProfileScreen > .box { width: 90; }
    NewProfileScreen #fields { height: auto; background: $surface; }
    NewProfileScreen .row { height: 1; }
    NewProfileScreen .row Static { width: 12; color: $foreground 60%; }
    NewProfileScreen Input { background: $panel; width: 1fr; }
    NewProfileScreen Select { width: 1fr; }
    NewProfileScreen #why { color: $error; margin-top: 1; display: none; }
    """
    AUTO_FOCUS = "#name"
    BINDINGS = bindings("form")

    def __init__(self, profiles: Sequence[ProfileSummary], base: str) -> None:
        super().__init__()
        self._bases = [(plain(each.name), each.name) for each in profiles if not each.error]
        self._base = base if any(base == name for _, name in self._bases) else ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, "New profile", "empty: as in what it extends · ^s save")
            with VerticalScroll(id="fields", can_focus=False):
                with Horizontal(classes="row"):
                    yield Static("Name", markup=False)
                    yield Input(placeholder="train", id="name", compact=True)
                with Horizontal(classes="row"):
                    yield Static("Extends", markup=False)
                    yield Select[str](self._bases, prompt="a profile", id="base", compact=True)
                for field in FIELDS:
                    with Horizontal(classes="row"):
                        yield Static(field.label, markup=False)
                        yield Input(placeholder=field.example, id=field.id, compact=True)
                yield Static("", id="why", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Button("Save", id="go", variant="primary", compact=True)

    def on_mount(self) -> None:
        if self._base:
            self.query_one("#base", Select).value = self._base

    def on_resize(self, event: events.Resize) -> None:
        self.query_one("#fields").styles.max_height = max(event.size.height - AROUND_FORM, 3)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "go":
            self.action_save()
        else:
            self.dismiss(None)

    @on(Input.Submitted)
    def action_save(self) -> None:
        try:
            draft = self._draft()
        except UsageError as error:
            self._refuse(error)
            return
        self.app.verbs.run(
            "save profile",
            lambda: self.app.fleet.save_profile(draft),
            lambda path: self._saved(draft, path),
            self._refuse,
        )

    def _draft(self) -> ProfileDraft:
        base = self.query_one("#base", Select).value
        if not isinstance(base, str):
            raise UsageError("a profile extends another", "choose one")
        text = {
            field.id: self._typed(field.id) for field in FIELDS if field.id not in ("volumes", "ports", "environment")
        }
        return ProfileDraft(
            name=self._typed("name"),
            base=base,
            **text,
            volumes=self._words("volumes"),
            ports=self._words("ports"),
            environment=variables(self._words("environment")),
        )

    def _typed(self, field: str) -> str:
        return self.query_one(f"#{field}", Input).value.strip()

    def _words(self, field: str) -> tuple[str, ...]:
        try:
            return tuple(shlex.split(self._typed(field)))
        except ValueError as error:
            raise UsageError(f"{field}: {error}", "words are parted by spaces; quote one that has spaces") from error

    def _saved(self, draft: ProfileDraft, path: str) -> None:
        self.app.say(f"written: {plain(path, 300)}", timeout=3)
        if self.is_running:
            self.close_with(draft.name)

    def _refuse(self, error: GpuwsError) -> None:
        if not self.is_running:
            return
        why = self.query_one("#why", Static)
        why.update("\n".join(plain(line, 300) for line in str(error).split("\n")))
        why.display = True
        self.call_after_refresh(why.scroll_visible, animate=False)


def variables(words: Sequence[str]) -> dict[str, str | None]:
    """`KEY=VALUE`; a KEY alone takes the caller's value."""
    pairs = [word.partition("=") for word in words]
    return {key: value if equals else None for key, equals, value in pairs}
