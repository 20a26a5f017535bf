"""logs: what a container wrote, as bytes."""

from __future__ import annotations

import codecs
import sys
import time
from datetime import UTC, datetime

from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import container_of, find, hosts_of
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.config.yaml.durations import parse_duration
from gpuws.model.errors import UsageError
from gpuws.model.query.target import parse
from gpuws.model.text import UNFINISHED, harmless
from gpuws.model.workspace.logs import LogWindow

LONGEST_ESCAPE = 4096  # characters; what goes on for longer is none
UNCOLOURED = b"\x1b[0m"


def show_logs(options: Options, word: str, window: LogWindow, *, raw: bool) -> int:
    """Byte by byte as the container wrote it, into a file or with `raw`; a terminal gets no sequences that steer it."""
    clean = None if raw or not sys.stdout.isatty() else Cleaner(sys.stdout.encoding)
    setup, target = set_up(options), parse(word)
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        stream = fleet.logs(container_of(find(fleet, target, options.timeout)).ref, window)
        try:
            while data := stream.recv():
                sys.stdout.buffer.write(clean(data) if clean else data)
                sys.stdout.buffer.flush()
        finally:
            stream.close()
            if clean:
                sys.stdout.buffer.write(UNCOLOURED)
    return 0


class Cleaner:
    """A log's bytes as a terminal may have them: lines, tabs, colours, and progress bars, which write over their own
    line. Sequences may be cut anywhere."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def __call__(self, data: bytes) -> bytes:
        text, self._rest = _unfinished(self._rest + self._decoder.decode(data))
        return "\r".join(map(harmless, text.split("\r"))).encode(self._encoding, "replace")


def _unfinished(text: str) -> tuple[str, str]:
    """`text` without an escape sequence that is only begun, and that one."""
    begun = UNFINISHED.search(text, max(len(text) - LONGEST_ESCAPE, 0))
    return (text[: begun.start()], begun[0]) if begun else (text, "")


def log_window(*, follow: bool, timestamps: bool, tail: str, since: str | None) -> LogWindow:
    """From the words of the command line."""
    return LogWindow(follow, lines(tail), moment(since, time.time()) if since else None, timestamps)


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
