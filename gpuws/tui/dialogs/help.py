"""All keys, from the live bindings of the screen under it."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from gpuws.present.line import one
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.tui.command import Command, Commanded
from gpuws.tui.dialogs.list_dialog import ListDialog
from gpuws.tui.toolkit.hints import key_name

COLUMNS = (Column("KEY", 16), Column("DOES", 0), Column("ID IN config.yaml", 20, drop=1))


class HelpScreen(ListDialog[None]):
    """From what has the focus to what holds everywhere."""

    title_text = "Keys"
    opens = False

    def __init__(self, under: Screen[Any]) -> None:
        super().__init__()
        self._keys: dict[str, list[str]] = {}
        self._commands: list[tuple[str, Command[Any]]] = []
        for key, active in under.active_bindings.items():
            self._keys.setdefault(active.binding.id or "", []).append(key_name(key))
        nodes = dict.fromkeys(active.node for active in under.active_bindings.values())
        for node in nodes:
            if isinstance(node, Commanded):
                self._commands += [each for each in node.commands() if each[1].id in self._keys]

    def table(self) -> Table:
        rows: list[TableRow] = []
        about = ""
        for words, command in self._commands:
            if words != about:
                about = words
                rows.append(TableRow(f"title-{about}", (one(about, "title"), (), ())))
            names = " ".join(self._keys[command.id])
            rows.append(TableRow(command.id, (one(names, "key"), one(command.help), one(command.id, "muted"))))
        return Table(COLUMNS, tuple(rows))
