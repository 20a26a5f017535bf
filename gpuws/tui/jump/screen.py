"""A few letters, and you are there: every session, container, notebook and host of the fleet in one list, beside it
what the selected one shows now."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.line import Role, Span
from gpuws.present.tables.base import Table
from gpuws.tui.command import Command
from gpuws.tui.dialogs.find_dialog import FindDialog
from gpuws.tui.jump.jumps import KINDS, Jump, Kind, found_table, jumps
from gpuws.tui.sessions.doors import Door
from gpuws.tui.sessions.preview import Preview
from gpuws.tui.toolkit.bar import Part
from gpuws.tui.toolkit.row_list import RowList

WIDE = 110
"""Cells from which on a preview stands beside the list, not under it."""


class JumpScreen(FindDialog[tuple[Door, bool]]):
    """The way in, and whether to its notebook. It reads the snapshots only, so it opens at once."""

    KEYS_ABOUT = "jump"
    KEYS: ClassVar[tuple[Command[JumpScreen], ...]] = (
        Command(
            "jump-browser", "ctrl+o", "notebook", "Open its Jupyter in the browser",
            lambda screen: screen.open_notebook(),
        ),
        Command(
            "jump-kind", "tab", "kind", "Only sessions, only containers, only notebooks, only hosts, all",
            lambda screen: screen.next_kind(),
        ),
    )  # fmt: skip
    DEFAULT_CSS = """
    JumpScreen > .box { width: 100%; max-width: 180; max-height: 100%; }
    JumpScreen #jump-sides { height: 1fr; }
    JumpScreen #jump-sides > * { height: 1fr; }
    JumpScreen.wide #jump-sides { layout: horizontal; }
    JumpScreen.wide #jump-sides > * { width: 1fr; height: 100%; }
    JumpScreen.wide #jump-sides > Preview { margin-left: 2; }
    """
    title_text = "Jump"
    placeholder = "a few letters of a host, container, session or notebook"

    def __init__(self, snapshots: Sequence[HostSnapshot], entered: Sequence[str]) -> None:
        super().__init__()
        self._all = jumps(snapshots, entered)
        self._kind: Kind = "all"
        self._found: list[Jump] = []

    def body(self, rows: Widget) -> ComposeResult:
        with Vertical(id="jump-sides"):
            yield rows
            yield Preview()

    def on_resize(self) -> None:
        self.set_class(self.size.width >= WIDE, "wide")

    @on(RowList.Moved)
    def _looks(self) -> None:
        index = self.rows.cursor
        self.query_one(Preview).look_at(self._found[index].sight if index < len(self._found) else None)

    def found(self, query: str) -> Table:
        table, self._found = found_table(self._all, query, self._kind, time.time())
        return table

    def opening(self) -> list[Part]:
        words = (("⏎", " enter  "), ("ctrl+o", " notebook  "), ("tab", " "))
        parts = [Part((Span(" "), *(span for key, word in words for span in (Span(key, "key"), Span(word, "muted")))))]
        for kind in KINDS:
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
        self._kind = KINDS[(KINDS.index(self._kind) + 1) % len(KINDS)]
        self.search()

    def open_notebook(self) -> None:
        self._leave(notebook=True)
