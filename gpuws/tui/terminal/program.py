"""A program of this workstation in the foreground: it has the terminal until it ends."""

from __future__ import annotations

import contextlib
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence

from textual.app import SuspendNotSupported

from gpuws.model.errors import GpuwsError
from gpuws.tui.base import AppBase
from gpuws.tui.terminal.foreground import foreground
from gpuws.tui.verbs import tell

GRACE = 0.5
"""Seconds for a program to save what was not, when gpuws is ended."""


def wait_for(argv: Sequence[str]) -> int:
    """Its status. Ended ourselves, we end it as a terminal that goes away would: it may save what was not."""
    with subprocess.Popen(list(argv)) as child:
        try:
            return child.wait()
        except BaseException:
            child.send_signal(signal.SIGHUP)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(GRACE)
            child.kill()
            raise


def run_program(app: AppBase, argv: Sequence[str], *, stay: bool) -> None:
    """Never through a shell. What it printed stays until ⏎ where it failed, or with `stay`."""
    try:
        with foreground(app):
            print(f"\x1b[2J\x1b[H$ {shlex.join(argv)}", flush=True)  # noqa: T201 - the terminal is ours alone here
            status = wait_for(argv)
            if status or stay:
                print(f"\n{argv[0]} ended with {status}. ⏎ goes back to gpuws", end="", flush=True)  # noqa: T201
                sys.stdin.readline()
    except SuspendNotSupported:
        tell(app, GpuwsError("this terminal can't be handed over", "run the command in a terminal: y copies it"))
    except (OSError, ValueError) as error:
        tell(app, GpuwsError(f"{argv[0]}: {getattr(error, 'strerror', None) or error}", "commands: of config.yaml"))
    app.refresh(layout=True)
    app.feed.nudge()
