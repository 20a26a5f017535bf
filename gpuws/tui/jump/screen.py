"""A few letters, and you are there: every session, container and notebook of the fleet in one list."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.line import Role, Span
from gpuws.tui.command import Command
from gpuws.tui.dialogs.dialog import Dialog, set_title
from gpuws.tui.jump.jumps import KINDS, Jump, Kind, found_table, jumps
from gpuws.tui.sessions.doors import Door
from gpuws.tui.toolkit.bar import Bar, Part
from gpuws.tui.toolkit.row_list import RowList
from gpuws.tui.toolkit.table_list import TableList


class JumpScreen(Dialog[tuple[Door, bool]]):
    """The way in, and whether to its notebook. It reads the snapshots only, so it opens at once."""

    DEFAULT_CSS = """
    JumpScreen { align: center top; }
    JumpScreen > .box { width: 110; height: 100%; max-height: 26; margin-top: 2; }
    JumpScreen Bar { background: $surface; }
    """
    AUTO_FOCUS = "Input"
    KEYS_ABOUT = "jump"
    KEYS: ClassVar[tuple[Command[JumpScreen], ...]] = (
        Command(
            "jump-browser", "ctrl+o", "browser", "Open its Jupyter in the browser",
            lambda screen: screen.open_notebook(),
        ),
        Command(
            "jump-kind", "tab", "kind", "Only sessions, only containers, only notebooks, all",
            lambda screen: screen.next_kind(),
        ),
        Command("jump-down", "down,ctrl+n", "down", "Next", lambda screen: screen.move(1)),
        Command("jump-up", "up,ctrl+p", "up", "Previous", lambda screen: screen.move(-1)),
    )  # fmt: skip

    def __init__(self, snapshots: Sequence[HostSnapshot]) -> None:
        super().__init__()
        self._all = jumps(snapshots)
        self._kind: Kind = "all"
        self._found: list[Jump] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            set_title(box, "Jump")
            yield Input(placeholder="a few letters of a host, container, session or notebook", compact=True)
            yield TableList()
            yield Bar()

    def on_mount(self) -> None:
        self._search()

    @on(Input.Changed)
    def _search(self) -> None:
        table, self._found = found_table(self._all, self.query_one(Input).value, self._kind, time.time())
        rows = self.query_one(TableList)
        rows.set_table(table)
        rows.move_to(0)
        words = (("⏎", " enter   "), ("ctrl+o", " notebook   "), ("tab", " "))
        parts = [Part(tuple(span for key, word in words for span in (Span(key, "key"), Span(word, "muted"))))]
        for kind in KINDS:
            role: Role = "title" if kind == self._kind else "muted"
            parts.append(Part((Span(f"{kind}  ", role),)))
        self.query_one(Bar).put(parts)

    @on(Input.Submitted)
    @on(RowList.Opened)
    def _enter(self) -> None:
        self._leave(notebook=False)

    def _leave(self, *, notebook: bool) -> None:
        """A notebook itself is only ever opened in the browser."""
        index = self.query_one(TableList).cursor
        if index < len(self._found):
            jump = self._found[index]
            self.dismiss((jump.door, notebook or jump.kind == "notebooks"))

    def move(self, step: int) -> None:
        self.query_one(TableList).move(step)

    def next_kind(self) -> None:
        self._kind = KINDS[(KINDS.index(self._kind) + 1) % len(KINDS)]
        self._search()

    def open_notebook(self) -> None:
        self._leave(notebook=True)
