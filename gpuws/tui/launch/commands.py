"""A workspace from a profile, first of all on the host that is selected."""

from __future__ import annotations

import shlex
from dataclasses import replace

from gpuws.tui.base import AppBase
from gpuws.tui.context import Context, on_selection
from gpuws.tui.selection import Selection, engine_missing, unchangeable


def _launch(app: AppBase, selection: Selection | None) -> None:
    from gpuws.tui.launch.screen import LaunchScreen

    app.push_screen(LaunchScreen(selection))


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
