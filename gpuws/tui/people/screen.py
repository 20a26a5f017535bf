"""Who holds how much of the fleet, person by person and container by container, and what of it is idle."""

from __future__ import annotations

from collections.abc import Collection

from gpuws.present.tables import people
from gpuws.present.tables.base import Table
from gpuws.present.tables.people import NOBODY
from gpuws.tui.dialogs.list_dialog import ListDialog


class PeopleScreen(ListDialog[None]):
    """⏎ shows the GPUs of the person or container in the fleet list."""

    title_text = "Who holds what"

    def table(self) -> Table:
        return people.with_containers(self.app.state.snapshots, self.app.look.thresholds.idle_after)

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - the table compares lines itself
        self.update()

    def opened(self, key: str) -> None:
        if key == NOBODY:
            self.app.warn("nobody knows whose these are: there is no name to filter by")
            return
        self.dismiss(None)
        self.app.home().look_for(key)
