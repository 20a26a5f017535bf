"""A new profile from a form: what it extends, and the few values that people change."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, Select

from gpuws.model.errors import UsageError
from gpuws.model.profile.draft import ProfileDraft
from gpuws.model.profile.profile import ProfileSummary
from gpuws.model.text import plain
from gpuws.tui.dialogs.choice import Choice
from gpuws.tui.dialogs.dialog import set_title
from gpuws.tui.dialogs.form import row
from gpuws.tui.profiles.form import ProfileForm

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


class NewProfileScreen(ProfileForm):
    DEFAULT_CSS = """
    NewProfileScreen > .box { width: 90; }
    NewProfileScreen #fields { height: auto; background: $surface; }
    NewProfileScreen .row Static { width: 12; }
    NewProfileScreen Select { width: 1fr; }
    NewProfileScreen #why { margin-top: 1; }
    """

    def __init__(self, profiles: Sequence[ProfileSummary], base: str) -> None:
        super().__init__()
        self._bases = [(plain(each.name), each.name) for each in profiles if not each.error]
        self._base = base if any(base == name for _, name in self._bases) else ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, "New profile; what is empty stays as in what it extends")
            with VerticalScroll(id="fields", can_focus=False):
                yield row("Name", Input(placeholder="train", id="name", compact=True))
                yield row("Extends", Choice(self._bases, prompt="a profile", id="base", compact=True))
                for field in FIELDS:
                    yield row(field.label, Input(placeholder=field.example, id=field.id, compact=True))
                yield self.why()
            yield from self.buttons()

    def on_mount(self) -> None:
        if self._base:
            self.query_one("#base", Select).value = self._base

    def on_resize(self, event: events.Resize) -> None:
        self.query_one("#fields").styles.max_height = max(event.size.height - AROUND_FORM, 3)

    def go(self) -> None:
        try:
            draft = self._draft()
        except UsageError as error:
            self.refuse(error)
            return
        self.write(draft.name, lambda: self.app.fleet.save_profile(draft), seen=3)

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


def variables(words: Sequence[str]) -> dict[str, str | None]:
    """`KEY=VALUE`; a KEY alone takes the caller's value."""
    pairs = [word.partition("=") for word in words]
    return {key: value if equals else None for key, equals, value in pairs}
