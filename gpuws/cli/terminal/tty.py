"""This terminal joined to a remote one."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gpuws.link.place import Terminal
    from gpuws.model.session.terminal import Size

FALLBACK = "xterm-256color"


def pump(opener: Callable[[Size], Terminal]) -> int | None:
    """Open a remote terminal at this one's size and copy bytes until it ends: its status, None: never told.

    What `opener` raises comes before the tty is touched."""
    if not on_terminal():
        from gpuws.model.errors import Refused

        raise Refused("this needs a terminal", "run it in one, or use gpuws exec without -t")
    return run_terminal(opener)


def run_terminal(opener: Callable[[Size], Terminal], *, input_fd: int = 0, output_fd: int = 1) -> int | None:
    """`pump` for any descriptors; where they are no terminal, bytes flow all the same."""
    from gpuws.cli.terminal.bridge import socket_of
    from gpuws.cli.terminal.handover import hand_over
    from gpuws.model.session.terminal import Size

    terminal = opener(Size(*window(output_fd)))
    return hand_over(
        terminal,
        socket_of(terminal),
        lambda: terminal.resize(Size(*window(output_fd))),
        input_fd=input_fd,
        output_fd=output_fd,
    )


def window(fd: int = 1) -> tuple[int, int]:
    """Columns and rows, 80 × 24 where nobody can tell."""
    try:
        columns, rows = os.get_terminal_size(fd)
    except OSError:
        columns = rows = 0
    return (columns, rows) if columns and rows else (80, 24)


def on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def terminal_type() -> str:
    return os.environ.get("TERM") or FALLBACK
