"""A remote terminal that outlives its link: joined to this one again once its host is back, as mosh does."""

from __future__ import annotations

import time
from collections.abc import Callable

from gpuws.cli.terminal.handover import LEFT, say
from gpuws.cli.terminal.tty import joined, on_terminal, run_terminal, window
from gpuws.fleet.inside import Return
from gpuws.link.place import Terminal
from gpuws.model.errors import Refused, TargetError
from gpuws.model.session.terminal import Size
from gpuws.model.session.tmux import NO_SESSION


def pump(opener: Callable[[Size], Terminal], back: Return | None = None) -> int | None:
    """Open a remote terminal at this one's size and copy bytes until it ends: its status, None: never told. `back`: how
    it is opened again when its link is lost.

    What `opener` raises comes before the tty is touched."""
    if not on_terminal():
        raise Refused("this needs a terminal", "run it in one, or use gpuws exec without -t")
    return run_terminal(opener) if back is None else stay(opener(Size(*window())), back)


def stay(terminal: Terminal | None, back: Return) -> int | None:
    """Until its program ends, or the user leaves. None: it was cut off a moment ago.

    Raises why what was cut off can't be entered again."""
    cut_off = False
    while True:
        status, left = (None, False) if terminal is None else joined(terminal)
        if status is None and not left:
            from gpuws.cli.terminal.away import Away

            cut_off, terminal = True, Away(back, time.time()).wait()
            left = terminal is None
        if cut_off and status == NO_SESSION:
            raise TargetError(f"{back.label} has ended meanwhile", "gpuws tmux ls lists what is there")
        if left and status is None:
            say(1, LEFT)
        if left or status is not None:
            return status
