"""Where in a text docker, or what is used like it, is asked to run something. Pure, and quick: no word is read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gpuws.config.imports.run.words import plain_spaces

_VALUED = "H|host|c|context|config|l|log-level|tlscacert|tlscert|tlskey|connection|url"
"""Flags of docker's program itself that a word follows."""
_GAP = r"(?:[ \t]|\\[ \t]*\n)+"
_ABOVE = rf"(?:{_GAP}--?(?:{_VALUED})(?:=|{_GAP})[^\s-]\S*|{_GAP}--?[A-Za-z][\w-]*(?:=\S*)?)*"
_RUN = re.compile(
    r"(?<![\w./-])(?:[\w.~/-]*/)?(?P<program>docker|podman|nerdctl|nvidia-docker2?)(?:\.exe)?"
    rf"(?P<above>{_ABOVE}){_GAP}(?:container{_GAP})?(?:run|create)(?=[ \t\\\n]|\Z)"
)
_PROMPTS = (
    r"(?:PS )?[^\s'\"#$]*[$#%>❯»λ][ \t]*",  # $, >, PS C:\>, host%
    r"\S+@\S+[^\n#$%>]*[$#%>][ \t]*",  # me@host:~/x$
    r"\d+\.?[ \t]+",  # of a list, or of a shell's history
    r"[-*+•][ \t]+",
)
_WORDS = r"(?:(?:sudo|doas|time|exec|nohup|command|env|eval|!|-[A-Za-z]+|[A-Za-z_]\w*=\S*)[ \t]+)*"
_CLEAN = re.compile(rf"[ \t]*(?:\([\w .-]+\)[ \t]*)?(?:{'|'.join(_PROMPTS)})?!?{_WORDS}(?:[A-Za-z_]\w*=)?[`'\"(${{]*\Z")
_AMID_WORDS = re.compile(rf"(?:{_GAP}-|{_GAP}\S*[/:]\S)")


@dataclass(frozen=True, slots=True)
class Place:
    """`before`: what stands in front of it in its line. `program`, `above`: docker's, and its own flags.

    `end`: where its arguments begin. `line`: from 1. `rank`: 0 as a command, 1 behind a #, 2 amid other words."""

    start: int
    end: int
    program: str
    above: str
    before: str
    line: int
    rank: int


def places(text: str) -> tuple[Place, ...]:
    """Those that look most like commands."""
    text = plain_spaces(text)
    found = [_place(text, match) for match in _RUN.finditer(text)]
    found = [one for one in found if one.rank < 2 or _AMID_WORDS.match(text, one.end)]
    best = min((one.rank for one in found), default=0)
    return tuple(one for one in found if one.rank == best)


def _place(text: str, match: re.Match[str]) -> Place:
    before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
    rank = 0 if _CLEAN.match(before) else 2
    rank = 1 if rank == 0 and before.lstrip().startswith("#") else rank
    above = " ".join(match["above"].replace("\\\n", " ").split())
    line = 1 + text.count("\n", 0, match.start())
    return Place(match.start(), match.end(), match["program"], above, before, line, rank)
