"""The frame of a profile that is to be written, under a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from gpuws.model.text import plain
from gpuws.tui.command import Command
from gpuws.tui.dialogs.form import Form


class ProfileForm(Form[str]):
    """The name of the profile that was written."""

    AUTO_FOCUS = "#name"
    KEYS_ABOUT = "form"
    KEYS: ClassVar[tuple[Command[Any], ...]] = (
        Command("form-save", "ctrl+s", "save", "Write the profile", lambda form: form.go(), hint=1),
    )

    def write(self, name: str, call: Callable[[], str], *, seen: float) -> None:
        """`call` writes it and returns the path, which is said for `seen` seconds."""

        def written(path: str) -> None:
            self.app.say(f"written: {plain(path, 300)}", timeout=seen)
            if self.is_running:
                self.close_with(name)

        self.app.verbs.run("save profile", call, written, self.refuse)
