"""What a launch must know of the host in this moment: one short program there, whatever is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gpuws.link.place import Place
from gpuws.model.errors import GpuwsError, HostError

TIMEOUT = 10.0

LISTENING = "0A"
"""The state of a listening socket in /proc/net/tcp."""

_SCRIPT = r"""
grep MemAvailable: /proc/meminfo
[ -n "$1" ] && echo "disk $(df -Pk "$1" 2>/dev/null | tail -n 1)"
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null
true
"""


@dataclass(frozen=True, slots=True)
class Look:
    """Bytes; None where the host did not say. `listening`: TCP ports, whoever listens on them.

    `disk`: what is free where the engine keeps its images; `disk_full`: which part of it is taken, 0 to 1."""

    memory: int | None = None
    disk: int | None = None
    listening: frozenset[int] = frozenset()
    disk_full: float | None = None


def look(place: Place, root_dir: str | None) -> Look:
    """`root_dir`: where the engine keeps its images."""
    try:
        done = place.run(["sh", "-c", _SCRIPT, "sh", root_dir or ""], timeout=TIMEOUT)
    except HostError:
        raise
    except GpuwsError:
        return Look()
    return parse(done.stdout.decode(errors="replace"))


def parse(text: str) -> Look:
    memory = re.search(r"^MemAvailable:\s+(\d{1,15}) kB", text, re.MULTILINE)
    disk = re.search(r"^disk .*?\s\d+\s+\d+\s+(\d{1,15})\s+(\d{1,3})%", text, re.MULTILINE)
    return Look(_kib(memory), _kib(disk), listening(text), int(disk[2]) / 100 if disk else None)


def listening(text: str) -> frozenset[int]:
    lines = (line.split() for line in text.splitlines())
    return frozenset(
        int(words[1].rpartition(":")[2], 16)
        for words in lines
        if len(words) > 3 and words[3] == LISTENING and re.fullmatch(r"[0-9A-F]+:[0-9A-F]{4}", words[1])
    )


def _kib(match: re.Match[str] | None) -> int | None:
    return int(match[1]) << 10 if match else None
