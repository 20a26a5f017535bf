"""A workspace from a profile, first of all on the host that is selected."""

from __future__ import annotations

import shlex
from dataclasses import replace

from gpuws.model.placement.plan import Asked
from gpuws.model.text import plain
from gpuws.tui.base import AppBase
from gpuws.tui.context import Context, on_selection
from gpuws.tui.selection import Selection, engine_missing, launch_slots, unchangeable


def _launch(app: AppBase, selection: Selection | None) -> None:
    from gpuws.tui.launch.draft import Draft
    from gpuws.tui.launch.screen import LaunchScreen
    from gpuws.tui.launch.ticks import as_spec, unasked

    if selection is None:
        app.push_screen(LaunchScreen(Draft()))
        return
    slots = launch_slots(selection)
    mine = "" if selection.slots else unasked(slots)
    gpus = as_spec([slot.uuid for slot in slots], selection.snapshot.gpus) if slots and not mine else ""
    app.push_screen(LaunchScreen(Draft(host=selection.host, gpus=gpus), mine))


def open_again(app: AppBase, asked: Asked) -> None:
    """The form as it was when this was asked for; of a clone, as long as what it is like is there."""
    from gpuws.tui.launch.clone import CloneScreen
    from gpuws.tui.launch.draft import drafted
    from gpuws.tui.launch.screen import LaunchScreen

    if asked.like is None:
        app.push_screen(LaunchScreen(drafted(asked)))
        return
    known = app.state.hosts.get(asked.like.host)
    source = next((one for one in known.workspaces if one.ref == asked.like), None) if known else None
    if source is None:
        app.warn(f"what it was to be like is not there any more: {plain(asked.profile)}")
    else:
        app.push_screen(CloneScreen(source, len(source.gpus), drafted(asked)))


def _anywhere(context: Context) -> None:
    _launch(context.app, context.selection)


LAUNCH_HERE = on_selection(
    "launch", "n", "launch", "Launch a workspace from a profile", _launch,
    title=lambda it: f"Launch on {it.host}",
    why_not=lambda it: unchangeable(it) or engine_missing(it),
    shell=lambda it: shlex.join(["gpuws", "launch", "PROFILE", "-H", it.host]), hint=17,
)  # fmt: skip
LAUNCH = replace(LAUNCH_HERE, run=_anywhere, why_not=lambda _: "")
"""By its key: another host can be chosen there."""

COMMANDS = (LAUNCH_HERE,)
