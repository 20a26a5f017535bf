"""What commands said on hosts, and what was copied."""

from __future__ import annotations

from typing import TypedDict


class AnswerRow(TypedDict):
    """What a command said on one host."""

    host: str
    status: int | None
    """128 + signal; null: it did not come to its end, as `error` says."""
    stdout: str
    stderr: str
    error: str | None


class AnsweredDocument(TypedDict):
    """One command on many hosts."""

    command: list[str]
    status: int
    """The highest of all; a host without one counts 255."""
    answers: list[AnswerRow]


class CopiedRow(TypedDict):
    """One thing that was copied; paths have their target in front, as they are typed."""

    source: str
    target: str


class CopiedDocument(TypedDict):
    """What was copied, once all of it was tried."""

    copied: list[CopiedRow]
    files: int
    bytes: int
    resumed_bytes: int
    """Of these, what had arrived before."""
    seconds: float
    left_out: int
    """Things that did not come along: stderr says which, and why."""
