"""From where to where files are copied: two words as `gpuws cp` takes them, then a task of the background."""

from __future__ import annotations

import shlex
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from gpuws.model.errors import GpuwsError, Unreachable, UsageError
from gpuws.model.files.copied import Copied
from gpuws.model.files.spot import Located, need_path, parse_spot
from gpuws.model.query.target import Found, parse, resolve
from gpuws.model.text import plain
from gpuws.model.units import count, size
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.tui.command import Command
from gpuws.tui.dialogs.ask import sure_at
from gpuws.tui.dialogs.dialog import set_title
from gpuws.tui.dialogs.form import Form, row
from gpuws.tui.messages import PASSING
from gpuws.tui.selection import unreachable
from gpuws.tui.tasks.begin import begin


class CopyFilesScreen(Form[None]):
    """`target`: what was selected, as it is typed; what is copied comes from there unless the two are swapped. `here`:
    the directory in which paths of this machine begin."""

    DEFAULT_CSS = """
    CopyFilesScreen .row { margin-top: 1; }
    CopyFilesScreen .row Static { width: 10; }
    CopyFilesScreen .about { color: $muted; margin-top: 1; }
    CopyFilesScreen #why { margin-top: 1; }
    """
    AUTO_FOCUS = "#from"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("files-swap", "ctrl+r", "swap", "Copy the other way", lambda form: form.swap(), hint=2),
    )
    button = "Copy"

    def __init__(self, target: str, here: str) -> None:
        super().__init__()
        self._target, self._here = target, here

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, "Copy files")
            yield row("From", Input(f"{self._target}:", id="from", compact=True, select_on_focus=False))
            yield row("To", Input("./", id="to", compact=True, select_on_focus=False))
            yield Static(
                f"TARGET:PATH; without a colon a path here, in {plain(self._here)}", classes="about", markup=False
            )
            yield Static("", id="command", classes="command", markup=False)
            yield self.why()
            yield from self.buttons()

    def swap(self) -> None:
        source, target = self._words
        self.query_one("#from", Input).value, self.query_one("#to", Input).value = target, source

    def go(self) -> None:
        try:
            source, target = self._located()
        except GpuwsError as error:
            self.refuse(error)
            return
        if target.place is None:
            self._begin(source, target)
        else:
            sure_at(self.app, "copy", target.place, self._command, lambda: self._begin(source, target))

    @property
    def _words(self) -> tuple[str, str]:
        return self.query_one("#from", Input).value.strip(), self.query_one("#to", Input).value.strip()

    @property
    def _command(self) -> str:
        return shlex.join(["gpuws", "cp", *self._words])

    @on(Input.Changed)
    def _typed(self) -> None:
        self.query_one("#command", Static).update(f"$ {plain(self._command, 600)}")

    def _located(self) -> tuple[Located, Located]:
        """UsageError, TargetError or Unreachable where that can't be copied."""
        source, target = (self._one(word) for word in self._words)
        if source.place is None and target.place is None:
            raise UsageError("both are on this machine", "a host's is TARGET:PATH")
        return source, target

    def _one(self, word: str) -> Located:
        spot = parse_spot(word)
        if spot.target is None:
            return Located(parse_spot(word if word[0] in "/~" else f"{self._here}/{word.removeprefix('./')}"))
        found: Found = resolve(parse(spot.target, self.app.state.hosts), self.app.state.snapshots)
        need_path(spot, workspace=found.container is not None)
        if reason := unreachable(found.snapshot):
            raise Unreachable(f"{found.snapshot.name}: {reason}")
        return Located(spot, PlaceRef(found.place.host, found.place.workspace))

    def _begin(self, source: Located, target: Located) -> None:
        app, word = self.app, plain(target.spot.word, 100)

        def begun() -> None:
            app.say(f"copying to {word} — b shows how far it is", timeout=PASSING)
            self._end()

        def done(copied: Copied) -> None:
            app.say(f"{count(copied.files, 'file')}, {size(copied.size)}: copied to {word}")
            self._end()

        begin(
            app,
            f"copy to {word}",
            lambda report, cancel: app.fleet.copy_files(source, target, report, cancel),
            done,
            begun,
            self._refused,
        )

    def _end(self) -> None:
        if self.is_running:
            self.close_with(None)

    def _refused(self, error: GpuwsError) -> None:
        if self.is_running:
            self.refuse(error)
        else:
            self.app.verbs.tell(error)
