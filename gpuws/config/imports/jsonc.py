"""JSON with comments and trailing commas → a tree that knows the line and column of every key and value. Pure."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field

from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, Node, Position, ScalarNode, Value
from gpuws.config.yaml.problems import ConfigProblems, Problem, problem_at
from gpuws.config.yaml.reader import MAX_DEPTH

_SPACE = re.compile(r"(?:[ \t\r\n\ufeff]+|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_WORD = re.compile(r"-?[0-9][0-9.eE+-]*|[A-Za-z_$][\w$]*")
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None}


def read_jsonc(text: str, path: str) -> MapNode:
    """The object that `text` is; `path` names it in problems. ConfigProblems where it is none."""
    reader = _Reader(text, path)
    node = reader.value(0)
    reader.skip()
    if reader.at < len(text):
        raise reader.wrong("expected nothing more after the closing }")
    if not isinstance(node, MapNode):
        raise ConfigProblems([problem_at(node.mark, "", "expected an object, such as {…}")])
    if reader.problems:
        raise ConfigProblems(reader.problems)
    return node


@dataclass(slots=True)
class _Reader:
    text: str
    path: str
    at: int = 0
    problems: list[Problem] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", self.text))]

    def skip(self) -> None:
        if match := _SPACE.match(self.text, self.at):
            self.at = match.end()
        if self.text.startswith("/*", self.at):
            raise self.wrong("a comment that begins with /* has no */")

    def value(self, depth: int) -> Node:
        self.skip()
        mark = self._mark()
        if depth > MAX_DEPTH:
            raise self.wrong(f"nested deeper than {MAX_DEPTH} levels")
        match self.text[self.at : self.at + 1]:
            case "{":
                return self._object(mark, depth)
            case "[":
                return self._list(mark, depth)
            case '"':
                text = self._string()
                return ScalarNode(mark, text, text)
        return self._word(mark)

    def wrong(self, message: str) -> ConfigProblems:
        found = "; the text ends here" if self.at >= len(self.text) else ""
        return ConfigProblems([*self.problems, problem_at(self._mark(), "", f"is not JSON: {message}{found}")])

    def _object(self, mark: Position, depth: int) -> MapNode:
        entries: dict[str, Entry] = {}
        self.at += 1
        while not self._closed("}"):
            place = self._mark()
            if self.text[self.at : self.at + 1] != '"':
                raise self.wrong('expected a key in double quotes, such as "image"')
            key = self._string()
            self.skip()
            if self.text[self.at : self.at + 1] != ":":
                raise self.wrong(f'expected a colon after "{key}"')
            self.at += 1
            node = self.value(depth + 1)
            if before := entries.get(key):
                self.problems.append(problem_at(place, key, f"stands twice; first in line {before.mark.line}"))
            else:
                entries[key] = Entry(place, node)
            self._separated("}")
        return MapNode(mark, entries)

    def _list(self, mark: Position, depth: int) -> ListNode:
        items: list[Node] = []
        self.at += 1
        while not self._closed("]"):
            items.append(self.value(depth + 1))
            self._separated("]")
        return ListNode(mark, tuple(items))

    def _closed(self, end: str) -> bool:
        self.skip()
        if self.at >= len(self.text):
            raise self.wrong(f"expected {end}")
        if self.text[self.at] != end:
            return False
        self.at += 1
        return True

    def _separated(self, end: str) -> None:
        """A comma, which may stand before the end too, or the end."""
        self.skip()
        if self.text[self.at : self.at + 1] == ",":
            self.at += 1
        elif self.text[self.at : self.at + 1] != end:
            raise self.wrong(f"expected a comma or {end}")

    def _string(self) -> str:
        match = _STRING.match(self.text, self.at)
        if match is None:
            raise self.wrong("a text has no closing quotes in its line")
        try:
            text = json.loads(match[0])
        except ValueError as error:
            raise self.wrong("a text has an escape that JSON does not know") from error
        self.at = match.end()
        return str(text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _word(self, mark: Position) -> ScalarNode:
        match = _WORD.match(self.text, self.at)
        if match is None:
            raise self.wrong("expected a value")
        word = match[0]
        if word in _WORDS:
            found = _WORDS[word]
        else:
            try:
                found = json.loads(word)
            except ValueError as error:
                raise self.wrong(f'expected a value, not {word[:40]}; text stands in double quotes: "…"') from error
        self.at = match.end()
        return ScalarNode(mark, found, word)

    def _mark(self) -> Position:
        line = bisect_right(self._starts, self.at)
        return Position(self.path, line, self.at - self._starts[line - 1] + 1)
