"""Marks on what gpuws executes inside containers, so that it can be found again and ended.

The API can't kill an exec, and closing its connection does not. A mark names the gpuws that made it:
HOSTNAME/BOOT/PID/START/UNIQUE, all of the workstation."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

VARIABLE = "GPUWS_EXEC"
ARGUMENT = "gpuws-exec:"
_INITIAL_PID_NAMESPACE = "pid:[4026531836]"
_WORD = re.compile(r"[A-Za-z0-9._-]+\Z")


@dataclass(frozen=True, slots=True)
class Mark:
    """`start`: when that process started, as the system counts; with `pid` it names one process for good."""

    hostname: str
    boot: str
    pid: int
    start: str
    unique: str

    def __str__(self) -> str:
        return f"{self.hostname}/{self.boot}/{self.pid}/{self.start}/{self.unique}"


_held: dict[str, Callable[[], bool]] = {}
"""Of the marks of this process those whose exec somebody still reads: `unique`, and whether its link lives."""


def new_mark(connected: Callable[[], bool]) -> Mark:
    """A mark of this process, never used before. Its exec is held while `connected` and until `let_go`."""
    mark = Mark(hostname(), boot(), *_me(os.getpid()), secrets.token_hex(8))
    _held[mark.unique] = connected
    return mark


def let_go(mark: Mark) -> None:
    """Nobody reads its exec any more."""
    _held.pop(mark.unique, None)


def parse(text: str) -> Mark | None:
    words = text.split("/")
    if len(words) != 5 or not all(_WORD.match(word) for word in words) or not words[2].isdecimal():
        return None
    return Mark(words[0], words[1], int(words[2]), words[3], words[4])


def in_arguments(arguments: object) -> Mark | None:
    """The mark among the arguments of an exec, as the engine lists them."""
    for word in arguments if isinstance(arguments, list) else []:
        if isinstance(word, str) and word.startswith(ARGUMENT):
            return parse(word.removeprefix(ARGUMENT))
    return None


def abandoned(mark: Mark) -> bool:
    """The gpuws that made it ran on this workstation and is gone, or it is this one, and has lost it with its link.
    Another workstation's is never judged."""
    if mark.hostname != hostname():
        return False
    if (mark.boot, mark.pid, mark.start) == (boot(), *_me(os.getpid())):
        connected = _held.get(mark.unique)
        return connected is None or not connected()
    return mark.boot != boot() or not _alive(mark.pid, mark.start)


@cache
def hostname() -> str:
    """This machine; with its process namespace where that is not the machine's own, because pids differ there."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", socket.gethostname()) or "unnamed"
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return name
    return name if namespace == _INITIAL_PID_NAMESPACE else f"{name}.{re.sub('[^0-9]', '', namespace)}"


@cache
def boot() -> str:
    """The first eight digits of the boot id."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
    except OSError:
        said = _output(["sysctl", "-n", "kern.bootsessionuuid"])
        return hashlib.sha256(said.encode()).hexdigest()[:8]


@cache
def _me(pid: int) -> tuple[int, str]:
    """This process; `pid` is its own, as a fork has another."""
    return pid, started(pid) or "0"


def started(pid: int) -> str | None:
    """When a process started, as one word; None when it is not there (or not to be seen)."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
        except (OSError, IndexError):
            return None
    return re.sub(r"[^A-Za-z0-9]+", "-", _output(["ps", "-o", "lstart=", "-p", str(pid)]).strip()) or None


def _alive(pid: int, start: str) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    now = started(pid)
    return now is None or now == start


def _output(argv: list[str]) -> str:
    try:
        return subprocess.run(argv, capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
