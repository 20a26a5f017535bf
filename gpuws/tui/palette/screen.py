"""Every command by a few letters: what was taken last first, its key beside it, and why it can't be done now."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from gpuws.present.tables.base import Table
from gpuws.tui.base import AppBase
from gpuws.tui.dialogs.find_dialog import FindDialog
from gpuws.tui.palette.entries import Entry, entries, found
from gpuws.tui.remembered import remembering


class PaletteScreen(FindDialog[Entry]):
    """What was chosen."""

    title_text = "Commands"
    placeholder = "a few letters of what to do"
    opens_as = "run"

    def __init__(self, app: AppBase, under: Screen[Any]) -> None:
        super().__init__()
        self._offers = entries(app, under)
        self._found: list[Entry] = []

    def found(self, query: str) -> Table:
        table, self._found = found(self._offers, query)
        return table

    def opened(self, key: str) -> None:  # noqa: ARG002 - the cursor is on it
        entry = self._found[self.rows.cursor]
        if entry.why_not:
            self.app.warn(entry.why_not)
        else:
            self.dismiss(entry)


def open_palette(app: AppBase) -> None:
    def then(entry: Entry | None) -> None:
        if entry is not None:
            app.remember(recent=remembering(app.remembered.recent, entry.id))
            app.call_later(entry.run)

    app.push_screen(PaletteScreen(app, app.screen), then)
