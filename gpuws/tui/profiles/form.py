"""The frame of a profile that is to be written, under a name."""

from __future__ import annotations

from collections.abc import Callable

from gpuws.model.text import plain
from gpuws.tui.dialogs.form import Form


class ProfileForm(Form[str]):
    """The name of the profile that was written."""

    AUTO_FOCUS = "#name"

    def write(self, name: str, call: Callable[[], str], *, seen: float) -> None:
        """`call` writes it and returns the path, which is said for `seen` seconds."""

        def written(path: str) -> None:
            self.app.say(f"written: {plain(path, 300)}", timeout=seen)
            if self.is_running:
                self.close_with(name)

        self.app.verbs.run("save profile", call, written, self.refuse)
