"""The home screen with commands of the user's own among its keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from textual.binding import Binding, InvalidBinding

from gpuws.model.own_command import OwnCommand
from gpuws.tui.base import AppBase
from gpuws.tui.command import Command, Commanded
from gpuws.tui.context import Selecting
from gpuws.tui.custom.commands import own_commands
from gpuws.tui.fleet.fleet_list import FleetList
from gpuws.tui.fleet.panel import PanelTable
from gpuws.tui.fleet.screen import FleetScreen


def with_own(home: type[FleetScreen], app: AppBase) -> type[FleetScreen]:
    """A key that is taken already stays what it was, which is said with file and line."""
    taken = keys_of((home, FleetList, PanelTable, type(app)), app.look.keys)
    kept, sentences = without_clashes(app.look.commands, taken)
    app.look = replace(app.look, commands=kept)
    for sentence in sentences:
        app.warn(sentence)
    keys: tuple[Command[Selecting], ...] = tuple(
        command.of(lambda screen: screen.context()) for command in own_commands(kept)
    )
    return cast("type[FleetScreen]", type(home.__name__, (home,), {"KEYS": keys, "KEYS_ABOUT": "commands of my own"}))


def keys_of(places: Iterable[type[Commanded]], remapped: Mapping[str, str]) -> dict[str, str]:
    """Key, as Textual names it → the label of what has it."""
    return {
        key: command.label
        for place in places
        for _, command in place.commands()
        for key in _names(remapped.get(command.id, command.keys))
    }


def without_clashes(
    settled: Sequence[OwnCommand], taken: Mapping[str, str]
) -> tuple[tuple[OwnCommand, ...], list[str]]:
    """Those whose key is another's without it, and a sentence for each."""
    kept, sentences = [], []
    for own in settled:
        holder = next((taken[key] for key in _names(own.key) if key in taken), "")
        if holder:
            said = f"{own.key} is the key of {holder}; it is under x and :"
            sentences.append(f"{own.where}: commands.{own.id}.key: {said}")
        kept.append(replace(own, key="") if holder else own)
    return tuple(kept), sentences


def _names(keys: str) -> list[str]:
    """As Textual names them: `!` is exclamation_mark."""
    try:
        return [binding.key for binding in Binding.make_bindings([Binding(keys, "command")])] if keys else []
    except InvalidBinding:
        return []
