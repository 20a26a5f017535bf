"""What containers wrote, on our stdout and stderr: bytes, and on a terminal only what may be there."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

from gpuws.model.text import UNFINISHED, harmless, plain
from gpuws.model.workspace.log_messages import Message, Output

LONGEST_ESCAPE = 4096  # characters; what goes on for longer is none
UNCOLOURED = b"\x1b[0m"
COLOURS = (36, 33, 32, 35, 34, 31)
"""Of the names of several, in turn: SGR codes."""


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


class LogOutput:
    """Both outputs, each to ours. `raw`: byte by byte on a terminal, too. `stamps`: each line has its time in front."""

    def __init__(self, *, raw: bool, stamps: bool) -> None:
        self._stamps = stamps
        self._ours: Mapping[Output, TextIO] = {"stdout": sys.stdout, "stderr": sys.stderr}
        self._clean = {
            output: Cleaner(file.encoding) for output, file in self._ours.items() if file.isatty() and not raw
        }
        self._at_start = {"stdout": True, "stderr": True}
        self._last: Output | None = None

    def write(self, message: Message) -> None:
        data = message.data
        if self._stamps and message.stamp and self._at_start[message.output]:
            data = f"{message.stamp} ".encode() + data
        self._at_start[message.output] = data.endswith(b"\n")
        self.put(message.output, data)

    def put(self, output: Output, data: bytes) -> None:
        """In their order, where both go to the same place."""
        if self._last not in (None, output):
            self.flush()
        self._last = output
        clean = self._clean.get(output)
        self._ours[output].buffer.write(clean(data) if clean else data)

    def flush(self) -> None:
        if self._last is not None:
            self._ours[self._last].buffer.flush()

    @property
    def wrote(self) -> bool:
        return self._last is not None

    def end(self) -> None:
        """A terminal has its own colours again."""
        for output in self._clean:
            self._ours[output].buffer.write(UNCOLOURED)
            self._ours[output].buffer.flush()


class NamedOutput:
    """Whole lines of several, each with the name of who wrote it in front, in colour on a terminal."""

    def __init__(self, output: LogOutput, names: Sequence[str]) -> None:
        self._output = output
        width = max(map(len, names))
        coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self._names = [_name(plain(name).ljust(width), number, coloured=coloured) for number, name in enumerate(names)]

    def write(self, number: int, line: Message) -> None:
        """`number`: whose it is."""
        end = b"" if line.data.endswith(b"\n") else b"\n"
        self._output.put(line.output, self._names[number])
        self._output.write(line._replace(data=line.data + end))


def _name(name: str, number: int, *, coloured: bool) -> bytes:
    before, after = (f"\x1b[{COLOURS[number % len(COLOURS)]}m", "\x1b[0m") if coloured else ("", "")
    return f"{before}{name} │{after} ".encode(sys.stdout.encoding, "replace")
