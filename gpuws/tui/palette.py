"""The palette: what can be done with the selection, what the screen and the application do, themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider

from gpuws.present.line import clean
from gpuws.tui.base import AppBase
from gpuws.tui.command import Commanded
from gpuws.tui.context import Context, Selecting, perform
from gpuws.tui.doctor.commands import check_up
from gpuws.tui.fleet.actions import offered


class Entry(NamedTuple):
    text: str
    run: Callable[[], object]
    help: str = ""


class Palette(Provider):
    async def discover(self) -> Hits:
        for entry in self._entries():
            yield DiscoveryHit(entry.text, entry.run, help=entry.help or None)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for entry in self._entries():
            score = matcher.match(entry.text)
            if score > 0:
                yield Hit(score, matcher.highlight(entry.text), entry.run, help=entry.help or None)

    def _entries(self) -> Iterator[Entry]:
        app: AppBase = self.app  # type: ignore[assignment]
        screen = self.screen
        if isinstance(screen, Selecting):
            yield from _of_selection(screen.context())
        yield Entry("Doctor: what is missing or risky on the hosts", partial(check_up, app, ()), "gpuws doctor")
        for place in (each for each in (screen, app) if isinstance(each, Commanded)):
            for _, command in place.commands():
                if command.palette:
                    yield Entry(command.help, partial(place.action_command, command.id), command.id)
        for theme in sorted(app.available_themes):
            yield Entry(f"Theme: {theme}", partial(setattr, app, "theme", theme))


def _of_selection(context: Context) -> Iterator[Entry]:
    """What can be done now."""
    for command in offered(context):
        if not command.why_not(context):
            yield Entry(
                clean(command.title(context)), partial(perform, command, context), clean(command.shell(context))
            )
