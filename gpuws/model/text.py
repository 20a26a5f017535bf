"""Text that came from a host is data: nothing in it may steer a terminal. Pure."""

from __future__ import annotations

import re

# Unicode's categories Cc (C0, DEL, C1), Cf (format: zero width, bidirectional, tags), Cs, Zl and Zp. Room that Unicode
# keeps for more of them is in it: the tags' block, and what follows the shorthand and hieroglyph formats.
_BUT_LINES = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
_UNPRINTABLE = re.compile(f"[\t\n{_BUT_LINES}]+")
_STEERING = re.compile(f"[{_BUT_LINES}]")
ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]"  # CSI: colours, the cursor, modes
    r"|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC, DCS, SOS, PM, APC: titles, clipboard, links, images
    r"|[ -/]*[0-OQ-WYZ\\`-~])"  # two characters and more
)
"""Escape sequences of ECMA-48, whole ones."""
UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)?\Z")
"""One that is only begun, at the end of a text."""
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m\Z")


def typed(name: str, instead: str) -> str:
    """What a person types to name a thing: its name, or `instead` where that can't be typed or read for certain."""
    sure = name.isascii() and name.isprintable() and name == " ".join(name.split())
    return name if name and sure else instead


def plain(text: str, limit: int = 500) -> str:
    """One line of `text` without control characters, at most `limit` characters."""
    line = _UNPRINTABLE.sub(" ", text).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


def about(host: str, text: str) -> str:
    """`text` with the name of the host that it is about in front, unless it begins with that."""
    named = text.startswith(host) and text[len(host) : len(host) + 1] in (":", " ", "/", "'", "")
    return text if named else f"{host}: {text}"


def harmless(text: str) -> str:
    """`text` with its lines, tabs and colours, and nothing else that steers a terminal."""
    if not _STEERING.search(text):
        return text
    parts, end = [], 0
    for match in ESCAPES.finditer(text):
        parts += [_STEERING.sub("", text[end : match.start()]), match[0] if _COLOUR.match(match[0]) else ""]
        end = match.end()
    return "".join([*parts, _STEERING.sub("", text[end:])])
