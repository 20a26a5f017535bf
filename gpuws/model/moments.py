"""Durations as Compose writes them (`30m`, `1h30m`, `500ms`, `90`; a bare number is seconds), and moments. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo

_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)")
_WHOLE = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d))+\Z")
_CLOCK = re.compile(r"\d\d:\d\d(?::\d\d)?\Z")
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


def parse_moment(text: str, now: float, zone: tzinfo | None) -> float:
    """Epoch seconds: `10m` ago, `14:05` of today or yesterday, an RFC 3339 time, or epoch seconds themselves. `zone`:
    of what says none, None: this machine's. ValueError otherwise."""
    if text.replace(".", "", 1).isdigit() and text.isascii():
        return float(text)
    if _WHOLE.match(text):
        return now - parse_duration(text)
    if _CLOCK.match(text):
        return _clock(text, now, zone)
    when = datetime.fromisoformat(text)
    return (when if when.tzinfo else when.replace(tzinfo=zone)).timestamp()


def _clock(text: str, now: float, zone: tzinfo | None) -> float:
    """The last time that clocks showed this."""
    today: date = datetime.fromtimestamp(now, zone).date()
    for day in (today, today - timedelta(days=1)):
        when = datetime.fromisoformat(f"{day} {text}").replace(tzinfo=zone).timestamp()
        if when <= now:
            break
    return when
