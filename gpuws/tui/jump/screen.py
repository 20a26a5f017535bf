"""A few letters, and you are there: every session, container, notebook and host of the fleet in one list, beside it
what the selected one shows now."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Input

from gpuws.present.line import Role, Span
from gpuws.present.tables.base import Table
from gpuws.tui.command import Command
from gpuws.tui.dialogs.find_dialog import FindDialog
from gpuws.tui.jump.jumps import KINDS, Jump, Jumps, Kind, away, found_table
from gpuws.tui.sessions.doors import Door
from gpuws.tui.sessions.preview import Preview
from gpuws.tui.toolkit.bar import Bar, Part
from gpuws.tui.toolkit.row_list import RowList

WIDE = 110
"""Cells from which on a preview stands beside the list, not under it."""
SETTLES = 2.0
"""Seconds in which the hosts of a keeper that was just started have come."""


EVERY = 2.0
"""Seconds between two lists of a fleet that goes on."""


class JumpScreen(FindDialog[tuple[Door, bool]]):
    """The way in, and whether to its notebook. It reads the snapshots only, so it opens at once."""

    KEYS_ABOUT = "jump"
    KEYS: ClassVar[tuple[Command[JumpScreen], ...]] = (
        Command(
            "jump-browser", "ctrl+o", "notebook", "Open its Jupyter in the browser",
            lambda screen: screen.open_notebook(), when=lambda screen: "notebooks" in screen.kinds,
        ),
        Command(
            "jump-kind", "tab", "kind", "Only sessions, only containers, only notebooks, only hosts, all",
            lambda screen: screen.next_kind(),
        ),
    )  # fmt: skip
    DEFAULT_CSS = """
    JumpScreen, JumpScreen:ansi { background: $background; }
    JumpScreen > .box { width: 100%; max-height: 100%; margin-top: 0; }
    JumpScreen #jump-sides { height: 1fr; }
    JumpScreen #jump-sides > * { height: 1fr; }
    JumpScreen.wide #jump-sides { layout: horizontal; }
    JumpScreen.wide #jump-sides > * { width: 1fr; height: 100%; }
    JumpScreen.wide #jump-sides > Preview { margin-left: 2; }
    """
    title_text = "Jump"
    placeholder = "a few letters of a host, container, session or notebook"
    kinds: ClassVar[tuple[Kind, ...]] = KINDS
    nowhere = "No host is reached yet. esc, then H says what keeps it away."

    def __init__(self) -> None:
        super().__init__()
        self._opened = self._listed = time.monotonic()
        self._planned = False
        self._jumps = Jumps()
        self._all: list[Jump] = []
        self._first: dict[str, tuple[object, ...]] = {}
        self._kind: Kind = "all"
        self._found: list[Jump] = []

    def body(self, rows: Widget) -> ComposeResult:
        with Vertical(id="jump-sides"):
            yield rows
            yield Preview()
        yield Bar(id="jump-away")

    def on_mount(self) -> None:
        self._list()
        super().on_mount()

    def _list(self) -> None:
        """What there is now. What is listed already keeps its place, whatever happens in it."""
        self._listed, snapshots = time.monotonic(), self.app.state.snapshots
        found = [jump for jump in self._jumps.among(snapshots, self.app.remembered.entered) if self._offers(jump)]
        self._all = sorted(found, key=lambda jump: self._first.setdefault(jump.key, jump.order))
        bar, missing = self.query_one("#jump-away", Bar), away(snapshots)
        bar.display = bool(missing)
        bar.put([Part((Span(" "), *missing))])

    def _offers(self, jump: Jump) -> bool:
        return jump.kind in self.kinds

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - whichever it was
        now = time.monotonic()
        rest = self._listed + EVERY - now if now - self._opened > SETTLES else 0.0
        if rest <= 0:
            self._list_anew()
        elif not self._planned:
            self._planned = True
            self.set_timer(rest, self._list_anew)

    def _list_anew(self) -> None:
        """While hosts only just answer, a cursor that nobody moved stays with the best."""
        self._planned = False
        at_top = self.rows.cursor == 0 and time.monotonic() - self._opened < SETTLES
        self._list()
        self.rows.set_table(self.found(self.query_one(Input).value))
        if at_top:
            self.rows.move_to(0)

    def on_resize(self) -> None:
        self.set_class(self.size.width >= WIDE, "wide")

    @on(RowList.Moved)
    def _looks(self) -> None:
        index = self.rows.cursor
        self.query_one(Preview).look_at(self._found[index].sight if index < len(self._found) else None)

    def found(self, query: str) -> Table:
        table, self._found = found_table(self._all, query, self._kind, time.time(), self.nowhere)
        return table

    def opening(self) -> list[Part]:
        notebook = (("ctrl+o", " notebook  "),) if "notebooks" in self.kinds else ()
        words = (("⏎", " enter  "), *notebook, ("tab", " "))
        parts = [Part((Span(" "), *(span for key, word in words for span in (Span(key, "key"), Span(word, "muted")))))]
        for kind in self.kinds:
            role: Role = "title" if kind == self._kind else "muted"
            parts.append(Part((Span(f"{kind}  ", role),)))
        return parts

    def opened(self, key: str) -> None:  # noqa: ARG002 - the cursor is on it
        self._leave(notebook=False)

    def _leave(self, *, notebook: bool) -> None:
        """A notebook itself is only ever opened in the browser."""
        index = self.rows.cursor
        if index < len(self._found):
            jump = self._found[index]
            self.dismiss((jump.door, notebook or jump.kind == "notebooks"))

    def next_kind(self) -> None:
        self._kind = self.kinds[(self.kinds.index(self._kind) + 1) % len(self.kinds)]
        self.search()

    def open_notebook(self) -> None:
        self._leave(notebook=True)
