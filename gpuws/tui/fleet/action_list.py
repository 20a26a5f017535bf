"""Everything that can be done with the selection, each with its key and the equivalent command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.geometry import Offset

from gpuws.present.line import Role, Span, clean, one
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.tui.command import Command
from gpuws.tui.context import Context
from gpuws.tui.dialogs.list_dialog import ListDialog
from gpuws.tui.selection import Selection
from gpuws.tui.toolkit.hints import key_name

COLUMNS = (Column("KEY", 6), Column("ACTION", 34), Column("COMMAND", 0))
MENU = 52
"""Cells of the menu's width, which its style has too."""
FRAME = 5
"""Lines of it that are no actions."""


class ActionScreen(ListDialog[Command[Context]]):
    """What was chosen; its key works here too."""

    DEFAULT_CSS = """
    ActionScreen.menu { align: left top; background: $background 20%; }
    ActionScreen.menu > .box { width: 52; }
    """
    KEYS_ABOUT = "choice"
    KEYS: ClassVar[tuple[Command[ActionScreen], ...]] = (
        Command("choose-actions", "x", "back", "Close", lambda dialog: dialog.close()),
    )

    def __init__(self, offered: Sequence[Command[Context]], context: Context, at: Offset | None = None) -> None:
        """`at`: as a menu at that place of the screen, without the commands, and closed by a click beside it."""
        super().__init__(classes="menu" if at is not None else None)
        self._offered, self._about, self._place = offered, context, at
        self.title_text = f"Actions · {_subject(context.selection)}" if context.selection is not None else "Actions"

    def update(self) -> None:
        super().update()
        if self._place is not None:
            box, room = self.query_one(".box"), self.app.size
            lines = min(len(self._offered), self.most) + FRAME
            x, y = max(min(self._place.x, room.width - MENU), 0), max(min(self._place.y, room.height - lines), 0)
            box.styles.offset = (x, y)

    def on_click(self, event: events.Click) -> None:
        if self._place is not None and event.widget is self:
            self.close()

    def table(self) -> Table:
        return Table(
            COLUMNS if self._place is None else COLUMNS[:2],
            tuple(TableRow(command.id, self._cells(command)) for command in self._offered),
        )

    def _cells(self, command: Command[Context]) -> tuple[tuple[Span, ...], ...]:
        why_not = command.why_not(self._about)
        role: Role = "faint" if why_not else "text"
        key = one(self._key(command), "faint" if why_not else "key")
        title = one(clean(command.title(self._about)), role)
        if self._place is not None:
            return key, (*title, Span(f" — {clean(why_not)}" if why_not else "", "muted"))
        return key, title, one(clean(why_not or command.shell(self._about)), "muted")

    def _key(self, command: Command[Context]) -> str:
        return key_name(self.app.look.keys.get(command.id, command.keys).split(",")[0])

    def opened(self, key: str) -> None:
        command = next(command for command in self._offered if command.id == key)
        if why_not := command.why_not(self._about):
            self.app.warn(clean(why_not))
        else:
            self.dismiss(command)

    def on_key(self, event: object) -> None:
        pressed = getattr(event, "character", None)
        for command in self._offered:
            if pressed and pressed == self._key(command) and pressed not in ("j", "k", "g", "G"):
                self.opened(command.id)
                return


def _subject(selection: Selection) -> str:
    if marked := selection.marked or selection.processes:
        return f"{len(marked)} marked on {selection.host}"
    for named in (selection.container, selection.session):
        if named is not None:
            return f"{named.name} on {selection.host}"
    if selection.process is not None:
        return f"process {selection.process.pid} on {selection.host}"
    if selection.tunnel is not None:
        return f"tunnel {selection.tunnel.local_port}"
    return f"{selection.host} · GPU {selection.gpu.index}" if selection.gpu is not None else selection.host
