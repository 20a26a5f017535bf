"""What the palette offers: what can be done with the selection by feature, and what the screen does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from textual.screen import Screen

from gpuws.present.line import Line, Role, Span, clean, one
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.tui.base import AppBase
from gpuws.tui.command import Command, Commanded
from gpuws.tui.context import Selecting, perform
from gpuws.tui.dialogs import fuzzy
from gpuws.tui.doctor.commands import check_up
from gpuws.tui.fleet.actions import FEATURES, offered
from gpuws.tui.toolkit.hints import key_name

COLUMNS = (
    Column("", 11),
    Column("DOES", 0, least=30),
    Column("KEY", 7),
    Column("COMMAND", 30, drop=1, roomy=44),
)
RECENT = 5
"""So many of those that were taken last stand first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`id`: as it is remembered. `group`: the feature it belongs to. `shell`: the same as a plain command.
    `why_not`: why it can't be done now."""

    id: str
    group: str
    text: str
    run: Callable[[], object]
    key: str = ""
    shell: str = ""
    why_not: str = ""


def entries(app: AppBase, under: Screen[Any]) -> list[Entry]:
    """All, group by group; what was taken last is named again before them."""
    groups = [*_of_selection(app, under), *_of_places(app, under)]
    by_id = {entry.id: entry for entry in groups}
    recent = [by_id[name] for name in app.remembered.recent[:RECENT] if name in by_id]
    return [*(replace(entry, group="recent") for entry in recent), *groups]


def _of_selection(app: AppBase, under: Screen[Any]) -> Iterator[Entry]:
    """Also what can't be done now: with the reason."""
    if not isinstance(under, Selecting):
        return
    context = under.context()
    for command in offered(context):
        yield Entry(
            command.id,
            _feature(command.id),
            clean(command.title(context)),
            partial(perform, command, context),
            _key(app, command),
            clean(command.shell(context)),
            clean(command.why_not(context)),
        )


def _feature(name: str) -> str:
    """The one whose key it is, where several do something by it."""
    found = [(feature, command) for feature, commands in FEATURES for command in commands if command.id == name]
    return next((feature for feature, command in found if command.keys), found[0][0] if found else "my own")


def _of_places(app: AppBase, under: Screen[Any]) -> Iterator[Entry]:
    """What the screen and the application do."""
    everywhere = partial(check_up, app, ())
    yield Entry("doctor-all", "hosts", "Doctor: what is missing or risky on all hosts", everywhere, "", "gpuws doctor")
    seen: set[str] = set()
    places: list[tuple[str, Commanded]] = [("everywhere", app)]
    if isinstance(under, Commanded):
        places.insert(0, ("this screen", under))
    for group, place in places:
        for _, command in place.commands():
            if command.palette and command.id not in seen:
                seen.add(command.id)
                run = partial(place.action_command, command.id)
                yield Entry(command.id, group, command.help, run, _key(app, command), "", clean(command.why_not(place)))


def _key(app: AppBase, command: Command[Any]) -> str:
    return key_name(app.look.keys.get(command.id, command.keys).split(",")[0])


def found(offers: Sequence[Entry], query: str) -> tuple[Table, list[Entry]]:
    """What matches, best first, and the entry of each row; without a query all, in their groups."""
    ranked: list[tuple[tuple[int, int], int, tuple[int, ...], Entry]] = []
    taken: set[str] = set()
    for order, entry in enumerate(offers):
        if query and entry.id in taken:
            continue
        match = _match(query, entry)
        if match is not None:
            taken.add(entry.id)
            ranked.append((match[0], order, match[1], entry))
    ranked.sort(key=lambda item: item[:2])
    rows, group = [], ""
    for _, order, places, entry in ranked:
        rows.append(TableRow(str(order), _cells(entry, places, named=bool(query) or entry.group != group)))
        group = entry.group
    return Table(COLUMNS, tuple(rows), "Nothing matches."), [entry for *_, entry in ranked]


def _match(query: str, entry: Entry) -> tuple[tuple[int, int], tuple[int, ...]] | None:
    """Its rank, the lowest first, and where in its text. In its id it counts less, in its plain command least; letters
    that are only strewn over the text are none."""
    places = fuzzy.match(query, entry.text)
    if places is not None and (not places or fuzzy.score(places, entry.text) > 0):
        return (-fuzzy.score(places, entry.text), places[0] if places else 0), places
    wanted = query.lower()
    if wanted in f"{entry.id} {entry.group}".lower():
        return (1, 0), ()
    return ((2, 0), ()) if wanted in entry.shell.lower() else None


def _cells(entry: Entry, places: tuple[int, ...], *, named: bool) -> tuple[Line, ...]:
    role: Role = "faint" if entry.why_not else "text"
    why_not = (Span(f" — {entry.why_not}", "muted"),) if entry.why_not else ()
    return (
        one(entry.group if named else "", "muted"),
        (*fuzzy.lit(entry.text, places, role), *why_not),
        one(entry.key, "faint" if entry.why_not else "key"),
        one(entry.shell, "muted"),
    )
