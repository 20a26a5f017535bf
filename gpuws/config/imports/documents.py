"""Several YAML documents in one text, each with its lines where they stand. Pure."""

from __future__ import annotations

import itertools
import re

_MARK = re.compile(r"^---(?=[ \t\n]|\Z)", re.MULTILINE)
_END = re.compile(r"^\.\.\.[ \t]*$", re.MULTILINE)
_SAYS = re.compile(r"^[ \t]*[^#\s%]", re.MULTILINE)


def documents(text: str) -> tuple[str, ...]:
    """What stands between lines of `---`, with as many empty lines before it as stand before it in `text`. What holds
    comments only is none; a text without any is one."""
    marks = [0, *(match.start() for match in _MARK.finditer(text)), len(text)]
    parts = [
        "\n" * text.count("\n", 0, start) + _END.sub("", _MARK.sub("   ", text[start:end]))
        for start, end in itertools.pairwise(marks)
    ]
    return tuple(part for part in parts if _SAYS.search(part)) or (text,)
