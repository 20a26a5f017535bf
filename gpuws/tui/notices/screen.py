"""What was told in the last week, newest first, and whom it reached."""

from __future__ import annotations

import time
from collections.abc import Collection

from gpuws.model.notice.record import Told
from gpuws.present.tables.base import Table
from gpuws.present.tables.notices import listing
from gpuws.tui.dialogs.list_dialog import ListDialog


class ToldScreen(ListDialog[None]):
    """⏎ leads to the host."""

    title_text = "What was told in the last week"
    opens_word = "go there"

    def ready(self) -> None:
        """As the keeper has it now: with where each went meanwhile."""
        self.app.verbs.run("notices", self.app.fleet.notices, self._put)

    def _put(self, told: tuple[Told, ...]) -> None:
        self.app.state.told = told
        if self.is_attached:
            self.update()

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - notices come with the same paint
        self.update()

    def table(self) -> Table:
        return listing(self.app.state.told, time.time())

    def opened(self, key: str) -> None:
        host = next((one.notice.host for one in self.app.state.told if one.notice.id == key), "")
        if not host:
            self.app.say("that was on no host")
            return
        self.dismiss(None)
        self.app.home().select_host(host)
