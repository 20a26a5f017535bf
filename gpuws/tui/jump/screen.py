"""A few letters, and you are there: every session, container and notebook of the fleet in one list."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar

from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.line import Role, Span
from gpuws.present.tables.base import Table
from gpuws.tui.command import Command
from gpuws.tui.dialogs.find_dialog import FindDialog
from gpuws.tui.jump.jumps import KINDS, Jump, Kind, found_table, jumps
from gpuws.tui.sessions.doors import Door
from gpuws.tui.toolkit.bar import Part


class JumpScreen(FindDialog[tuple[Door, bool]]):
    """The way in, and whether to its notebook. It reads the snapshots only, so it opens at once."""

    KEYS_ABOUT = "jump"
    KEYS: ClassVar[tuple[Command[JumpScreen], ...]] = (
        Command(
            "jump-browser", "ctrl+o", "notebook", "Open its Jupyter in the browser",
            lambda screen: screen.open_notebook(),
        ),
        Command(
            "jump-kind", "tab", "kind", "Only sessions, only containers, only notebooks, all",
            lambda screen: screen.next_kind(),
        ),
    )  # fmt: skip
    title_text = "Jump"
    placeholder = "a few letters of a host, container, session or notebook"

    def __init__(self, snapshots: Sequence[HostSnapshot]) -> None:
        super().__init__()
        self._all = jumps(snapshots)
        self._kind: Kind = "all"
        self._found: list[Jump] = []

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
