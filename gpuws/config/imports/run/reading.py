"""What is gathered from `docker run`'s flags, one after the other, until all are known. Texts are as in a profile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gpuws.config.imports.draft import Draft
from gpuws.config.yaml.nodes import Position

VARIABLE = re.compile(r"(?<!\$)(?:\$\$)*\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""What waits for a value."""


@dataclass(slots=True)
class Reading:
    """`line`: of the flag that is read now; `written`: that flag.

    `expansions`: what a shell would have replaced, as it was written, by the name that stands for it. `parts`: values
    of flags that mean something only together with others. `given`: values of variables that only are named in the
    profile, since they look secret; None: they are not kept. `directory`: where paths of this machine begin; None: the
    text says nothing of that."""

    draft: Draft
    expansions: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] | None = None
    directory: Path | None = None
    line: int = 1
    written: str = ""
    parts: dict[str, list[str]] = field(default_factory=dict)
    marks: dict[str, Position] = field(default_factory=dict)

    @property
    def mark(self) -> Position:
        return Position(self.draft.source, self.line, 1)

    def say(self, key: str, value: Any) -> None:
        self.draft.say(key, value, self.mark)

    def add(self, key: str, value: Any) -> None:
        self.draft.add(key, value, self.mark)

    def put(self, key: str, name: str, value: Any) -> None:
        """`name` knows no variables: a dollar in it is one."""
        self.draft.put(key, name.replace("$$", "$"), value, self.mark)

    def keep(self, part: str, value: str) -> None:
        """For when all flags are known."""
        self.parts.setdefault(part, []).append(value)
        self.marks.setdefault(part, self.mark)

    def last(self, part: str) -> str | None:
        return self.parts[part][-1] if part in self.parts else None

    def lose(self, why: str, instead: str = "", what: str = "") -> None:
        self.draft.lose(what or self.written, self.mark, why, instead)


def is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def pairs(items: list[str]) -> Mapping[str, str]:
    """Of `NAME=VALUE`, the last of a name."""
    return {name: value for name, _, value in (item.partition("=") for item in items)}
