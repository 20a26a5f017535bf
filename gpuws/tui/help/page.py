"""What `?` tells: the keys of the screen under it, of the selection, and everywhere; then signs and colours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textual.screen import Screen

from gpuws.present.glyphs import COLOURS, GLYPHS
from gpuws.present.line import Line, Role, Span, clean, one, text_of
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.tui.command import Command, Commanded
from gpuws.tui.fleet.actions import ACTIONS, LIST
from gpuws.tui.toolkit.hints import key_name

COLUMNS = (Column("KEY", 14), Column("DOES", 0, least=50), Column("ID IN config.yaml", 20, drop=1))
THIS, SELECTION, MOVING, EVERYWHERE = "this screen", "what is selected", "moving", "everywhere"
ON_SELECTION = frozenset(command.id for command in (*ACTIONS, LIST)) | {"mark", "open"}


@dataclass(frozen=True, slots=True)
class Known:
    """A key that works there now. `node`: whose it is; `about`: what it is about, as it says."""

    node: Commanded
    about: str
    command: Command[Any]
    names: str


Section = tuple[str, tuple[TableRow, ...]]


def known(under: Screen[Any]) -> dict[str, Known]:
    """By the id of what it does, from what has the focus to what holds everywhere."""
    names: dict[str, list[str]] = {}
    nodes: dict[Commanded, None] = {}
    for key, active in under.active_bindings.items():
        names.setdefault(active.binding.id or "", []).append(key_name(key))
        if isinstance(active.node, Commanded):
            nodes[active.node] = None
    found: dict[str, Known] = {}
    for node in nodes:
        for about, command in node.commands():
            if command.id in names:
                found.setdefault(command.id, Known(node, about, command, " ".join(names[command.id])))
    return found


def sections(keys: Mapping[str, Known], app: object) -> list[Section]:
    """This screen first. `app`: whose keys hold everywhere."""
    parts: dict[str, list[TableRow]] = {THIS: [], SELECTION: [], MOVING: [], EVERYWHERE: []}
    for one_key in keys.values():
        parts[_place(one_key, app)].append(_key_row(one_key))
    return [*((title, tuple(rows)) for title, rows in parts.items() if rows), *_signs(), _colours()]


def _place(one_key: Known, app: object) -> str:
    if one_key.node is app:
        return EVERYWHERE
    if one_key.command.id in ON_SELECTION:
        return SELECTION
    return MOVING if one_key.about == MOVING else THIS


def _key_row(one_key: Known) -> TableRow:
    command = one_key.command
    why_not = clean(command.why_not(one_key.node))
    role: Role = "faint" if why_not else "text"
    does: Line = (Span(command.help, role), *((Span(f" — {why_not}", "muted"),) if why_not else ()))
    return TableRow(command.id, (one(one_key.names, "faint" if why_not else "key"), does, one(command.id, "muted")))


def _signs() -> Iterator[Section]:
    for about in dict.fromkeys(glyph.about for glyph in GLYPHS):
        found = [glyph for glyph in GLYPHS if glyph.about == about]
        rows = (
            TableRow(f"sign {glyph.signs}", (one(glyph.signs, glyph.role), one(glyph.means), one("")))
            for glyph in found
        )
        yield f"signs: {about}", tuple(rows)


def _colours() -> Section:
    rows = (
        TableRow(f"colour {colour.role}", (one("abc", colour.role), one(colour.means), one(""))) for colour in COLOURS
    )
    return "colours", tuple(rows)


def table(found: Sequence[Section], query: str) -> Table:
    """The rows with all the words of `query`, under their titles."""
    words = query.lower().split()
    rows: list[TableRow] = []
    for title, keys in found:
        fit = [row for row in keys if all(word in _text(title, row) for word in words)]
        rows += [TableRow(f"title {title}", ((), one(title, "title"), ())), *fit] if fit else []
    return Table(COLUMNS, tuple(rows), "Nothing matches: words of what it does, a key, a sign.")


def _text(title: str, row: TableRow) -> str:
    return f"{title} {' '.join(text_of(cell) for cell in row.cells)}".lower()
