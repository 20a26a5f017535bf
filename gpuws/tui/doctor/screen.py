"""Hosts and their checkups: what is missing or risky, with its fix."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Sequence
from typing import ClassVar

from gpuws.model.checkup.mend import Mend
from gpuws.model.consent.mends import mend_confirmation
from gpuws.model.errors import GpuwsError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.plan import Check
from gpuws.model.text import about
from gpuws.present.doctor import Patient, report, shown
from gpuws.present.line import Line, Span
from gpuws.tui.command import Command
from gpuws.tui.dialogs.ask import sure, which
from gpuws.tui.toolkit.full_screen import FullScreen
from gpuws.tui.toolkit.page import Page


class DoctorScreen(FullScreen):
    """`hosts`: () all. Each is asked by itself, and shown as soon as it has answered."""

    KEYS_ABOUT = "doctor"
    KEYS: ClassVar[tuple[Command[DoctorScreen], ...]] = (
        Command("doctor-back", "escape,q", "back", "Back to the fleet", lambda screen: screen.back(), hint=1),
        Command(
            "doctor-all", "v", "all checks", "What is well, too, or only what is not",
            lambda screen: screen.toggle_everything(), hint=2,
        ),
        Command(
            "doctor-fix", "f", "mend", "Mend what is yours, by the command that is shown first",
            lambda screen: screen.fix(), why_not=lambda screen: screen.nothing_to_fix(), hint=5,
        ),
        Command("doctor-again", "ctrl+r", "ask again", "Ask the hosts again", lambda screen: screen.ask(), hint=3),
        Command(
            "doctor-copy", "y", "copy", "Copy the equivalent command",
            lambda screen: screen.copy_command(), hint=4,
        ),
    )  # fmt: skip
    AUTO_FOCUS = "Page"

    def __init__(self, hosts: Sequence[str]) -> None:
        super().__init__()
        self._named = tuple(hosts)
        self._found: dict[str, Sequence[Check] | None] = {}
        self._round = 0
        self._everything = len(self._named) == 1

    def body(self) -> Page:
        return Page()

    def on_mount(self) -> None:
        self.ask()

    def on_resize(self) -> None:
        self._show()

    def ask(self) -> None:
        """Answers to what was asked before count no more."""
        self._round += 1
        self._found = dict.fromkeys(self._named or [snapshot.name for snapshot in self.app.state.snapshots])
        for host in self._found:
            self._ask(host, self._round)
        self._show()

    def _ask(self, host: str, turn: int) -> None:
        fleet, idle_after = self.app.fleet, self.app.look.thresholds.idle_after

        def came(checks: Sequence[Check]) -> None:
            if turn == self._round:
                self._found[host] = checks
                self._show()

        def failed(error: GpuwsError) -> None:
            came((Check("link", "fail", error.message, error.remedy),))

        self.app.verbs.run("checkup", lambda: fleet.checkup(host, idle_after=idle_after), came, failed)

    @property
    def _offered(self) -> list[tuple[str, Check, Mend]]:
        return [
            (host, check, check.mend)
            for host, checks in self._found.items()
            for check in checks or ()
            if check.mend is not None
        ]

    def nothing_to_fix(self) -> str:
        return "" if self._offered else "nothing there is for gpuws to mend: the lines behind → say how"

    def fix(self) -> None:
        """One of them; its row is looked at again afterwards, with all of the host."""
        which(
            self.app,
            "Mend",
            self._offered,
            lambda one: (f"{one[0]} {one[1].name.replace('_', ' ')}", one[1].detail),
            self._fix,
        )

    def _fix(self, offered: tuple[str, Check, Mend]) -> None:
        host, _, mend = offered
        app = self.app
        snapshot = app.state.hosts.get(host) or HostSnapshot(host)

        def done(said: str) -> None:
            app.say(about(host, said))
            self._look_again(host)

        def failed(error: GpuwsError) -> None:
            app.verbs.tell(error)
            self._look_again(host)

        sure(
            app,
            lambda: mend_confirmation(mend, snapshot, time.time(), app.fleet.tunnels()),
            "Mend",
            lambda: app.verbs.run("mend", lambda: app.fleet.mend(host, mend), done, failed),
        )

    def _look_again(self, host: str) -> None:
        if self.is_mounted and host in self._found:
            self._found[host] = None
            self._ask(host, self._round)
            self._show()

    def _show(self) -> None:
        if not self.is_mounted:
            return
        where = self._named[0] if len(self._named) == 1 else f"{len(self._found)} hosts"
        title = (Span(f" Doctor · {where}", "title"), Span(f"   $ {self._command}", "muted"))
        asking = sum(checks is None for checks in self._found.values())
        said = f"asking {asking} … " if asking else ""
        self.show_title(title, (Span(said, "muted"),))
        view = self.query_one(Page)
        view.put([line for host in self._found for line in self._lines(host, view.room)])

    def _lines(self, host: str, room: int) -> Iterator[Line]:
        """What was found on it, set in by a cell; a gap below where there is more than its heading."""
        snapshot = self.app.state.hosts.get(host)
        patient = Patient(host, self._found[host], snapshot.aliases if snapshot else ())
        for line in report(patient, room - 1, everything=self._everything):
            yield (Span(" "), *line)
        if shown(patient, everything=self._everything):
            yield ()

    @property
    def _command(self) -> str:
        return shlex.join(["gpuws", "doctor", *self._named, *(["-v"] if self._everything else [])])

    def toggle_everything(self) -> None:
        self._everything = not self._everything
        self._show()

    def copy_command(self) -> None:
        self.app.copy(self._command)
