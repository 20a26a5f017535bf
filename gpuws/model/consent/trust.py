"""What of a shared file needs my acceptance: what runs here, leaves here, or decides where we connect. Pure.

A key that is not known to be harmless needs it, so that a key that comes later does."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["profile", "hosts"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A shared file as it was read just now, and what it does that was not accepted: lines that begin with `+` or `-`
    under the name of what says them. `id`: of that very reading. `known`: it was accepted before, as it was then."""

    id: str
    path: str
    lines: tuple[str, ...]
    known: bool

    @property
    def title(self) -> str:
        when = "has changed since you accepted it" if self.known else "is shared, and you have not accepted it yet"
        return f"{self.path} {when}"


ASIDE = "x-"
"""Before keys of a profile that mean nothing by themselves: a place for anchors, as in Compose."""
_HARMLESS_IN_PROFILES = frozenset(
    (
        *("description", "mem_limit", "memswap_limit", "cpus", "pids_limit", "shm_size", "ulimits", "gpu_memory"),
        "stop_grace_period",
    )
)
_HARMLESS_OF_HOSTS = frozenset(
    ("tags", "note", "notes", "drain", "readonly", "connect_timeout", "telemetry_interval"),
)
"""Limits, notes and what takes a host out of use."""


def needs_acceptance(kind: Kind, key: Sequence[str]) -> bool:
    """Whether the value under `key`, from the top of the file, must be asked about."""
    if kind == "profile":
        deciding = key[2] if len(key) > 2 and key[0] == "hosts" else key[0]
        return not deciding.startswith(ASIDE) and deciding.removesuffix("+") not in _HARMLESS_IN_PROFILES
    match key:
        case ["hosts", _, deciding, *_] | ["local" | "defaults", deciding, *_]:
            return deciding not in _HARMLESS_OF_HOSTS
        case ["defaults"]:
            return False
    return True


def differences(before: Mapping[str, Sequence[str]], now: Mapping[str, Sequence[str]]) -> list[str]:
    """What changed, by the name of what says it, as lines that begin with `-` and `+`; none where nothing did."""
    lines: list[str] = []
    for name in dict.fromkeys((*now, *before)):
        changed = list(_changed(before.get(name, ()), now.get(name, ())))
        if changed or (name in now) != (name in before):
            lines += [name if name in now else f"{name} (no longer)", *changed]
    return lines


def digest(files: Sequence[str]) -> str:
    """Of a list of files, each line with the digest of one."""
    return hashlib.sha256("\n".join(files).encode("utf-8", "surrogateescape")).hexdigest()


def _changed(before: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    matcher = difflib.SequenceMatcher(None, before, now, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            yield from (f"- {line}" for line in before[i:j])
            yield from (f"+ {line}" for line in now[k:m])
