"""Files of NAME=VALUE lines on the workstation, as Compose reads them, without interpolation. They hold secrets."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

from gpuws.config.yaml.nodes import Position
from gpuws.config.yaml.problems import ConfigProblems, problem_at

_MOST = 1 << 20
_LINE = re.compile(r"(?:export\s+)?([^\s=#'\"]+)\s*(?:=\s*(.*))?\Z")
_QUOTED = re.compile(r"""(?:'([^']*)'|"((?:[^"\\]|\\.)*)")\s*(?:#.*)?\Z""")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class EnvLine:
    """`value` None: a bare name, taken from the caller's environment."""

    name: str
    value: str | None = field(repr=False)
    line: int


def read_env_file(path: Path) -> tuple[EnvLine, ...]:
    """The file's variables in order; the last of a name counts. ConfigProblems never quote a line."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ConfigProblems([problem_at(Position(str(path)), "", "is not a file")])
        with path.open("rb") as file:
            data = file.read(_MOST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigProblems([problem_at(Position(str(path)), "", f"can't be read: {reason}")]) from error
    if len(data) > _MOST:
        raise ConfigProblems([problem_at(Position(str(path)), "", "is larger than 1 MiB")])
    return parse_env_file(data.decode("utf-8-sig", "replace"), str(path))


def parse_env_file(told: str, path: str) -> tuple[EnvLine, ...]:
    """The variables of a text; `path` names it in problems."""
    lines, problems = [], []
    for number, line in enumerate(told.split("\n"), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        match = _LINE.match(text)
        if match and "\0" not in text:
            lines.append(EnvLine(match[1], None if match[2] is None else _value(match[2]), number))
        else:
            problems.append(problem_at(Position(path, number, 1), "", "expected NAME=VALUE"))
    if problems:
        raise ConfigProblems(problems)
    return tuple(lines)


def readable_by_others(path: Path) -> bool:
    """Whether other users of this workstation may read it."""
    try:
        return bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return False


def _value(text: str) -> str:
    if match := _QUOTED.match(text):
        if match[1] is not None:
            return match[1]
        return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), match[2])
    return re.split(r"\s#", text, maxsplit=1)[0].rstrip()
