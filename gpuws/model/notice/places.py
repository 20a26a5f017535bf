"""Parts of a notice within a text of the configuration: `{sentence}`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

PLACES = ("id", "kind", "host", "subject", "sentence", "level", "when")
_PLACE = re.compile(r"\{([a-z]+)\}")


def places(text: str) -> tuple[str, ...]:
    """The names in braces, each once."""
    return tuple(dict.fromkeys(_PLACE.findall(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), text)
