"""`gpuws attach --new-window`: in a window of the tmux around this terminal, so that no tmux lies in another."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys

from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.text import plain
from gpuws.workstation.around import in_tmux

FLAG = "--new-window"
TAKEN = ("GPUWS_", "XDG_")
"""Variables by whose beginnings gpuws is told where its files are: a new window has the environment of its tmux."""
# A window closes with its program: what went wrong must be read first.
STAYS = '"$@" || { status=$?; printf "\\n[enter closes this window]"; read -r _; exit $status; }'


def open_window(target: str | None) -> int:
    """The same command, typed in a new window; 0 once that is there."""
    if not in_tmux():
        raise UsageError(f"{FLAG} opens a window of the tmux around this terminal, and there is none", "leave it out")
    kept = [f"{key}={value}" for key, value in sorted(os.environ.items()) if key.startswith(TAKEN)]
    command = ["env", *kept, "sh", "-c", STAYS, "sh", *_without_flag()]
    done = subprocess.run(
        ["tmux", "new-window", "-n", plain(target or "gpuws", 40), shlex.join(command)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise GpuwsError(f"tmux opened no window: {plain(done.stderr) or f'status {done.returncode}'}")
    return 0


def _without_flag() -> list[str]:
    return [sys.executable, "-P", "-m", "gpuws", *(word for word in sys.argv[1:] if word != FLAG)]
