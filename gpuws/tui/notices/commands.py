"""`N`: tell me when it ends; and the list of what was told."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model.notice.watch import Watch
from gpuws.model.text import plain
from gpuws.model.units import count
from gpuws.tui.base import AppBase
from gpuws.tui.command import Command
from gpuws.tui.context import Context, on_selection
from gpuws.tui.notices.things import Ending, endings, when
from gpuws.tui.selection import Selection

NO_END = "a tunnel ends by your hand: f lists them"


def watch(app: AppBase, found: Sequence[Ending]) -> None:
    """Of each; where all of them are watched already, not any more."""

    def call() -> tuple[Watch, ...]:
        fleet = app.fleet
        known = {(one.thing, one.host, one.key): one for one in fleet.watches()}
        keys = [(one.thing, one.host, one.key) for one in found]
        if all(key in known for key in keys):
            for key in keys:
                fleet.end_watch(known[key].id)
            return ()
        return tuple(fleet.begin_watch(one.thing, one.host, one.key, one.label) for one in found)

    def done(begun: tuple[Watch, ...]) -> None:
        what = found[0].label if len(found) == 1 else count(len(found), "container")
        if not begun:
            app.say(f"{plain(what)}: you are not told any more")
            return
        where = "" if app.keeps else ", as long as this screen is open"
        app.say(f"you will be told when {plain(_when(found))}{where}")

    app.verbs.run("watch", call, done)


def _why_not(selection: Selection) -> str:
    found = endings(selection)
    if not found:
        return NO_END
    return next((one.missing for one in found if one.missing), "")


def _when(found: Sequence[Ending]) -> str:
    return when(found[0]) if len(found) == 1 else f"{count(len(found), 'container')} end"


def _title(selection: Selection) -> str:
    found = endings(selection)
    return f"Tell me when {_when(found)}" if found else ""


def _show(context: Context) -> None:
    from gpuws.tui.notices.screen import ToldScreen

    context.app.push_screen(ToldScreen())


WATCH = on_selection(
    "watch", "N", "tell me", "Tell me when it ends, wherever notices go; again: not any more",
    lambda app, it: watch(app, endings(it)), title=_title, why_not=_why_not,
)  # fmt: skip
TOLD: Command[Context] = Command(
    "told", "e", "told", "What was told in the last week, and where it went", _show, palette=True
)
COMMANDS = (WATCH,)
