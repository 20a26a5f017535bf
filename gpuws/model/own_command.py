"""A command of the user's own, and what of the selection stands in its arguments. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PLACES = ("host", "workspace", "gpu", "pid")
_PLACE = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True, slots=True)
class OwnCommand:
    """`argv`: the program and its arguments, with `{host}` and the like. `key`: "" for none. `help`: a sentence.
    `stay`: what it printed stays until ⏎. `where`: the file and line of its key."""

    id: str
    argv: tuple[str, ...]
    key: str = ""
    help: str = ""
    stay: bool = False
    where: str = ""


def places(argv: Sequence[str]) -> tuple[str, ...]:
    """The names in braces, each once."""
    return tuple(dict.fromkeys(name for argument in argv for name in _PLACE.findall(argument)))


def filled(argv: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """The arguments with their values: as many as before, whatever a value holds."""
    return tuple(_PLACE.sub(lambda place: values[place[1]], argument) for argument in argv)
