"""When the values of a host are no more of now, and which of its readings count where looks are counted. Pure."""

from __future__ import annotations

APART = 1.5
"""Seconds: readings that follow each other sooner are one look, where looks in a row are counted. Else what holds for
a moment would count the sooner for somebody who looks."""


def stale_after(interval: float) -> float:
    """Seconds from a reading until it is old, where one comes every `interval` seconds (INTERFACE §4)."""
    return 2 * interval + 1


def another_look(at: float | None, before: float | None) -> bool:
    """Whether the reading of `at` counts beside the one of `before`, which was counted last. Epoch seconds; a clock
    may be put back."""
    return at is not None and (before is None or abs(at - before) >= APART)
