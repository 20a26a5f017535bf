"""A Dockerfile as the instructions that its engine counts, each with its line.

Continued lines, comments and the `escape` directive as BuildKit's parser has them, which the classic builder shares
(moby/buildkit, frontend/dockerfile/parser)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_COMMENT = re.compile(r"\s*#")
_DIRECTIVE = re.compile(r"\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$")
_INSTRUCTION = re.compile(r"\s*(\w+)\s*(.*)", re.DOTALL)
_FLAG = re.compile(r"--([a-z][a-z-]*)(?:=(\S*))?(?:\s+|$)")
_HEREDOC = re.compile(r"(?:^|\s)\d*<<(-?)(['\"]?)([A-Za-z_][\w.-]*)\2(?=\s|$)")
_TAKES_HEREDOCS = frozenset({"RUN", "COPY", "ADD"})
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?-([^}]*))?[^}]*\}|(\w+))")
NO_IMAGE = "scratch"


@dataclass(frozen=True, slots=True)
class Instruction:
    """`line`: its first, from 1. `word` in capitals. `rest`: what stands behind it, flags included, its lines joined.

    `heredocs`: their marks, `EOF`."""

    line: int
    word: str
    rest: str
    heredocs: tuple[str, ...] = ()

    @property
    def flags(self) -> Mapping[str, str]:
        """`--from=base` and such, in front."""
        found: dict[str, str] = {}
        at = 0
        while match := _FLAG.match(self.rest, at):
            found[match[1]] = match[2] or ""
            at = match.end()
        return found

    @property
    def words(self) -> str:
        """What stands behind the flags."""
        at = 0
        while match := _FLAG.match(self.rest, at):
            at = match.end()
        return self.rest[at:]

    @property
    def text(self) -> str:
        """As a person says it, on one line."""
        return f"{self.word} {' '.join(self.rest.split())}".strip()


def parse(text: str) -> tuple[Instruction, ...]:
    """All instructions in their order, right or wrong: what the engine would refuse is its to say."""
    lines = text.removeprefix("\ufeff").splitlines()
    escape = _escape(lines)
    continued = re.compile(rf"{re.escape(escape)}[ \t]*$")
    return tuple(_instructions(lines, continued))


def without_frontend(text: str) -> str:
    """With `# syntax=…` made a plain comment: BuildKit would fetch that image, and ask its client for a login."""
    lines = text.splitlines(keepends=True)
    for at, line in enumerate(lines):
        directive = _DIRECTIVE.match(line.removeprefix("\ufeff"))
        if directive is None:
            break
        if directive[1].lower() == "syntax":
            lines[at] = line.replace("=", " ", 1)
    return "".join(lines)


def _escape(lines: list[str]) -> str:
    """What continues a line: the directive counts above the first other line only."""
    for line in lines:
        directive = _DIRECTIVE.match(line)
        if directive is None:
            break
        if directive[1].lower() == "escape":
            return directive[2]
    return "\\"


def _instructions(lines: list[str], continued: re.Pattern[str]) -> Iterator[Instruction]:
    at = 0
    while at < len(lines):
        first, parts = at, list[str]()
        while at < len(lines):
            line, at = lines[at], at + 1
            if _COMMENT.match(line) or not line.strip():
                if parts:
                    continue  # within an instruction they are as if they were not there
                break
            if not (match := continued.search(line)):
                parts.append(line)
                break
            parts.append(line[: match.start()])
        if not parts or not (said := _INSTRUCTION.match("".join(parts))):
            continue
        word, rest = said[1].upper(), said[2].strip()
        marks = [found.groups() for found in _HEREDOC.finditer(rest)] if word in _TAKES_HEREDOCS else []
        for dash, _, mark in marks:
            at = _behind(lines, at, mark, stripped=bool(dash))
        yield Instruction(first + 1, word, rest, tuple(mark for _, _, mark in marks))


def _behind(lines: list[str], at: int, mark: str, *, stripped: bool) -> int:
    """Where it goes on behind a heredoc that begins at `at`."""
    while at < len(lines):
        line, at = lines[at], at + 1
        if (line.lstrip("\t") if stripped else line) == mark:
            break
    return at


def stages(instructions: tuple[Instruction, ...]) -> tuple[Instruction, ...]:
    """The `FROM`s."""
    return tuple(one for one in instructions if one.word == "FROM")


def bases(instructions: tuple[Instruction, ...], args: Mapping[str, str]) -> tuple[str, ...]:
    """The images that it stands on; those that a variable names only where its value is known."""
    values = dict[str, str]()
    earlier = {NO_IMAGE}
    found: list[str] = []
    for one in instructions:
        if one.word == "ARG" and not found:
            name, equals, default = one.words.partition("=")
            if equals or name in args:
                values[name] = args.get(name, default.strip("'\""))
        if one.word != "FROM":
            continue
        image, _, behind = one.words.partition(" ")
        named = _VARIABLE.sub(lambda said: _value(said, {**values, **args}), image)
        if named and named.lower() not in earlier and "$" not in named:
            found.append(named)
        as_, _, name = behind.strip().partition(" ")
        if as_.upper() == "AS":
            earlier.add(name.strip().lower())
    return tuple(dict.fromkeys(found))


def _value(said: re.Match[str], values: Mapping[str, str]) -> str:
    return values.get(said[1] or said[3], said[2] if said[2] is not None else "$")
