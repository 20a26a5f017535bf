"""How light the terminal is: what it is asked, and its answers, taken out of what is typed. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

QUERY = "\x1b]11;?\x07\x1b[c"
"""The colour of the background (xterm's OSC 11), then what it is (DA1): every terminal answers the second, in order, so
that nobody waits for one that does not know the first."""

_ANSWER = re.compile(r"\x1b\]11;([^\x07\x1b]{0,64})(?:\x07|\x1b\\)|\x1b\[\?[\d;]{0,32}c")
_BEGUN = re.compile(r"\x1b(?:\](?:1(?:1(?:;[^\x07\x1b]{0,64}\x1b?)?)?)?|\[(?:\?[\d;]{0,32})?)?\Z")
_KEYS = ("\x1b", "\x1b[", "\x1b]")
"""What a person can have typed so far: escape, and alt with a bracket."""

_COLOUR = re.compile(r"rgba?:([\da-fA-F]{1,4})/([\da-fA-F]{1,4})/([\da-fA-F]{1,4})")
MUTE = frozenset({"", "dumb", "linux"})
"""Terminals (TERM) that are not asked: they would show the question, or have no colour to tell."""


class Answers:
    """`take` hands on what is typed; `dark` is what the terminal told by then. `over`: it has told all that it will at
    once; between it and us may be one (tmux) that answers for itself, and hands on the other answer late."""

    def __init__(self) -> None:
        self.dark: bool | None = None
        self.over = True
        self._held = ""

    def ask(self) -> str:
        """What to write to the terminal."""
        self.over = False
        return QUERY

    def take(self, text: str) -> str:
        """What of it was typed. The beginning of an answer is held until the rest comes."""
        typed = _ANSWER.sub(self._answered, self._held + text)
        begun = _BEGUN.search(typed)
        self._held = begun.group() if begun and not (self.over and begun.group() in _KEYS) else ""
        return typed[: len(typed) - len(self._held)]

    def rest(self) -> str:
        """Nothing more comes now: what of that which is held was a key."""
        typed, self._held = (self._held, "") if self._held in _KEYS else ("", self._held)
        return typed

    def _answered(self, found: re.Match[str]) -> str:
        if found.group(1) is None:
            self.over = True
        elif (light := lightness(found.group(1))) is not None:
            self.dark = light < 0.5
        return ""


def lightness(told: str) -> float | None:
    """0 to 1, of `rgb:RRRR/GGGG/BBBB`, each of one to four digits; None: it is no colour."""
    found = _COLOUR.match(told)
    if found is None:
        return None
    red, green, blue = (int(part, 16) / int("f" * len(part), 16) for part in found.groups())
    return 0.299 * red + 0.587 * green + 0.114 * blue


def dark_by_environment(environ: Mapping[str, str]) -> bool | None:
    """By COLORFGBG (`15;0`: foreground and background of sixteen), which some terminals set; None: not told."""
    background = environ.get("COLORFGBG", "").rpartition(";")[2]
    return int(background) in (*range(7), 8) if background.isdecimal() else None
