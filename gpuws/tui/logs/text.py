"""Bytes of a log as lines of text: bounded, harmless, with a progress bar as the one line it is on a terminal."""

from __future__ import annotations

import codecs

from gpuws.model.text import ESCAPES, plain

LINE_LIMIT = 4000
PARTIAL_LIMIT = 1 << 16


def log_line(raw: str) -> str:
    """One line without escapes and control characters; what a carriage return wrote over is gone."""
    parts = [part for part in raw.split("\r") if part]
    text = ESCAPES.sub("", parts[-1] if parts else "").expandtabs(8)
    body = text.lstrip(" ")
    return " " * (len(text) - len(body)) + plain(body, LINE_LIMIT)


class LogBuffer:
    """The last `limit` lines. `dropped` counts the lines that fell off the top."""

    def __init__(self, limit: int = 10_000) -> None:
        self.limit = limit
        self.dropped = 0
        self._lines: list[str] = []
        self._partial = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def lines(self) -> list[str]:
        """What a terminal would show: whole lines, and the one being written."""
        return [*self._lines, log_line(self._partial)] if self._partial else self._lines

    def feed(self, data: bytes) -> None:
        *whole, self._partial = (self._partial + self._decoder.decode(data)).split("\n")
        self._lines += [log_line(line) for line in whole]
        excess = len(self._lines) - self.limit
        if excess > 0:
            del self._lines[:excess]
            self.dropped += excess
        if len(self._partial) > PARTIAL_LIMIT:
            self._partial = self._partial[-PARTIAL_LIMIT // 2 :].rpartition("\r")[2][-PARTIAL_LIMIT // 2 :]

    def end(self) -> None:
        """Nothing comes any more: what is left is a line."""
        if self._partial:
            self.feed(b"\n")
