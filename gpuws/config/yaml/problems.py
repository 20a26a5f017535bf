"""What is wrong with a file, and where; all problems of it at once."""

from __future__ import annotations

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
    """The valid word meant by a misspelt or shortened one, or ""."""
    import difflib

    words = sorted(valid)
    lowered = word.lower().replace("-", "_")
    by_lower = {candidate.lower(): candidate for candidate in words}
    if close := difflib.get_close_matches(lowered[:64], by_lower, n=1, cutoff=0.6):
        return by_lower[close[0]]
    parts = [
        candidate
        for key, candidate in by_lower.items()
        if min(len(lowered), len(key)) > 2 and (lowered in key or key in lowered)
    ]
    return min(parts, key=len) if parts else ""
