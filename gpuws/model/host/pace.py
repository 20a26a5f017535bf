"""When the values of a host are no more of now. Pure."""

from __future__ import annotations


def stale_after(interval: float) -> float:
    """Seconds from a reading until it is old, where one comes every `interval` seconds (INTERFACE §4)."""
    return 2 * interval + 1
