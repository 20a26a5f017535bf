"""The palette: every verb on the selection, every screen, every host and container to go to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider

from gpuws.present.line import clean
from gpuws.tui.command import Commanded
from gpuws.tui.present.offers import offers
from gpuws.tui.screens.fleet import FleetScreen
from gpuws.tui.screens.gpu import GpuScreen
from gpuws.tui.selection import Selection

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase


class Line(NamedTuple):
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

    def _commands(self) -> Iterator[Line]:
        app: AppBase = self.app  # type: ignore[assignment]
        screen = self.screen
        if isinstance(screen, FleetScreen | GpuScreen):
            yield from _of_selection(app, screen.selection())
        yield Line("Doctor: what is missing or risky on the hosts", partial(app.actions.doctor, ()), "gpuws doctor")
        for place in (each for each in (screen, app) if isinstance(each, Commanded)):
            for _, command in place.commands():
                if command.palette:
                    yield Line(command.help, partial(place.action_command, command.id), command.id)
        for theme in sorted(app.available_themes):
            yield Line(f"Theme: {theme}", partial(setattr, app, "theme", theme))


def _of_selection(app: AppBase, selection: Selection | None) -> Iterator[Line]:
    if selection is None:
        return
    for offer in offers(selection):
        if not offer.why_not:
            yield Line(clean(offer.label), partial(app.actions.do, offer.verb, selection), clean(offer.command))
