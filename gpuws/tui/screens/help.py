"""All keys, from the live bindings of the screen under it."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from gpuws.present.line import one
from gpuws.present.table import Column, Table, TableRow
from gpuws.tui.keys import BY_ID
from gpuws.tui.widgets.hints import key_name
from gpuws.tui.widgets.list_dialog import ListDialog

COLUMNS = (Column("KEY", 16), Column("DOES", 0), Column("ID IN config.yaml", 20, drop=1))
TITLES = {
    "home": "the selection",
    "scroll": "moving",
    "fleet": "the fleet list",
    "panel": "the panel",
    "gpu": "this GPU",
    "app": "everywhere",
}


class HelpScreen(ListDialog[None]):
    title_text = "Keys"
    opens = False

    def __init__(self, under: Screen[Any]) -> None:
        super().__init__()
        found: dict[str, list[str]] = {}
        for key, active in under.active_bindings.items():
            if (name := active.binding.id or "") in BY_ID:
                found.setdefault(name, []).append(key_name(key))
        self._keys = found

    def table(self) -> Table:
        rows: list[TableRow] = []
        where = ""
        for known in BY_ID.values():
            if known.id not in self._keys:
                continue
            if known.where != where:
                where = known.where
                rows.append(TableRow(f"title-{where}", (one(TITLES.get(where, where), "title"), (), ())))
            names = " ".join(self._keys[known.id])
            rows.append(TableRow(known.id, (one(names, "key"), one(known.tooltip), one(known.id, "muted"))))
        return Table(COLUMNS, tuple(rows))
