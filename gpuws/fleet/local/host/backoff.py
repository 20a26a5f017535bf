"""How long to wait before the next attempt."""

from __future__ import annotations

import random
from collections.abc import Callable


def delay(attempt: int, *, cap: float = 60.0, jitter: Callable[[], float] = random.random) -> float:
    """Seconds before attempt number `attempt` (from 1): 1, 2, 4 … `cap`, with full jitter over its upper half.

    The lower half stays: a lab's workstations must not all return in the first instant."""
    ceiling = min(cap, 2.0 ** min(attempt - 1, 16))
    return ceiling * (0.5 + 0.5 * jitter())
