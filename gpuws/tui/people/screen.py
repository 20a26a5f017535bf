"""Who holds how much of the fleet: person by person, under each their containers and processes, and the sums."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import ClassVar

from gpuws.present.tables import people
from gpuws.present.tables.base import Table
from gpuws.tui.command import Command
from gpuws.tui.dialogs.list_dialog import ListDialog


class PeopleScreen(ListDialog[None]):
    """⏎ shows the GPUs of the person or container in the fleet list, and a process among those of its GPU."""

    DEFAULT_CSS = "PeopleScreen > .box { width: 170; }"
    KEYS_ABOUT = "people"
    KEYS: ClassVar[tuple[Command[PeopleScreen], ...]] = (
        Command(
            "people-fold", "left", "fold", "Hide what a person or container has", lambda it: it.rows.fold(), hint=2
        ),
        Command(
            "people-unfold", "right", "unfold", "Show what a person or container has",
            lambda it: it.rows.unfold(), hint=3,
        ),
    )  # fmt: skip
    title_text = "Who holds what"

    def table(self) -> Table:
        return people.with_all(self.app.state.snapshots, self.app.look.thresholds.idle_after, time.time())

    def ready(self) -> None:
        """Where not all of it can be seen at once, containers come without their processes."""
        table = self.table()
        if len(table.rows) > self.most:
            parents = set(self.rows.parents().values())
            self.rows.folded = {row.key for row in table.rows if row.level and row.key in parents}
            self.update()

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - the table compares lines itself
        self.update()

    def opened(self, key: str) -> None:
        home = self.app.home()
        if key.startswith(people.SUM):
            return
        if key == people.NOBODY:
            self.app.warn("nobody knows whose these are: there is no name to filter by")
            return
        place = people.process_place(key, self.app.state.snapshots)
        self.dismiss(None)
        if place is not None:
            home.show_processes(place)
        else:
            home.look_for(key)
