"""What is wrong with a file, and where; all problems of it at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gpuws.config.yaml.nodes import Position
from gpuws.model.errors import UsageError
from gpuws.model.text import plain


@dataclass(frozen=True, slots=True)
class Problem:
    """`message` says what was expected; `suggestion` is the nearest valid word, "" where there is none.

    `line` 0: the problem is with the file as a whole, or with an option of the command line. `unknown`: nobody knows
    the key, whatever its value."""

    path: str
    line: int
    column: int
    key: str
    message: str
    suggestion: str = ""
    unknown: bool = False

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}:{self.column}" if self.line else self.path
        key = f"{plain(self.key, 100)}: " if self.key else ""
        hint = f" (did you mean {self.suggestion}?)" if self.suggestion else ""
        return f"{plain(where)}: {key}{plain(self.message)}{hint}"


class ConfigProblems(UsageError):
    """Every problem found, one a line: `file:line:column: key: what was expected (did you mean …?)`."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda p: (p.path, p.line, p.column, p.key, p.message)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def problem_at(mark: Position, key: str, message: str, suggestion: str = "") -> Problem:
    return Problem(mark.path, mark.line, mark.column, key, message, suggestion)


def nearest(word: str, valid: Iterable[str]) -> str:
    """The one of the `valid` words that a misspelt or shortened one can only mean, or "": a wrong guess is worse."""
    told = plainly(word)
    by_letters: dict[str, list[str]] = {}
    for each in valid:
        by_letters.setdefault(plainly(each), []).append(each)
    most = 0 if len(told) < 3 else 1 if len(told) < 8 else 2
    close: dict[str, int] = {}
    for letters in by_letters:
        away = _edits(told, letters, most)
        if away <= most and (len(told) > 3 or letters[:1] == told[:1]):
            close[letters] = away
    found = [one for one, away in close.items() if away == min(close.values())]
    if not close and len(told) >= 3:  # its first words only
        found = [one for one, names in by_letters.items() if names[0].lower().startswith(f"{word.lower()}_")]
    return by_letters[found[0]][0] if len(found) == 1 else ""


def plainly(word: str) -> str:
    """A key without what people write in different ways: `shm-size`, `shmSize` and `SHM_SIZE` are one."""
    return re.sub(r"[-_. ]", "", word[:64]).lower()


def _edits(word: str, other: str, most: int) -> int:
    """How many letters too many, missing, wrong or swapped with the next; more than `most` is only known to be more."""
    if abs(len(word) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(word, 1):
        now = [row]
        for column, theirs in enumerate(other, 1):
            least = min(last[column] + 1, now[column - 1] + 1, last[column - 1] + (letter != theirs))
            if row > 1 and column > 1 and letter == other[column - 2] and word[row - 2] == theirs:
                least = min(least, before[column - 2] + 1)
            now.append(least)
        before, last = last, now
        if min(now) > most:
            return most + 1
    return last[-1]
