"""Values of AMD's tools, which say the same in several ways from version to version. Pure; nothing raises."""

from __future__ import annotations

import json
from typing import Any

MIB = 1 << 20
UNITS = {"B": 1, "KB": 1 << 10, "MB": MIB, "GB": 1 << 30}  # powers of two, whatever they are called
LONGEST = 1 << 22

Row = dict[str, Any]


def document(said: str) -> object:
    """The JSON in what a tool said: warnings may stand before it. None where there is none."""
    start = min((at for at in (said.find("["), said.find("{")) if at >= 0), default=-1)
    if start < 0 or len(said) > LONGEST:
        return None
    try:
        return json.JSONDecoder().raw_decode(said, start)[0]
    except (ValueError, RecursionError):
        return None


def inner(row: object, *names: str) -> object:
    """What stands below these names; None where one is missing."""
    for name in names:
        row = row.get(name) if isinstance(row, dict) else None
    return row


def real(value: object) -> float | None:
    """A number, also as text, and as `{"value": …, "unit": …}`; None for "N/A" and the like."""
    if isinstance(value, dict):
        return real(value.get("value"))
    if isinstance(value, str):
        try:
            value = float(value.strip().rstrip("%"))
        except ValueError:
            return None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def size(value: object) -> int | None:
    """Bytes of `{"value": …, "unit": "MB"}`; of a bare number, which is in bytes."""
    number = real(value)
    unit = value.get("unit", "B") if isinstance(value, dict) else "B"
    factor = UNITS.get(unit.upper()) if isinstance(unit, str) else None
    return None if number is None or factor is None or not 0 <= number < 1e15 else int(number * factor)


def text(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() not in ("", "N/A") else None


def first(row: object, names: tuple[str, ...]) -> object:
    """The first of these that is told; None for none."""
    found = (inner(row, name) for name in names)
    return next((value for value in found if value is not None and value != "N/A"), None)
