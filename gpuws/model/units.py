"""Numbers, sizes and times, as people write and read them. 1k = 1024 bytes, as in Compose."""

from __future__ import annotations

import re
from datetime import UTC, datetime

DASH = "–"
_SIZE = re.compile(r"\s*([0-9]{1,20}(?:\.[0-9]{1,20})?)\s*([kmgtp]?)(i?b?)\s*\Z", re.IGNORECASE | re.ASCII)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}


def parse_size(text: str) -> int:
    """Bytes of `64g`, `40GiB`, `512m`, `1024`. ValueError otherwise."""
    match = _SIZE.match(text)
    if not match:
        raise ValueError(f"{text!r} is not a size such as 64g or 512m")
    return int(float(match[1]) * 1024 ** _POWERS[match[2].lower()])


def size(count: int | None) -> str:
    """`74G`, `812M`: three significant figures at most, binary units."""
    if count is None:
        return DASH
    value, unit = float(count), ""
    for unit in ("B", "K", "M", "G", "T", "P"):
        if value < 1000 or unit == "P":
            break
        value /= 1024
    return f"{value:.1f}{unit}" if 0 < value < 10 and unit not in ("B", "K", "M") else f"{value:.0f}{unit}"


def percent(value: float | None) -> str:
    return DASH if value is None else f"{value:.0f}%"


def duration(seconds: float | None) -> str:
    """`45s`, `12m`, `3h12`, `2d`: short enough for a column."""
    if seconds is None:
        return DASH
    whole = int(max(seconds, 0))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m"
    if whole < 86400:
        return f"{whole // 3600}h{whole % 3600 // 60:02d}"
    return f"{whole // 86400}d"


def count(number: int, word: str) -> str:
    """`1 GPU`, `2 GPUs`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def timestamp(epoch: float | None) -> str | None:
    """RFC 3339 UTC, as all JSON output has it."""
    return (
        None
        if epoch is None
        else datetime.fromtimestamp(epoch, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    )


def ordinal(number: int) -> str:
    """`1st`, `22nd`, `113th`."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
