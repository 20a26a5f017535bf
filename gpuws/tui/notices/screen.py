"""What is to be told, what was in the last week, newest first, and whom it reached."""

from __future__ import annotations

import time
from collections.abc import Collection

from gpuws.model.notice.record import Told
from gpuws.model.notice.watch import Watch
from gpuws.present.tables.base import Table
from gpuws.present.tables.notices import listing
from gpuws.tui.dialogs.list_dialog import ListDialog


class ToldScreen(ListDialog[None]):
    """⏎ leads to the host."""

    title_text = "What was told in the last week"
    opens_word = "go there"
    _watches: tuple[Watch, ...] = ()

    def ready(self) -> None:
        """As the keeper has it now: with where each went meanwhile."""
        fleet = self.app.fleet
        self.app.verbs.run("notices", lambda: (fleet.notices(), fleet.watches()), self._put)

    def _put(self, found: tuple[tuple[Told, ...], tuple[Watch, ...]]) -> None:
        self.app.state.told, self._watches = found
        if self.is_attached:
            self.update()

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - notices come with the same paint
        self.update()

    def table(self) -> Table:
        """What was told while it is looked at is waited for no more."""
        told = self.app.state.told
        asked = [one.notice for one in told if one.notice.kind == "asked"]
        over = {watch for watch in self._watches for one in asked
                if (one.host, one.subject) == (watch.host, watch.label) and one.when >= watch.since}  # fmt: skip
        return listing(told, time.time(), [watch for watch in self._watches if watch not in over])

    def opened(self, key: str) -> None:
        hosts = {one.notice.id: one.notice.host for one in self.app.state.told}
        hosts |= {f"={one.id}": one.host for one in self._watches}
        host = hosts.get(key, "")
        if not host:
            self.app.say("that was on no host")
            return
        self.dismiss(None)
        self.app.home().select_host(host)
