"""One value of a row that came from a host: of the right kind and size, or None. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from gpuws.model.text import plain

LARGEST = 1 << 60  # no count of bytes or seconds is larger

T = TypeVar("T")
Row = dict[str, Any]


def each(row: Row, key: str, most: int, make: Callable[[Row], T | None]) -> Iterator[T]:
    """What `make` makes of the first `most` rows of a list."""
    for item in items(row, key, most):
        made = make(item) if isinstance(item, dict) else None
        if made is not None:
            yield made


def items(row: Row, key: str, most: int) -> list[Any]:
    value = row.get(key)
    return value[:most] if isinstance(value, list) else []


def texts(row: Row, key: str, most: int, limit: int) -> tuple[str, ...]:
    """Cleaned texts of a list; empty ones are left out."""
    found = (clean(item, limit) for item in items(row, key, most))
    return tuple(text for text in found if text)


def choice(choices: dict[str, T], value: object) -> T | None:
    return choices.get(value) if isinstance(value, str) else None


def text(row: Row, key: str, limit: int = 500) -> str | None:
    """Cleaned; None where nothing is left."""
    return clean(row.get(key), limit)


def clean(value: object, limit: int) -> str | None:
    return (plain(value[: 2 * limit], limit) or None) if isinstance(value, str) else None


def count(row: Row, key: str) -> int | None:
    return whole(row.get(key))


def whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST else None


def number(row: Row, key: str) -> float | None:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < LARGEST else None  # neither nan nor infinity is less


def percent(row: Row, key: str, most: float = 100.0) -> float | None:
    value = number(row, key)
    return None if value is None else min(max(value, 0.0), most)


def flag(row: Row, key: str) -> bool | None:
    value = row.get(key)
    return value if isinstance(value, bool) else None
