"""What BuildKit says while it builds: the lines of its trace, the step that failed, and that step's output.

The trace is a protobuf message a line, base64 in JSON (`moby.buildkit.trace`): StatusResponse of moby/buildkit,
api/services/control/control.proto, of which a few fields are read."""

from __future__ import annotations

import base64
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gpuws.engines.docker.build.output import KEPT, LONGEST
from gpuws.model.build.dockerfile import Instruction
from gpuws.model.placement.plan import Progress
from gpuws.model.text import ESCAPES, plain

TRACE = "moby.buildkit.trace"
_BYTES = 2
"""The wire type of strings and messages."""
_FIXED = {1: 8, 5: 4}
_PLACE = re.compile(r"\[[^\]]*\] ")
"""`[stage-1 2/5] ` in front of a step's name."""


@dataclass(slots=True)
class Vertex:
    """A step. `said`: the end of its output."""

    name: str = ""
    told: bool = False
    done: bool = False
    error: str = ""
    begun: str = ""

    @property
    def inner(self) -> bool:
        """BuildKit's own work."""
        return self.name.startswith(("[internal]", "exporting", "resolve image"))


class Trace:
    """Mutable. As `Output` of the classic builder."""

    def __init__(self, instructions: Sequence[Instruction]) -> None:
        self.said: deque[str] = deque(maxlen=KEPT)
        self._instructions = instructions
        self._known: dict[str, Vertex] = {}
        self._failed: Vertex | None = None

    @property
    def step(self) -> int:
        """The instruction that failed, from 1; 0 where none did, or none can be named."""
        name = " ".join(_PLACE.sub("", self._failed.name, count=1).split()) if self._failed else ""
        return next((at for at, one in enumerate(self._instructions, start=1) if name and _is(one, name)), 0)

    @property
    def fraction(self) -> float | None:
        steps = [one for one in self._known.values() if not one.inner]
        return sum(one.done for one in steps) / len(steps) if steps else None

    def take(self, item: Mapping[str, Any]) -> Iterator[Progress]:
        if item.get("id") != TRACE:
            if isinstance(stream := item.get("stream"), str):
                yield from self._line(stream)
            return
        try:
            message = base64.b64decode(str(item.get("aux", "")), validate=True)
            parts = list(_fields(message))
        except ValueError:  # of a newer BuildKit
            return
        for number, value in parts:
            if number == 1 and isinstance(value, bytes):
                yield from self._vertex(dict(_fields(value)))
            elif number == 3 and isinstance(value, bytes):
                yield from self._log(dict(_fields(value)))

    def end(self) -> Iterator[Progress]:
        for vertex in self._known.values():
            begun, vertex.begun = vertex.begun, ""
            yield from self._line(begun)

    def _vertex(self, fields: Mapping[int, int | bytes]) -> Iterator[Progress]:
        """1 digest, 3 name, 4 cached, 5 started, 6 completed, 7 error."""
        vertex = self._known.setdefault(_text(fields.get(1)), Vertex())
        vertex.name = _text(fields.get(3)) or vertex.name
        vertex.done = vertex.done or 6 in fields
        if error := _text(fields.get(7)):
            vertex.error, self._failed = error, vertex
        if 5 in fields and not vertex.told and not vertex.inner:
            vertex.told = True
            yield Progress("building", plain(vertex.name, LONGEST), self.fraction)
            if fields.get(4):
                yield Progress("building", "cached", self.fraction)

    def _log(self, fields: Mapping[int, int | bytes]) -> Iterator[Progress]:
        """1 digest of its step, 4 bytes as they were written."""
        vertex = self._known.setdefault(_text(fields.get(1)), Vertex())
        *whole, vertex.begun = (vertex.begun + _text(fields.get(4))).split("\n")
        for line in whole:
            yield from self._line(line)

    def _line(self, line: str) -> Iterator[Progress]:
        shown = plain(ESCAPES.sub("", line.rstrip("\r\n").rpartition("\r")[2]), LONGEST)
        if shown:
            self.said.append(shown)
            yield Progress("building", shown, self.fraction)


def _is(one: Instruction, name: str) -> bool:
    """Behind a heredoc's mark BuildKit says how it begins."""
    return name.startswith(one.text) if one.heredocs else name == one.text


def _text(value: int | bytes | None) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else ""


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Numbers and values of a message. ValueError where it is none."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        if kind == _BYTES:
            size, at = _varint(data, at)
        elif kind in _FIXED:
            size = _FIXED[kind]
        else:
            raise ValueError(f"wire type {kind}")
        if at + size > len(data):
            raise ValueError("a field longer than its message")
        yield number, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte, at = data[at], at + 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number without end")
