"""What the host tells of its workspaces, read back. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from gpuws.model.ownership.identity import OWNER_LABEL
from gpuws.model.text import plain
from gpuws.model.workspace.workspace import Ref, State, Workspace

HEAD = "gpuws-process"
"""Stands before the lines: what a shell's start files print comes first."""
_LINE = re.compile(r"(p-[0-9a-f]{20}) (lives|begins|ended|gone) (\d+) \[(?:(\d+) (\d+))?\] (\{.*\})\Z")
_ALIVE = frozenset({"enter", "stop", "kill", "remove"})
_STATES: Mapping[str, State] = {"lives": "running", "begins": "starting"}


def read(host: str, text: str) -> list[Workspace] | None:
    """Newest first; None where that is no answer. A line that makes no sense is nobody's workspace."""
    lines = text.splitlines()
    if HEAD not in lines:
        return None
    found = [one for line in lines[lines.index(HEAD) + 1 :] if (one := _one(host, line)) is not None]
    return sorted(found, key=lambda one: -(one.created or 0.0))


def meta_of(line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _one(host: str, line: str) -> Workspace | None:
    match = _LINE.match(line)
    meta = meta_of(match[6]) if match else {}
    if match is None or not isinstance(meta.get("name"), str):
        return None
    labels = {str(key): str(value) for key, value in _table(meta.get("labels")).items()}
    state = _STATES.get(match[2], "exited")
    status = int(match[4]) if match[4] else None
    gpus = meta.get("gpus")
    return Workspace(
        Ref(host, match[1]),
        plain(meta["name"]),
        host,
        state,
        "running" if state == "running" else "created" if state == "starting" else "exited",
        actions=_ALIVE if state != "exited" else frozenset({"remove"}),
        created=_number(meta.get("created")),
        started=_number(meta.get("created")) if state == "running" else None,
        reason=_reason(match[2], status),
        failed=state == "exited" and status not in (0, None, 143),
        owner=labels.get(OWNER_LABEL),
        owner_is_label=OWNER_LABEL in labels,
        profile=labels.get("gpuws.profile"),
        gpus=tuple(str(one) for one in gpus) if isinstance(gpus, list) else (),
        memory_limit=_whole(meta.get("memory")),
        cpu_limit=_number(meta.get("cpus")),
        labels=labels,
        on_host=True,
    )


def _reason(told: str, status: int | None) -> str | None:
    if told in ("lives", "begins"):
        return None
    if status is not None:
        return f"exited {status}"
    return "the host was started anew" if told == "gone" else "ended, and nothing wrote down how"


def _table(value: object) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
