"""What ends a trouble of mine: data, so that it is shown and agreed to here and carried out there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MendKind = Literal["restart", "end", "shm", "own", "ended", "linger", "port"]
"""`restart` a workspace; `end` a process; remove files of /dev/shm (`shm`); give files of root's to me (`own`); remove
workspaces that have ended (`ended`); let what I run outlive my logins (`linger`); another `port` for a workspace."""


@dataclass(frozen=True, slots=True)
class Mend:
    """Only what is mine is mended, and none of it takes root.

    `title`: what is asked; `lines`: what it touches and what is lost; `command`: what does the same, as typed at the
    workstation. `workspaces`: ids in full. `paths`: of the host. `pid`, `began`: a process and its start, in ticks of
    the kernel since the boot. `port`: the host's port to leave, `instead` the one to take."""

    kind: MendKind
    title: str
    lines: tuple[str, ...]
    command: str
    workspaces: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    pid: int = 0
    began: int = 0
    port: int = 0
    instead: int = 0
