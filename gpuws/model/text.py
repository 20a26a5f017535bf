"""Text that came from a host is data: nothing in it may steer a terminal."""

from __future__ import annotations

import re

# C0, DEL, C1, and the characters that reorder or hide text.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")


def plain(text: str, limit: int = 500) -> str:
    """One line of `text` without control characters, at most `limit` characters."""
    line = _UNPRINTABLE.sub(" ", text).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"
