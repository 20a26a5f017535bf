"""The fleet: every host and GPU in one list. A GPU is a place, and its row says who lives there."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from typing import ClassVar

from textual import events
from textual.message import Message

from gpuws.model.errors import UsageError
from gpuws.model.gpu.slot import Slot, slots
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.settings import Thresholds
from gpuws.present import host_state
from gpuws.present.line import Line
from gpuws.present.tables.sorting import Sort
from gpuws.tui.command import Command
from gpuws.tui.fleet import row_lines
from gpuws.tui.fleet.columns import FleetColumn, chosen
from gpuws.tui.fleet.filter import Filter
from gpuws.tui.fleet.order import CONFIGURED
from gpuws.tui.fleet.row import Key, Row, parent
from gpuws.tui.fleet.rows import best_start, name_width, rows, user_width
from gpuws.tui.toolkit import table_lines
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
            "mark-gpu", "space", "mark", "Mark a GPU: n launches on all marked ones of its host",
            lambda fleet: fleet.mark(), when=lambda fleet: fleet.on_slot,
        ),
        Command(
            "next-match", "]", "next match", "Next match, while a filter is on",
            lambda fleet: fleet.match(1), when=lambda fleet: fleet.filter.on, hint=11,
        ),
        Command(
            "previous-match", "[", "previous", "Previous match, while a filter is on",
            lambda fleet: fleet.match(-1), when=lambda fleet: fleet.filter.on,
        ),
    )  # fmt: skip

    class Marked(Message):
        """A GPU was marked or unmarked."""

    class Sorted(Message):
        """The order was chosen anew."""

    def __init__(
        self,
        thresholds: Thresholds,
        *,
        sort: Sort = CONFIGURED,
        columns: Sequence[str] = (),
        folded: bool | None = None,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """`columns`: which ones, and in which order; none: the usual ones. `folded`: all hosts, or none; None: as many
        as there are make it."""
        super().__init__(id=id)
        self.sort = sort
        self._columns = chosen(columns)
        self._thresholds = thresholds
        self._snapshots: Sequence[HostSnapshot] = ()
        self._folded: dict[str, bool] = {}
        self._scene: row_lines.Scene | None = None
        self._widths = (0, 0)
        self._all_folded = folded
        self.filter: Filter = Filter()
        self.wanted = ""
        self.mine = False
        self.marked: frozenset[Key] = frozenset()
        """GPUs of one host."""
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
        self.show(rows(self._snapshots, self.is_folded, self.filter, self.sort), asked=asked)

    def tick(self) -> None:
        """Time went on: ages and countdowns."""
        width = max(self.inner_width, 20)
        self._scene = row_lines.scene(width, self._widths, self._columns, self._thresholds, time.time())

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

    def sorted_anew(self) -> None:
        self._show_rows()
        self.post_message(self.Sorted())

    @property
    def columns(self) -> tuple[FleetColumn, ...]:
        """Those that are chosen, shown or not."""
        return self._columns

    def choose(self, columns: Sequence[str]) -> None:
        """Show these columns, in this order; none: the usual ones."""
        self._columns = chosen(columns)
        self.tick()
        self.repaint_all()

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
        return row_lines.heading(self._scene_for(width), self.sort)

    def line(self, index: int, width: int) -> Line:
        row = self.rows[index]
        return row_lines.line(row, self._scene_for(width), marked=row.key in self.marked)

    def fade(self, index: int) -> int:
        row = self.rows[index]
        return host_state.fade(row.snapshot, self._scene_for(self.inner_width).view.now) if row.gpu is not None else 0

    def nothing(self) -> str:
        if self.filter.on:
            return "Nothing matches. esc shows all."
        return "No hosts yet."

    def opens_as(self) -> str:
        row = self.current
        if row is None:
            return ""
        state = row.snapshot.state
        if row.gpu is None and state is HostState.ASKING:
            return "answer"
        if row.gpu is None and (state.final or state is HostState.DOWN):
            return "why"
        return "charts"

    def stand_in(self, key: Hashable) -> Hashable:
        return parent(key) if isinstance(key, tuple) else key

    def _scene_for(self, width: int) -> row_lines.Scene:
        if self._scene is None or self._scene.layout.width != width:
            self.tick()
        assert self._scene is not None
        return self._scene

    def sortable(self) -> Sequence[str]:
        return self._scene_for(self.inner_width).layout.ids

    def column_at(self, x: int) -> str | None:
        shown = self._scene_for(self.inner_width).layout
        index = table_lines.column_at(shown.places, x)
        return None if index is None else shown.shown[index].id

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

    @property
    def on_slot(self) -> bool:
        """The cursor is on what can be given to one job: a GPU, or an instance of a divided one."""
        row = self.current
        return row is not None and row.gpu is not None and (row.mig is not None or not row.gpu.mig_instances)

    def mark(self) -> None:
        """Or unmark. A launch is on one host: marking on another begins anew there."""
        row = self.current
        if row is not None:
            here = {key for key in self.marked if key[0] == row.snapshot.name}
            self._mark(frozenset(here ^ {row.key}))
            after = self.rows[self.cursor + 1 : self.cursor + 2]
            if after and after[0].snapshot.name == row.snapshot.name:  # on another host nothing is marked
                self.move(1)

    def unmark(self) -> None:
        self._mark(frozenset())

    def _mark(self, marked: frozenset[Key]) -> None:
        self.marked = marked
        self.repaint()
        self.post_message(self.Marked())

    def marked_on(self, snapshot: HostSnapshot) -> tuple[Slot, ...]:
        """Those of that host, as far as it has them still."""
        if not self.marked:
            return ()
        places = (slot for gpu in snapshot.gpus for slot in slots(gpu))
        return tuple(slot for slot in places if (snapshot.name, slot.uuid) in self.marked)

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
