"""The fleet: every host and GPU in one list. A GPU is a place, and its row says who lives there."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from typing import ClassVar

from textual import events

from gpuws.model.errors import UsageError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.settings import Thresholds
from gpuws.present import host_state
from gpuws.present.line import Line
from gpuws.tui.command import Command
from gpuws.tui.fleet import row_lines
from gpuws.tui.fleet.columns import fit_columns
from gpuws.tui.fleet.filter import Filter
from gpuws.tui.fleet.order import Order
from gpuws.tui.fleet.rows import Row, best_start, name_width, parent, rows, user_width
from gpuws.tui.toolkit.row_list import RowList

UNFOLDED_HOSTS = 8
"""A fleet of more hosts than this starts folded, but for the hosts where I hold something."""

GLYPH_EDGE = 3


class FleetList(RowList[Row]):
    KEYS_ABOUT = "the fleet list"
    KEYS: ClassVar[tuple[Command[FleetList], ...]] = (
        Command("fold", "left", "fold", "Fold a host: one row with its sums", lambda fleet: fleet.fold()),
        Command("unfold", "right", "unfold", "Unfold a host: a row for each GPU", lambda fleet: fleet.unfold()),
        Command(
            "next-match", "n", "next", "Next match, while a filter is on",
            lambda fleet: fleet.match(1), when=lambda fleet: fleet.filter.on,
        ),
        Command(
            "previous-match", "N", "previous", "Previous match, while a filter is on",
            lambda fleet: fleet.match(-1), when=lambda fleet: fleet.filter.on,
        ),
    )  # fmt: skip

    def __init__(
        self,
        thresholds: Thresholds,
        *,
        order: Order = "configured",
        folded: bool | None = None,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """`folded`: all hosts, or none; None: as many as there are make it."""
        super().__init__(id=id)
        self._thresholds = thresholds
        self._snapshots: Sequence[HostSnapshot] = ()
        self._folded: dict[str, bool] = {}
        self._scene: row_lines.Scene | None = None
        self._widths = (0, 0)
        self._all_folded = folded
        self.filter: Filter = Filter()
        self.wanted = ""
        self.mine = False
        self.order = order
        self.settled = False
        """The cursor is where the user wants it: they moved it, or every host has answered."""

    # data

    def update_fleet(self, snapshots: Sequence[HostSnapshot]) -> None:
        self._snapshots = snapshots
        for snapshot in snapshots:
            if snapshot.gpus and snapshot.name not in self._folded:
                self._folded[snapshot.name] = self._starts_folded(snapshot)
        # Columns grow with what they show and never shrink: nothing jumps.
        self._widths = (max(self._widths[0], name_width(snapshots)), max(self._widths[1], user_width(snapshots)))
        self.tick()
        self._show_rows(asked=False)
        if not self.settled:
            self._settle()

    def _starts_folded(self, snapshot: HostSnapshot) -> bool:
        if self._all_folded is not None:
            return self._all_folded
        return len(self._snapshots) > UNFOLDED_HOSTS and not any(gpu.mine for gpu in snapshot.gpus)

    def _show_rows(self, *, asked: bool = True) -> None:
        self.show(rows(self._snapshots, self.is_folded, self.filter, self.order), asked=asked)

    def tick(self) -> None:
        """Time went on: ages and countdowns."""
        width = max(self.inner_width, 20)
        self._scene = row_lines.Scene(
            width=width,
            columns=fit_columns(width, *self._widths),
            now=time.time(),
            thresholds=self._thresholds,
        )

    def look_for(self, text: str) -> str:
        """Show only what this filter means; "" or why it is none (yet): then nothing changes."""
        self.wanted = text
        return self._narrow()

    def show_mine(self, mine: bool) -> None:
        """Only what is mine, of what the filter means."""
        self.mine = mine
        self._narrow()

    def _narrow(self) -> str:
        try:
            self.filter = Filter.of(self.wanted, mine=self.mine, idle_after=self._thresholds.idle_after)
        except UsageError as error:
            return str(error)
        self._show_rows()
        if self.filter.on and (row := self.current) is not None and row.gpu is None:
            self.match(1)
        return ""

    def set_order(self, order: Order) -> None:
        self.order = order
        self._show_rows()

    def fold_all(self) -> bool:
        """One line for each host; where that is so already, one for each GPU. Whether they are folded now."""
        folded = not all(self.is_folded(snapshot.name) for snapshot in self._snapshots if snapshot.gpus)
        self._all_folded = folded
        self._folded = {snapshot.name: folded for snapshot in self._snapshots if snapshot.gpus}
        self.settled = True
        self._show_rows()
        return folded

    def is_folded(self, host: str) -> bool:
        return self._folded.get(host, False)

    def _settle(self) -> None:
        key = best_start(self.rows)
        if key is not None:
            self.select(key)
        self.settled = bool(self._snapshots) and all(
            snapshot.gpus or not _undecided(snapshot) for snapshot in self._snapshots
        )

    # drawing

    def heading(self, width: int) -> Line | None:
        return row_lines.heading(self._scene_for(width))

    def line(self, index: int, width: int) -> Line:
        return row_lines.line(self.rows[index], self._scene_for(width))

    def fade(self, index: int) -> int:
        row = self.rows[index]
        return host_state.fade(row.snapshot, self._scene_for(self.inner_width).now) if row.gpu is not None else 0

    def nothing(self) -> str:
        if self.filter.on:
            return "Nothing matches. esc shows all."
        return "No hosts yet."

    def stand_in(self, key: Hashable) -> Hashable:
        return parent(key) if isinstance(key, tuple) else key

    def _scene_for(self, width: int) -> row_lines.Scene:
        if self._scene is None or self._scene.width != width:
            self.tick()
        assert self._scene is not None
        return self._scene

    # keys

    def on_key(self) -> None:
        self.settled = True

    def clicked(self, event: events.Click) -> None:
        """A click on a host's glyph folds it."""
        self.settled = True
        row = self.current
        if row is not None and row.kind == "host" and event.x < GLYPH_EDGE:
            self._fold(row.snapshot.name, not self.is_folded(row.snapshot.name))
        else:
            super().clicked(event)

    def fold(self) -> None:
        if (row := self.current) is not None:
            self._fold(row.snapshot.name, True)

    def unfold(self) -> None:
        if (row := self.current) is not None:
            self._fold(row.snapshot.name, False)

    def match(self, step: int) -> None:
        """To the next GPU that matches, or host where a host itself is what matches."""
        number = len(self.rows)
        for distance in range(1, number + 1):
            index = (self.cursor + step * distance) % number
            row = self.rows[index]
            if row.kind == "gpu" or (row.kind == "host" and self.filter.host(row.snapshot)):
                self.move_to(index)
                return

    def _fold(self, host: str, folded: bool) -> None:
        self._folded[host] = folded
        self._show_rows()


def _undecided(snapshot: HostSnapshot) -> bool:
    return snapshot.state.value == "connecting" or (host_state.fresh(snapshot) and "telemetry" not in snapshot.complete)
