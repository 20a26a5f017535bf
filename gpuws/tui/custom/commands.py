"""Commands of the user's own as any others: their keys, when they can't be run, what they run."""

from __future__ import annotations

import shlex
from functools import lru_cache

from gpuws.model.own_command import OwnCommand, places
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.tui.base import AppBase
from gpuws.tui.command import Command
from gpuws.tui.context import Context, on_selection
from gpuws.tui.custom.values import argv, why_not
from gpuws.tui.dialogs.ask import sure_at
from gpuws.tui.selection import Selection
from gpuws.tui.terminal.program import run_program
from gpuws.tui.workspaces.words import only

PREFIX = "own-"
"""Before their ids, so that none is another command's."""


@lru_cache(maxsize=1)
def own_commands(settled: tuple[OwnCommand, ...]) -> tuple[Command[Context], ...]:
    return tuple(_command(own) for own in settled)


def _command(own: OwnCommand) -> Command[Context]:
    return on_selection(
        f"{PREFIX}{own.id}", own.key, own.id, own.help or f"Run {shlex.join(own.argv)}",
        lambda app, it: _run(app, own, it),
        title=lambda _: own.help or f"Run {own.id}",
        why_not=lambda it: why_not(own, it),
        shell=lambda it: shlex.join(own.argv if why_not(own, it) else argv(own, it)),
        hint=30,
    )  # fmt: skip


def _run(app: AppBase, own: OwnCommand, selection: Selection) -> None:
    """What is about a place that is not mine asks for its name first."""
    words = argv(own, selection)
    one = only(selection) if {"workspace", "pid"} & set(places(own.argv)) else None
    place = PlaceRef(selection.host, one.id) if one is not None else PlaceRef(selection.host)

    def go() -> None:
        run_program(app, words, stay=own.stay)

    sure_at(app, "exec", place, shlex.join(words), go)
