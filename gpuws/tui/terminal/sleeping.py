"""ctrl+z: back to the shell, until its `fg` wakes the screen."""

from __future__ import annotations

import os
import signal

from textual.app import SuspendNotSupported

from gpuws.tui.base import AppBase
from gpuws.tui.terminal.foreground import foreground


def sleep(app: AppBase) -> None:
    """Leave the screen, stop, and take it back when continued; the keeper goes on holding links and tunnels.

    All of the group is stopped, as the terminal itself would: a program that started us is a part of the same job."""
    try:
        with foreground(app):
            handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)  # Textual's would leave the screen once more
            try:
                os.kill(0, signal.SIGTSTP)
            finally:
                signal.signal(signal.SIGTSTP, handler)
    except SuspendNotSupported:
        app.warn("this terminal can't be given back to a shell")
    app.refresh(layout=True)
    app.feed.nudge()


def why_not() -> str:
    """No shell of this session waits for us: whoever is stopped then is never woken."""
    try:
        return "" if os.getsid(os.getppid()) == os.getsid(0) else "there is no shell to go back to"
    except OSError:
        return "there is no shell to go back to"
