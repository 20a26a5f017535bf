"""Rows of the kinds that come again: a text, a size, a switch, a list of words. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gpuws.engines.docker.existing.parse import rows
from gpuws.engines.docker.options.option import NOTHING, Inspected, Option
from gpuws.model import units


def text(key: str, path: str, flag: str, **more: Any) -> Option:
    """One word that the engine takes as it is."""
    return Option(key, path, flag, **{"read": _said(path), **more})


def size(key: str, path: str, flag: str, **more: Any) -> Option:
    """Bytes."""
    how: dict[str, Any] = {"read": lambda told: positive(told.at(path)), "show": shown}
    return Option(key, path, flag, words=lambda count: (spelled(count),), **{**how, **more})


def number(key: str, path: str, flag: str, unsaid: int | None = None) -> Option:
    """A whole number; 0 is nothing said. `unsaid`: the profile's value then."""

    def read(told: Inspected) -> int | None:
        return value if isinstance(value := told.at(path), int) and value else unsaid

    return Option(key, path, flag, put=lambda count: count or None, words=_unless_zero, read=read)


def _unless_zero(count: int) -> tuple[str, ...]:
    return (str(count),) if count else ()


def switch(key: str, path: str, flag: str, **more: Any) -> Option:
    """Off unless it is said."""
    return Option(
        key,
        path,
        flag,
        put=lambda on: on or None,
        line=lambda spec: (flag,) if getattr(spec.profile, key) else (),
        read=lambda told: told.at(path) is True,
        show=lambda on: "true" if on else "false",
        **more,
    )


def several(key: str, path: str, flag: str, alike: Callable[[str], str] = str, **more: Any) -> Option:
    """Words in any order, a flag for each; two are the same where `alike` makes them so."""

    def read(told: Inspected) -> tuple[str, ...]:
        return tuple(sorted({alike(str(word)) for word in rows(told.at(path))}))

    return ordered(key, path, flag, **{"read": read, **more})


def ordered(key: str, path: str, flag: str, **more: Any) -> Option:
    """Words in an order that counts, a flag for each."""
    how: dict[str, Any] = {
        "put": lambda words: list(words) or None,
        "words": lambda words: words,
        "read": lambda told: tuple(str(word) for word in rows(told.at(path))),
        "show": lambda words: ", ".join(words) or "none",
    }
    return Option(key, path, flag, **{**how, **more})


def spelled(count: int) -> str:
    """`64g` where that is exact; -1 is without limit."""
    for unit, power in (("g", 30), ("m", 20), ("k", 10)):
        if count > 0 and count % (1 << power) == 0:
            return f"{count >> power}{unit}"
    return str(count)


def shown(count: int) -> str:
    return "without limit" if count == -1 else units.size(count)


def positive(value: object) -> int | None:
    """A limit; the engine has 0, and for some -1, where there is none."""
    return value if isinstance(value, int) and value > 0 else None


def _said(path: str) -> Callable[[Inspected], str | None]:
    return lambda told: None if told.at(path) in NOTHING else str(told.at(path))
