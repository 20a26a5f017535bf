"""This terminal joined to a remote one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from gpuws.link.place import Terminal
from gpuws.model.errors import Refused
from gpuws.model.terminal import Size

Opener = Callable[[Size], Terminal]
FALLBACK = "xterm-256color"


def pump(opener: Opener) -> int | None:
    """Open a remote terminal at this one's size and copy bytes until it ends: its status, None: never told."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refused("this needs a terminal", "run it in one, or use gpuws exec without -t")
    from gpuws.link.terminal import run_terminal

    return run_terminal(opener)


def terminal_type() -> str:
    return os.environ.get("TERM") or FALLBACK
