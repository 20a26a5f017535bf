"""logs: what a container wrote, as bytes."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

from gpuws.cli.compose import open_fleet, set_up
from gpuws.cli.options import Options
from gpuws.cli.selection import container_of, find, hosts_of
from gpuws.config.durations import parse_duration
from gpuws.fleet.base import LogWindow
from gpuws.model.errors import UsageError
from gpuws.model.target import parse


def show_logs(options: Options, word: str, *, follow: bool, timestamps: bool, tail: str, since: str | None) -> int:
    window = LogWindow(follow, lines(tail), moment(since, time.time()) if since else None, timestamps)
    setup, target = set_up(options), parse(word)
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        stream = fleet.logs(container_of(find(fleet, target, options.timeout)).ref, window)
        try:
            while data := stream.recv():
                sys.stdout.buffer.write(data)
                sys.stdout.buffer.flush()
        finally:
            stream.close()
    return 0


def lines(text: str) -> int | None:
    """`--tail`: a number, or None for all."""
    if text == "all":
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    raise UsageError(f"--tail {text!r} is not a number of lines", "write a number, or all")


def moment(text: str, now: float) -> float:
    """`--since` as epoch seconds: `10m` ago, an RFC 3339 time, or epoch seconds themselves. Times without zone: UTC."""
    if text.replace(".", "", 1).isdigit():
        return float(text)
    try:
        return now - parse_duration(text)
    except ValueError:
        pass
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--since {text!r} is not a time", "write 10m, 2026-05-01T12:00:00Z or epoch seconds"
        ) from None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
