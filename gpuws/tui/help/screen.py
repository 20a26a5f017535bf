"""All keys, signs and colours, from those of the screen under it; a few letters find one."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from gpuws.present.tables.base import Table
from gpuws.tui.base import AppBase
from gpuws.tui.dialogs.find_dialog import FindDialog
from gpuws.tui.help.page import Known, known, sections, table


class HelpScreen(FindDialog[Known]):
    """⏎ presses the key under the cursor."""

    title_text = "Keys"
    placeholder = "a few letters: a key, a word, a sign"
    opens_as = "does it"
    begins_at = 1  # below the first title

    def __init__(self, under: Screen[Any]) -> None:
        super().__init__()
        self._keys = known(under)
        self._sections = sections(self._keys, under.app)

    def found(self, query: str) -> Table:
        return table(self._sections, query)

    def opened(self, key: str) -> None:
        if (chosen := self._keys.get(key)) is not None:
            self.dismiss(chosen)


def open_help(app: AppBase) -> None:
    def then(chosen: Known | None) -> None:
        if chosen is not None:
            app.call_later(chosen.node.action_command, chosen.command.id)

    app.push_screen(HelpScreen(app.screen), then)
