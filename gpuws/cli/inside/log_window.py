"""Which part of a log is meant, from the words of the command line."""

from __future__ import annotations

import time

from gpuws.model.errors import UsageError
from gpuws.model.moments import parse_moment
from gpuws.model.workspace.logs import LogWindow


def log_window(
    *, follow: bool, timestamps: bool, tail: str, since: str | None, until: str | None, previous: bool
) -> LogWindow:
    if follow and previous:
        raise UsageError("--follow and --previous: nothing more comes from a run that is over", "leave one of them out")
    now = time.time()
    return LogWindow(
        follow,
        lines(tail),
        moment(since, now, "--since") if since else None,
        timestamps,
        moment(until, now, "--until") if until else None,
        previous,
    )


def lines(text: str) -> int | None:
    """`--tail`: a number, or None for all."""
    if text == "all":
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    raise UsageError(f"--tail {text!r} is not a number of lines", "write a number, or all")


def moment(text: str, now: float, option: str = "--since") -> float:
    """Epoch seconds."""
    try:
        return parse_moment(text, now)
    except ValueError:
        raise UsageError(
            f"{option} {text!r} is not a time", "write 10m, 14:05, 2026-05-01T12:00:00Z or epoch seconds"
        ) from None
