"""`gpuws` and `gpuws demo`: the screen, on the user's fleet or on the demo. It opens without what parses commands."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gpuws.cli.terminal.lasting import pump
from gpuws.cli.toolkit.options import Options
from gpuws.model.errors import Refused

if TYPE_CHECKING:
    from gpuws.tui.app import Opened


def show_fleet(options: Options) -> int:
    """The files are read, and what reads them is loaded, after the first frame."""
    from gpuws.keeper.log import log_to

    log_to(None)
    from gpuws.tui.app import run

    _need_terminal()
    return run(lambda: opened(options), pump)


def opened(options: Options) -> Opened:
    """All hosts, as a screen shows them."""
    from gpuws.cli.toolkit.setup import set_up
    from gpuws.keeper.log import log_to
    from gpuws.tui.app import Opened

    setup = set_up(options, person=True)
    log_to(setup.log)
    return Opened(setup.make(None), setup.look, setup.notes, keeps=setup.kept, store=setup.screen)


def show_demo(*, tour: bool = False) -> int:
    from gpuws.keeper.log import log_to

    log_to(None)
    from gpuws.tui.app import Opened, run

    def opener() -> Opened:
        from gpuws.fleet.demo.fleet import DemoFleet

        return Opened(DemoFleet())

    _need_terminal()
    return run(opener, pump, demo=True, tour=tour)


def _need_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refused("the screen needs a terminal", "gpuws gpus and gpuws ps print to files and pipes")
