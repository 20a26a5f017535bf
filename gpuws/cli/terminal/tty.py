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


def run_terminal(opener: Callable[[Size], Terminal], *, input_fd: int = 0, output_fd: int = 1) -> int | None:
    """Open a remote terminal at this one's size and copy bytes until it ends: its status, None: never told, as one line
    says. Where the descriptors are no terminal, bytes flow all the same."""
    from gpuws.cli.terminal.handover import LEFT, LOST, say
    from gpuws.model.session.terminal import Size

    status, left = joined(opener(Size(*window(output_fd))), input_fd=input_fd, output_fd=output_fd)
    if status is None:
        say(output_fd, LEFT if left else LOST)
    return status


def joined(terminal: Terminal, *, input_fd: int = 0, output_fd: int = 1) -> tuple[int | None, bool]:
    """As `handover.join`."""
    from gpuws.cli.terminal.bridge import socket_of
    from gpuws.cli.terminal.handover import join
    from gpuws.model.session.terminal import Size

    def follow() -> None:
        terminal.resize(Size(*window(output_fd)))

    return join(terminal, socket_of(terminal), follow, input_fd=input_fd, output_fd=output_fd)


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
