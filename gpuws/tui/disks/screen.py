"""What fills a host's disks, kind by kind and under each its things; volumes that nobody uses can go from here.

The engine is asked when the page is opened and by a key, never by itself: it walks through all its files for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from typing import ClassVar

from gpuws.model import units
from gpuws.model.consent.confirm import together
from gpuws.model.consent.disks import to_prune, volume_confirmation
from gpuws.model.errors import Cancelled, GpuwsError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Progress
from gpuws.model.workspace.storage import DiskUsage, Volume
from gpuws.present.line import clean
from gpuws.present.tables import disks
from gpuws.present.tables.base import Table
from gpuws.tui.command import Command
from gpuws.tui.dialogs.ask import sure
from gpuws.tui.dialogs.dialog import set_title
from gpuws.tui.dialogs.list_dialog import ListDialog


class DiskScreen(ListDialog[None]):
    """⏎ folds a kind and unfolds it. Closing it ends the question."""

    KEYS_ABOUT = "disks"
    KEYS: ClassVar[tuple[Command[DiskScreen], ...]] = (
        Command(
            "disk-remove", "D", "remove", "Remove the volume", lambda screen: screen.remove_volume(),
            why_not=lambda screen: screen.readonly() or screen.no_volume(), hint=1,
        ),
        Command(
            "disk-prune", "P", "prune", "Remove the volumes that no container uses and nobody named",
            lambda screen: screen.prune(), why_not=lambda screen: screen.readonly() or screen.nothing_to_prune(),
            hint=2,
        ),
        Command("disk-fold", "left", "fold", "Hide the things of a kind", lambda screen: screen.rows.fold()),
        Command("disk-unfold", "right", "unfold", "Show them", lambda screen: screen.rows.unfold()),
        Command("disk-read", "ctrl+r", "read again", "Ask the engine again", lambda screen: screen.read(), hint=3),
    )  # fmt: skip
    opens_word = "fold"

    def __init__(self, snapshot: HostSnapshot) -> None:
        super().__init__()
        self._host = snapshot.name
        self._usage: DiskUsage | None = None
        self._error = ""
        self._cancel = threading.Event()
        self.title_text = f"What fills {snapshot.name}"

    def ready(self) -> None:
        self.rows.folded = {"images", "containers", "logs"}
        self.read()

    def on_unmount(self) -> None:
        self._cancel.set()

    def read(self) -> None:
        """Ask the engine again; one that is being asked still is asked no longer."""
        self._cancel.set()
        cancel = self._cancel = threading.Event()
        self._usage, self._error = None, ""
        self.update()
        fleet, host = self.app.fleet, self._host
        self.app.verbs.run(
            "disks",
            lambda: fleet.disk_usage(host, _unsaid, cancel),
            lambda usage: self._show(usage, cancel),
            lambda error: self._fail(error, cancel),
        )

    def _show(self, usage: DiskUsage, asked: threading.Event) -> None:
        if self.is_running and asked is self._cancel:
            self._usage = usage
            self.update()

    def _fail(self, error: GpuwsError, asked: threading.Event) -> None:
        if self.is_running and asked is self._cancel and not isinstance(error, Cancelled):
            self._error = clean(str(error), 300)
            self.update()

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - its age grows whatever changed
        self._entitle()

    def update(self) -> None:
        self._entitle()
        super().update()

    def _entitle(self) -> None:
        age = "" if self._usage is None else f" · read {units.duration(time.time() - self._usage.at)} ago"
        set_title(self.query_one(".box"), f"{self.title_text}{age}")

    def table(self) -> Table:
        if self._error or self._usage is None:
            return Table(empty=self._error or "asking the engine, which looks at all its files … esc leaves it")
        return disks.tree(self._usage, self._snapshot)

    def opened(self, key: str) -> None:
        if key in self.rows.folded:
            self.rows.unfold()
        else:
            self.rows.fold()

    @property
    def _snapshot(self) -> HostSnapshot:
        return self.app.state.hosts.get(self._host) or HostSnapshot(self._host)

    @property
    def _current(self) -> Volume | None:
        row = self.rows.current
        volumes = self._usage.volumes if self._usage else ()
        return next((one for one in volumes if row is not None and row.key == disks.volume_key(one)), None)

    @property
    def _loose(self) -> list[Volume]:
        return to_prune(self._usage.volumes if self._usage else (), every=False)

    # keys

    def remove_volume(self) -> None:
        volume, snapshot = self._current, self._snapshot
        if volume is not None:
            asked = [volume]
            sure(self.app, lambda: volume_confirmation(volume, snapshot, time.time()), "Remove", self._removing(asked))

    def prune(self) -> None:
        loose, snapshot, now = self._loose, self._snapshot, time.time()
        title = f"Remove {units.count(len(loose), 'volume')} from {snapshot.name}?"
        sure(
            self.app,
            lambda: together(title, [volume_confirmation(one, snapshot, now) for one in loose]),
            "Remove",
            self._removing(loose),
        )

    def _removing(self, volumes: Sequence[Volume]) -> Callable[[], None]:
        fleet, host = self.app.fleet, self._host

        def call() -> int:
            for one in volumes:
                fleet.remove_volume(host, one.name)
            return sum(one.size or 0 for one in volumes)

        def done(freed: int) -> None:
            names = volumes[0].short if len(volumes) == 1 else units.count(len(volumes), "volume")
            self.app.say(clean(f"{names} removed, {units.size(freed)} freed"))
            if self.is_running:
                self.read()

        return lambda: self.app.verbs.run("remove volume", call, done)

    # why not

    def readonly(self) -> str:
        """Why nothing may be changed there; "" when it may."""
        return f"{self._host} is read-only" if self._snapshot.readonly else ""

    def no_volume(self) -> str:
        volume = self._current
        if volume is None:
            return "only volumes can be removed here; images on I, containers on D"
        return f"{volume.short} belongs to {volume.used_by[0]}: remove that first" if volume.used_by else ""

    def nothing_to_prune(self) -> str:
        return "" if self._loose else "no volume is without a name and unused: nothing to prune"


def _unsaid(progress: Progress) -> None:
    """The page says that it waits."""
