"""What `.dockerignore` keeps out of a build context, to the letter as docker reads it.

Sources: moby/patternmatcher (patternmatcher.go, ignorefile/ignorefile.go) for lines and patterns, moby's archive
(TarWithOptions) for which directories are walked, docker/cli (build/dockerignore.go) for the two files that are always
sent."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

NAME = ".dockerignore"
Matched = tuple[bool, ...]
"""Which patterns matched a directory: what lies in it is matched by the same."""


class BadPattern(Exception):
    """A line that docker refuses."""


@dataclass(frozen=True)
class Pattern:
    """A cleaned line. `keeps`: it began with `!`."""

    text: str
    keeps: bool = False

    def match(self, path: str) -> bool:
        return self._matches(path)

    @cached_property
    def _matches(self) -> Callable[[str], bool]:
        """As compile() of patternmatcher.go: four kinds of match, which differ in odd cases (`**x`, `x**`)."""
        try:
            kind, expression = _compiled(self.text)
            found = re.compile(expression, re.DOTALL | re.ASCII)
        except re.error as error:
            raise BadPattern(f"the line {self.text}") from error
        match kind:
            case "exact":
                return lambda path: path == self.text
            case "prefix":
                return lambda path: path.startswith(self.text[:-2])
            case "suffix":
                return lambda path: path.endswith(self.text[2:]) or f"/{path}" == self.text[2:]
        return lambda path: found.match(path) is not None


def _compiled(text: str) -> tuple[str, str]:
    """The kind of match, and the regular expression where it is none of the simple ones. re.error where Go has none."""
    kind, said, at = "exact", "", 0
    while at < len(text):
        first, char = at == 0, text[at]
        at += 1
        if char == "*" and text[at : at + 1] == "*":
            at += 1
            at += text[at : at + 1] == "/"  # `**/` is `**`
            if at < len(text):
                said, kind = f"{said}(.*/)?", "regexp"
            elif kind == "exact":
                kind = "prefix"
            else:
                said, kind = f"{said}.*", "regexp"
            kind = "suffix" if first else kind
        elif char in "*?":
            said, kind = f"{said}[^/]{'*' if char == '*' else ''}", "regexp"
        elif char == "\\":
            said, kind = said + _escaped(text[at : at + 1] or "\\"), "regexp"
            at += 1
        elif char in "[]":
            said, kind = said + char, "regexp"
        else:
            said += char if char in "^-" else re.escape(char)  # both mean something in brackets
    return kind, _CLASS.sub(lambda found: found[1] + _in_class(found[2]), said) + "\\Z"


_MEANT = {letter: f"\\{letter}" for letter in "afnrtvdDsSwWbBA"} | {"z": "\\Z"}
_PLACES = {_MEANT[letter] for letter in "bBAz"}
"""What is no character, so that no brackets can hold it."""


def _escaped(char: str) -> str:
    """A character behind a backslash, which stands in an expression of Go: `\\d` is a digit there, not a `d`."""
    if not (char.isascii() and char.isalnum()):
        return re.escape(char)
    if char not in _MEANT:
        raise re.error(f"\\{char} means nothing")
    return _MEANT[char]


def _in_class(text: str) -> str:
    if _PLACES & set(_TOKEN.findall(text)):
        raise re.error(f"[{text}] holds a place")
    return text.replace("[", "\\[")


_TOKEN = re.compile(r"\\.|.", re.DOTALL)
_CLASS = re.compile(r"(\\.|\[)((?:(?<=\[)(?:\\.|[^\]\\])+)?)", re.DOTALL)
"""An escaped character, or brackets with what is in them: there Go takes a bracket as it is, and Python warns of it."""


def read(text: str) -> tuple[Pattern, ...]:
    """The patterns of a file. BadPattern where docker refuses it."""
    found = []
    for line in text.removeprefix("\ufeff").splitlines():
        word = "" if line.startswith("#") else line.strip()
        if not word:
            continue
        keeps = word.startswith("!")
        word = word[1:].strip() if keeps else word
        if keeps and not word:
            raise BadPattern("a line that is only !")
        word = posixpath.normpath(word).replace("//", "/", 1)  # which keeps two slashes in front
        word = word.lstrip("/") if len(word) > 1 else word
        if not keeps and word.startswith("!"):
            keeps, word = True, word[1:]
        if not word or (keeps and word == "/") or not _is_valid(word):
            raise BadPattern(f"the line {line.strip()}")
        found.append(Pattern(word, keeps))
    return tuple(found)


_ONE = r"(?:\\.|[^\\\]-])"
_VALID = re.compile(rf"(?:\\.|\[\^?+(?:{_ONE}(?:-{_ONE})?)+\]|[^\\\[])*\Z", re.DOTALL)
"""As Go's filepath.Match wants it: brackets end, hold something, and a backslash stands before something."""


def _is_valid(pattern: str) -> bool:
    return _VALID.match(pattern) is not None


@dataclass(frozen=True)
class Ignore:
    """The patterns of a context, in their order: the last that matches decides."""

    patterns: tuple[Pattern, ...] = ()

    @classmethod
    def of(cls, text: str, always: Sequence[str]) -> Ignore:
        """`always`: files that are sent whatever the text says, since the engine reads them."""
        patterns = read(text)
        for name in always:
            if Ignore(patterns).leaves_out(name):
                patterns = (*patterns, Pattern(name, keeps=True))
        return cls(patterns)

    def leaves_out(self, path: str) -> bool:
        """Whether it, or a directory that it lies in, is left out."""
        matched: Matched = ()
        parts = path.split("/")
        out = False
        for depth in range(len(parts)):
            out, matched = self.look("/".join(parts[: depth + 1]), matched)
        return out

    def look(self, path: str, above: Matched) -> tuple[bool, Matched]:
        """Whether `path` is left out, and which patterns matched it; `above`: those of its directory."""
        out = False
        matched = []
        for number, pattern in enumerate(self.patterns):
            match = bool(above) and above[number]
            if not match and pattern.keeps == out:
                match = pattern.match(path)
            matched.append(match)
            out = not pattern.keeps if match else out
        return out, tuple(matched)

    def enters(self, directory: str) -> bool:
        """Whether a directory that is left out is looked into all the same: a `!` may lead there."""
        return any(one.keeps and f"{one.text}/".startswith(f"{directory}/") for one in self.patterns)
