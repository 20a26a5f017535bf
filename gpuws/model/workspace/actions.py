"""What can be done to a workspace that exists, and to a process that holds a GPU."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Action = Literal["start", "stop", "restart", "kill", "pause", "unpause", "remove"]
Signal = Literal["INT", "TERM", "KILL"]
DONE: Mapping[str, str] = {
    "start": "started", "stop": "stopped", "restart": "restarted", "kill": "killed", "pause": "paused",
    "unpause": "resumed", "rename": "renamed", "remove": "removed", "recreate": "made again",
}  # fmt: skip
"""What is said of those that it was done to."""
