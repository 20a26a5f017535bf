"""What only a person can answer, on its way up, and the answer on its way down."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal
from unicodedata import east_asian_width

from gpuws.model.text import plain

QuestionKind = Literal["host-key", "passphrase", "password", "prompt"]
SAID_ROWS, SAID_COLUMNS = 12, 64


@dataclass(frozen=True, slots=True)
class Question:
    """`host-key`: yes or no to a fingerprint. The others: text, hidden unless `echo`.

    `origin` names who asks (a host, or the jump host in front of it); `text` is one plain line.
    `detail` lines stand under it (key type, SHA256 fingerprint, file and line). All of these are gpuws' own words.
    `said`: those of the `server` (user@host), which may be anything: shown in a frame with its name on it."""

    kind: QuestionKind
    origin: str
    text: str
    detail: tuple[str, ...] = ()
    echo: bool = False
    id: str = ""
    host: str = ""
    server: str = ""
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` is a secret: kept out of repr. For a host key `accept` alone counts."""

    accept: bool = True
    text: str = field(default="", repr=False)


def said(*parts: str) -> tuple[str, ...]:
    """A server's words as rows for its frame: few, narrow, and the last ones among them, which ask."""
    rows = tuple(row for part in parts for line in part[: 1 << 14].splitlines() for row in folded(plain(line)))
    if len(rows) <= SAID_ROWS:
        return rows
    head = SAID_ROWS // 2
    return (*rows[:head], "…", *rows[head + 1 - SAID_ROWS :])


def folded(line: str, columns: int = SAID_COLUMNS) -> Iterator[str]:
    """`line` in rows of at most so many columns of a terminal, where some letters take two."""
    wide = any(east_asian_width(letter) in "WF" for letter in line)
    yield from textwrap.wrap(line, columns // 2 if wide else columns)
