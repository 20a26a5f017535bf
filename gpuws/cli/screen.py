"""The screen, on the user's fleet or on the demo."""

from __future__ import annotations

import sys

from gpuws.cli.compose import set_up
from gpuws.cli.options import Options
from gpuws.cli.terminal import pump
from gpuws.fleet.base import Fleet
from gpuws.model.errors import Refused
from gpuws.model.settings import Look


def show_fleet(options: Options) -> int:
    _need_terminal()
    setup = set_up(options)
    return _show(setup.make(setup.names()), setup.look)


def show_demo() -> int:
    from gpuws.fleet.demo import DemoFleet

    _need_terminal()
    return _show(DemoFleet(), Look(), demo=True)


def _need_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refused("the screen needs a terminal", "gpuws gpus and gpuws ps print to files and pipes")


def _show(fleet: Fleet, look: Look, *, demo: bool = False) -> int:
    from gpuws.tui.app import run

    try:
        return run(fleet, look, pump, demo=demo)
    finally:
        fleet.close()
