"""What one command said on many hosts: equal answers together, and one status for all. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.model import units

NO_STATUS = 255
"""Counts for a host on which it did not come to an end, as with ssh."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Of one host. `status`: of the program, 128 + signal; None where it did not come to its end, as `error` says."""

    host: str
    status: int | None = None
    stdout: bytes = b""
    stderr: bytes = b""
    error: str = ""


def grouped(answers: Sequence[Answer]) -> list[list[Answer]]:
    """Those that say the same together: the most frequent first, in the order of the hosts; those without a status,
    with what came of them, last."""
    groups: dict[tuple[int | None, bytes, bytes, str], list[Answer]] = {}
    for one in answers:
        groups.setdefault((one.status, one.stdout, one.stderr, one.error), []).append(one)
    return sorted(groups.values(), key=lambda group: (group[0].status is None, -len(group)))


def heading(group: Sequence[Answer]) -> str:
    """Whose answer it is, and how it ended where that was not well."""
    names = ", ".join(one.host for one in group)
    count = f" ({units.count(len(group), 'host')})" if len(group) > 2 else ""
    status = group[0].status
    how = "no status" if status is None else f"exit {status}" if status else ""
    return f"{names}{count}{f': {how}' if how else ''}"


def summed(answers: Sequence[Answer]) -> int:
    """The highest status; a host without one counts as `NO_STATUS`. So 0 says that it went well on every host."""
    return max((NO_STATUS if one.status is None else one.status for one in answers), default=0)
