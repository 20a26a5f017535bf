"""What can be done to a workspace that exists, and to a process that holds a GPU."""

from __future__ import annotations

from typing import Literal

Action = Literal["start", "stop", "restart", "kill", "remove"]
Signal = Literal["INT", "TERM", "KILL"]
