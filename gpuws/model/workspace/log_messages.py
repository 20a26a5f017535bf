"""A log message by message: when it was written, to which output, and its bytes. Pure.

They cross as Docker frames a log with timestamps: eight bytes of header (1 stdout, 2 stderr, 3 the engine itself; the
size), then the time, a blank, the bytes."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import Literal, NamedTuple

Output = Literal["stdout", "stderr"]

_HEAD = struct.Struct(">B3sI")
_NUMBERS: dict[Output, int] = {"stdout": 1, "stderr": 2}
LARGEST = 4 << 20
"""Bytes of one message. Docker cuts at 16 KiB."""
LONGEST_STAMP = 40
LONGEST_LINE = 1 << 20
"""Bytes that are held back until a line has ended."""


class Message(NamedTuple):
    """`stamp`: RFC 3339 in UTC, those of one log compare as text; "" where it has none: the engine's own words.
    `data`: a line with its newline, or a part of one that is long."""

    output: Output
    stamp: str
    data: bytes


class Messages:
    """Reads them from bytes that come in any pieces."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Message]:
        """Those that are whole. ValueError where it is no such log."""
        rest = self._rest + data if self._rest else data
        found: list[Message] = []
        at = 0
        while len(rest) - at >= _HEAD.size:
            kind, zeros, size = _HEAD.unpack_from(rest, at)
            if kind > 3 or any(zeros) or size > LARGEST:
                raise ValueError("not a log of stdout and stderr")
            end = at + _HEAD.size + size
            if end > len(rest):
                break
            found.append(_message(kind, rest[at + _HEAD.size : end]))
            at = end
        self._rest = rest[at:]
        return found


def _message(kind: int, payload: bytes) -> Message:
    stamp, blank, data = payload.partition(b" ")
    output: Output = "stderr" if kind >= 2 else "stdout"
    if blank and len(stamp) <= LONGEST_STAMP and stamp[:1].isdigit() and stamp.endswith(b"Z") and stamp.isascii():
        return Message(output, stamp.decode(), data)
    return Message(output, "", payload)


def framed(message: Message) -> bytes:
    """One as it crosses."""
    payload = b"%b %b" % (message.stamp.encode(), message.data) if message.stamp else message.data
    return _HEAD.pack(_NUMBERS[message.output], b"\0\0\0", len(payload)) + payload


def stamp_of(epoch: float) -> str:
    """As Docker writes it, to the microsecond that a float holds."""
    return f"{datetime.fromtimestamp(epoch, UTC):%Y-%m-%dT%H:%M:%S.%f}000Z"


def epoch_of(stamp: str) -> float:
    """Seconds; 0 where it can't be read."""
    whole, _, part = stamp.removesuffix("Z").partition(".")
    try:
        return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{part}" if part.isdigit() else 0)
    except ValueError:
        return 0.0


class Whole:
    """Puts a log's messages together to lines, and tells when each began."""

    def __init__(self) -> None:
        self._begun: dict[Output, Message] = {}

    def feed(self, message: Message) -> Message | None:
        """The line that ends with it, if it does."""
        begun = self._begun.pop(message.output, None)
        if begun is not None:
            message = begun._replace(data=begun.data + message.data)
        if message.data.endswith(b"\n") or len(message.data) > LONGEST_LINE:
            return message
        self._begun[message.output] = message
        return None

    def rest(self) -> list[Message]:
        """What ended without a newline."""
        found, self._begun = list(self._begun.values()), {}
        return sorted(found, key=lambda message: message.stamp)
