"""The palette: every verb on the selection, every screen, every host and container to go to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider

from gpuws.present.line import clean
from gpuws.tui.keys import KEYS
from gpuws.tui.present.offers import offers
from gpuws.tui.screens.fleet import FleetScreen
from gpuws.tui.screens.gpu import GpuScreen
from gpuws.tui.selection import Selection

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase

SCREEN_COMMANDS = (
    "jump",
    "filter",
    "mine",
    "people",
    "view",
    "order",
    "zoom",
    "tasks",
    "help",
    "quit",
    "panel-1",
    "panel-2",
    "panel-3",
    "panel-4",
    "panel-5",
    "panel-6",
)


class Command(NamedTuple):
    text: str
    run: Callable[[], object]
    help: str = ""


class Commands(Provider):
    async def discover(self) -> Hits:
        for command in self._commands():
            yield DiscoveryHit(command.text, command.run, help=command.help or None)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._commands():
            score = matcher.match(command.text)
            if score > 0:
                yield Hit(score, matcher.highlight(command.text), command.run, help=command.help or None)

    def _commands(self) -> Iterator[Command]:
        app: AppBase = self.app  # type: ignore[assignment]
        screen = self.screen
        if isinstance(screen, FleetScreen | GpuScreen):
            yield from _of_selection(app, screen.selection())
        yield Command("Doctor: what is missing or risky on the hosts", partial(app.actions.doctor, ()), "gpuws doctor")
        for key in KEYS:
            if key.id in SCREEN_COMMANDS:
                yield Command(key.tooltip, _action(app, key.action), key.id)
        for theme in sorted(app.available_themes):
            yield Command(f"Theme: {theme}", partial(setattr, app, "theme", theme))


def _of_selection(app: AppBase, selection: Selection | None) -> Iterator[Command]:
    if selection is None:
        return
    for offer in offers(selection):
        if not offer.why_not:
            yield Command(clean(offer.label), partial(app.actions.do, offer.verb, selection), clean(offer.command))


def _action(app: AppBase, action: str) -> Callable[[], object]:
    async def run() -> None:
        screen = app.screen
        if not await app.run_action(action, screen):
            await app.run_action(action, app)

    return run
