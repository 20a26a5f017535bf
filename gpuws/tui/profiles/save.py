"""What was pasted as a profile of mine: the name to keep it under."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from gpuws.model.profile.imported import Imported
from gpuws.model.text import plain
from gpuws.tui.dialogs.dialog import set_title
from gpuws.tui.dialogs.form import row
from gpuws.tui.profiles.form import ProfileForm


class SaveProfileScreen(ProfileForm):
    DEFAULT_CSS = """
    SaveProfileScreen .row Static { width: 8; }
    """

    def __init__(self, recipe: Imported) -> None:
        super().__init__()
        self._recipe = recipe

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, "Save as a profile")
            yield row("Name", Input(plain(self._recipe.name), id="name", compact=True, select_on_focus=False))
            if self._recipe.lost:
                yield Static("What the form told as lost is not in it.", markup=False, classes="muted")
            yield self.why()
            yield from self.buttons()

    def go(self) -> None:
        name, text = self.query_one("#name", Input).value.strip(), self._recipe.text
        self.write(name, lambda: self.app.fleet.save_recipe(name, text), seen=5)
