"""How a container fares: why it ended and whether somebody wanted that, its health, memory that ran out. Pure."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gpuws.engines.docker.existing.states import meaning
from gpuws.model.text import plain
from gpuws.model.workspace.usage import ran_out
from gpuws.model.workspace.workspace import OutOfMemory

HEALTH = re.compile(r"\((?:health: )?(healthy|unhealthy|starting)\)")
LONGEST_WORD = 32
KILLED = 128 + signal.SIGKILL
ENDED = frozenset({"exited", "stopped", "dead"})
"""Words of a container whose first program has told how it ended."""


@dataclass(frozen=True, slots=True)
class Condition:
    """As the fields of `Workspace` have it."""

    reason: str | None = None
    failed: bool = False
    health: str | None = None
    out_of_memory: OutOfMemory | None = None


def condition(
    word: str,
    status: str,
    told: Mapping[str, Any],
    stop_signal: object = None,
    *,
    stopped: bool = False,
    oom_kills: int = 0,
) -> Condition:
    """`word`: the engine's for its state. `status`: the list's words, "Up 2 hours (healthy)". `told`: the details'
    State. `stopped`: somebody was seen to ask for it; without that, having ended by the very signal that stops it tells
    the same. `oom_kills`: as often as the engine was heard to tell that memory ran out in it.

    OOMKilled is true as soon as one program of it was killed, and stays so until it is started again, however it ends
    then; before Docker 23 it is not told while it runs."""
    no_memory = told.get("OOMKilled") is True or oom_kills > 0
    if meaning(word).state in ("running", "ending"):
        said = ran_out(oom_kills) if no_memory else None
        return Condition(said, no_memory, health(status, told), "inside" if no_memory else None)
    words: list[str] = []
    code, error = told.get("ExitCode"), told.get("Error")
    ended = isinstance(code, int) and word in ENDED
    wanted = ended and (stopped or code == 128 + _number(stop_signal))
    killed = no_memory and not wanted and code in (None, KILLED)
    if ended and isinstance(code, int):
        words.append(f"stopped, exited {code}" if wanted and code else f"exited {code}")
        if not (killed or wanted) and (name := _name(code)):
            words.append(name)
    if killed:
        words.append("out of memory")
    elif no_memory and code:
        words.append("memory ran out in it before")
    if isinstance(error, str) and error:
        words.append(plain(error, 200))
    failed = word == "dead" or killed or bool(error) or (ended and code != 0 and not wanted)
    return Condition(
        ", ".join(words) or None, failed, out_of_memory="killed" if killed else "inside" if no_memory else None
    )


def health(status: str, told: Mapping[str, Any]) -> str | None:
    """What its own check found last; None where it has none. Podman before 5 calls it Healthcheck."""
    if found := HEALTH.search(status):
        return found[1]
    checked = told.get("Health") or told.get("Healthcheck")
    word = checked.get("Status") if isinstance(checked, dict) else None
    return plain(word, LONGEST_WORD) if isinstance(word, str) and word not in ("", "none") else None


def _number(stop_signal: object) -> int:
    """Of "SIGINT", "INT" or "2"; SIGTERM where nothing else is said."""
    word = str(stop_signal or "TERM").upper().removeprefix("SIG")
    if word.isdecimal() and len(word) < 3:
        return int(word)
    return next((one.value for one in signal.Signals if one.name == f"SIG{word}"), signal.SIGTERM.value)


def _name(code: int) -> str | None:
    try:
        return signal.Signals(code - 128).name if code > 128 else None
    except ValueError:
        return None
