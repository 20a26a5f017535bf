"""Durations as Compose writes them (`30m`, `1h30m`, `500ms`, `90`; a bare number is seconds), and moments. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)")
_WHOLE = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d))+\Z")
_CLOCK = re.compile(r"\d\d:\d\d(?::\d\d)?\Z")
LATEST = 253_402_300_800.0
"""Epoch seconds: the year 10000 begins."""
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_duration(value: str | float) -> float:
    """Seconds. ValueError otherwise."""
    if isinstance(value, str):
        if not _WHOLE.match(value) or len(value) > 40:
            raise ValueError("expected a duration such as 30s, 30m or 1h30m")
        return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(value))
    if isinstance(value, bool) or not 0 <= value < 1e9:
        raise ValueError("expected a duration such as 30s, 30m or 1h30m")
    return float(value)


def parse_moment(text: str, now: float) -> float:
    """Epoch seconds: `10m` ago, `14:05` of today or yesterday, an RFC 3339 time, or epoch seconds themselves. What says
    no zone is of this machine's, as docker has it. ValueError otherwise."""
    try:
        when = _moment(text, now)
    except OverflowError:
        when = LATEST
    if not 0 <= when < LATEST:
        raise ValueError("expected a time between 1970 and 9999")
    return when


def _moment(text: str, now: float) -> float:
    if text.replace(".", "", 1).isdigit() and text.isascii():
        return float(text)
    if _WHOLE.match(text):
        return max(now - parse_duration(text), 0.0)
    try:
        return _clock(text, now) if _CLOCK.match(text) else datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise ValueError("not a time") from None


def _clock(text: str, now: float) -> float:
    """The last time that clocks here showed this."""
    today: date = datetime.fromtimestamp(now).date()
    for day in (today, today - timedelta(days=1)):
        when = datetime.fromisoformat(f"{day} {text}").timestamp()
        if when <= now:
            break
    return when
