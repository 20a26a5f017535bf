"""What is wrong with the reading of a host: its kind for whoever decides something, its words for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FaultKind = Literal[
    "no-python",  # no agent can run there: nvidia-smi takes its place
    "swallowed",  # the login there runs no commands: nothing can be asked
    "no-room",  # the server opens one session at a time, and somebody has it
    "no-driver",
    "not-loaded",  # the driver's kernel module
    "no-permission",
    "reboot-pending",  # the driver was upgraded under those who use it
    "amd-driver",  # it is AMD's: its own tools tell of the GPUs
    "no-library",  # the driver is there, its library can't be loaded
    "unread",  # the agent runs and fails to read the GPUs
    "hung",  # the driver answers no more
    "starting",  # it answers soon
    "persistence",  # mode is off: the driver is loaded anew for each program
    "misreports",  # processes: some are missing
    "stalled-mount",  # of NFS: its server does not answer
    "other",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """`text`: one sentence, with the driver's own words where it said some. `remedy`: how to fix it, may be empty."""

    kind: FaultKind
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.text} — {self.remedy}" if self.remedy else self.text
