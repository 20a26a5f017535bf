"""`30m`, `1h30m`, `500ms`, `90`: durations as Compose writes them; a bare number is seconds. Pure."""

from __future__ import annotations

import re

_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)")
_WHOLE = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d))+\Z")
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
