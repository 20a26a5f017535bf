"""Who holds how much of the fleet."""

from __future__ import annotations

from gpuws.tui.command import Command
from gpuws.tui.context import Context


def _show(context: Context) -> None:
    from gpuws.tui.people.screen import PeopleScreen

    context.app.push_screen(PeopleScreen())


PEOPLE: Command[Context] = Command(
    "people", "w", "who", "Who holds how much of the fleet, and what of it is idle", _show, hint=15, palette=True
)
