"""What a Jupyter server said that was started in tmux: its last lines, without tokens."""

from __future__ import annotations

from typing import Any, ClassVar

from gpuws.model.errors import GpuwsError
from gpuws.present.line import clean
from gpuws.tui.command import Command
from gpuws.tui.logs.text import log_line
from gpuws.tui.sessions.doors import Door
from gpuws.tui.text.text_screen import TextScreen


class NotebookLogScreen(TextScreen):
    KEYS_ABOUT = "notebook log"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("notebook-log-read", "ctrl+r", "read again", "Read it again, now", lambda it: it.read(), hint=4),
    )  # fmt: skip

    def __init__(self, door: Door) -> None:
        super().__init__(f"Jupyter log · {door.label}", door.command.replace(" --open", " --log"))
        self._place = door.place

    def on_mount(self) -> None:
        self.view.set_lines(["reading …"])
        self.read()

    def read(self) -> None:
        self.app.verbs.run("jupyter log", lambda: self.app.fleet.jupyter_log(self._place), self._show, self._failed)

    def _show(self, lines: tuple[str, ...]) -> None:
        if self.is_running:
            self.view.set_lines([log_line(line) for line in lines])
            self.view.set_follow(True)
            self.retitle()

    def _failed(self, error: GpuwsError) -> None:
        if self.is_running:
            self.view.set_lines([clean(str(error))])
