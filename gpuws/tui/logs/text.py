"""What a log's messages say as lines: harmless, with their colours, a progress bar as the one line it is on a
terminal."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from gpuws.model import sgr
from gpuws.model.text import ESCAPES, plain
from gpuws.model.workspace.log_messages import Message, Output

LINE_LIMIT = 4000
PARTIAL_LIMIT = 1 << 16
ROWS = 40
"""Lines that a program may draw at once, as several progress bars do."""
_UP = re.compile(r"\x1b\[(\d{0,3})A")


class Tint(NamedTuple):
    """From and to which character of a line it has that look."""

    start: int
    end: int
    look: sgr.Look


class LogLine(NamedTuple):
    """`stamp`: when it was begun, "" where that is not known. `tints`: where it is not plain. `source`: whose it is
    among several logs. `parts`: of how many messages it is made."""

    stamp: str
    output: Output
    text: str
    tints: tuple[Tint, ...] = ()
    source: int = 0
    parts: int = 1


def log_line(raw: str) -> str:
    """One line without escapes and control characters; what a carriage return wrote over is gone."""
    parts = [part for part in raw.split("\r") if part]
    text = ESCAPES.sub("", parts[-1] if parts else "").expandtabs(8)
    body = text.lstrip(" ")
    return " " * (len(text) - len(body)) + plain(body, LINE_LIMIT)


def tinted(raw: str) -> tuple[str, tuple[Tint, ...]]:
    """The text of a line, and its looks."""
    for written in reversed(raw.split("\r")):  # the last that shows something
        found = sgr.parts(written)
        text = "".join(part.text for part in found).rstrip()
        if text:
            break
    else:
        return "", ()
    if len(text) > LINE_LIMIT:
        text = text[: LINE_LIMIT - 1] + "…"
    tints, at = [], 0
    for part in found:
        end = min(at + len(part.text), len(text))
        if part.look != sgr.PLAIN and at < end:
            tints.append(Tint(at, end, part.look))
        at += len(part.text)
    return text, tuple(tints)


@dataclass(slots=True)
class _Row:
    """A line being written."""

    stamp: str = ""
    raw: str = ""
    parts: int = 0

    def write(self, text: str) -> None:
        """Of what is written over and over only the end is kept."""
        self.raw += text
        if len(self.raw) > PARTIAL_LIMIT:
            half = self.raw[-PARTIAL_LIMIT // 2 :]
            self.raw = half.rpartition("\r")[2] or half


@dataclass(slots=True)
class _Writing:
    """One output, as a terminal would show it: the rows that are not done, and in which of them is written."""

    decoder: codecs.IncrementalDecoder = field(default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace"))
    rows: list[_Row] = field(default_factory=lambda: [_Row()])
    at: int = 0

    def write(self, message: Message) -> list[_Row]:
        """The rows that are done with it."""
        done: list[_Row] = []
        row = self.rows[self.at]
        row.parts += 1
        row.stamp = row.stamp or message.stamp
        first, *others = self.decoder.decode(message.data).split("\n")
        self._draw(first, message.stamp)
        for text in others:
            done += self._next()
            self._draw(text, message.stamp)
        return done

    def _draw(self, text: str, stamp: str) -> None:
        if "\x1b[" not in text:
            self.rows[self.at].write(text)
            return
        before, *moves = _UP.split(text)
        self.rows[self.at].write(before)
        for count, after in zip(moves[::2], moves[1::2], strict=True):
            self._up(int(count or 1), stamp)
            self.rows[self.at].write(after)

    def _up(self, count: int, stamp: str) -> None:
        """Rows above that are done stay; new ones stand in for them."""
        missing = min(count - self.at, ROWS - len(self.rows))
        if missing > 0:
            self.rows[:0] = [_Row(stamp) for _ in range(missing)]
            self.at += missing
        self.at = max(self.at - count, 0)

    def _next(self) -> list[_Row]:
        self.at += 1
        if self.at < len(self.rows):
            self.rows[self.at].raw += "\r"
            return []
        done, self.rows, self.at = self.rows, [_Row()], 0
        return done

    def shown(self) -> list[_Row]:
        return [row for row in self.rows if row.raw or len(self.rows) > 1]


class LineMaker:
    """Of one log; `source`: whose it is."""

    def __init__(self, source: int = 0) -> None:
        self._source = source
        self._outputs: dict[Output, _Writing] = {}

    def feed(self, messages: Iterable[Message]) -> list[LogLine]:
        """The lines that are whole now."""
        found: list[LogLine] = []
        for message in messages:
            writing = self._outputs.get(message.output)
            if writing is None:
                writing = self._outputs[message.output] = _Writing()
            found += [self._line(row, message.output) for row in writing.write(message)]
        return found

    def writing(self) -> list[LogLine]:
        """What is being written."""
        return [self._line(row, output) for output, writing in self._outputs.items() for row in writing.shown()]

    def end(self) -> list[LogLine]:
        """Nothing comes any more: what is left is a line."""
        left, self._outputs = self.writing(), {}
        return left

    def _line(self, row: _Row, output: Output) -> LogLine:
        return LogLine(row.stamp, output, *tinted(row.raw), self._source, max(row.parts, 1))
