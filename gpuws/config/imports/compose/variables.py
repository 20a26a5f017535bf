"""`$NAME` and `${NAME:-default}` in the scalars of a Compose file, replaced as Compose does. Pure.

https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, Node, Position, ScalarNode
from gpuws.config.yaml.problems import Problem, problem_at
from gpuws.config.yaml.scalars import resolve
from gpuws.model.secret import HIDDEN, is_secret

Origin = Literal["environment", "file", "default", "nowhere"]

_TOKEN = re.compile(r"\$(?:(\$)|([A-Za-z_][A-Za-z0-9_]*)|(\{))")
_BRACED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::?[-?+])?")
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Use:
    """A variable that a value was made with, and where its own value is from: `file` is the `.env`."""

    name: str
    origin: Origin

    @property
    def hidden(self) -> bool:
        """It looks like a secret, so `***` stands where its value would."""
        return self.origin in ("environment", "file") and is_secret(self.name, "")


@dataclass(slots=True)
class Variables:
    """Where values come from: the caller's environment, then the `.env` beside the file.

    Of scalars by their place: `uses`, what each was made with; `missing`, what Compose refuses; `alone`, the name of
    the variable that is all of it, or all behind NAME=."""

    environ: Mapping[str, str] = field(repr=False)
    file: Mapping[str, str] = field(default_factory=dict, repr=False)
    uses: dict[Position, tuple[Use, ...]] = field(default_factory=dict)
    missing: dict[Position, Problem] = field(default_factory=dict)
    alone: dict[Position, str] = field(default_factory=dict)

    def replaced(self, tree: MapNode) -> MapNode:
        """`tree` with its variables replaced."""
        found = self._node(tree, "")
        assert isinstance(found, MapNode)
        return found

    def _node(self, node: Node, key: str) -> Node:
        match node:
            case MapNode():
                entries = {
                    name: Entry(entry.mark, self._node(entry.node, f"{key}.{name}" if key else name))
                    for name, entry in node.entries.items()
                }
                return replace(node, entries=entries)
            case ListNode():
                items = tuple(self._node(item, f"{key}[{index}]") for index, item in enumerate(node.items))
                return replace(node, items=items)
        return self._scalar(node, key) if isinstance(node.value, str) and "$" in node.value else node

    def _scalar(self, node: ScalarNode, key: str) -> ScalarNode:
        written = str(node.value)
        uses: list[Use] = []
        try:
            text = "".join(self._parts(written, uses, 0))
        except _NotSo as error:
            self.missing[node.mark] = problem_at(node.mark, key, str(error))
            text = ""
        if uses:
            self.uses[node.mark] = tuple(uses)
        if name := only_variable(written.partition("=")[2] or written):
            self.alone[node.mark] = name
        value = resolve(text) if uses else text
        return replace(node, text=text, value=text if value is None else value)

    def _parts(self, text: str, uses: list[Use], depth: int) -> Iterator[str]:
        if depth > _DEEPEST:
            raise _NotSo("variables stand in variables too deep")
        at = 0
        for match in _TOKEN.finditer(text):
            if match.start() < at:
                continue  # within the braces of the last one
            yield _literal(text[at : match.start()])
            at = match.end()
            if match[1]:
                yield "$"
            elif match[2]:
                yield self._value(match[2], uses)
            else:
                end = _closing(text, at)
                yield self._braced(text[at:end], uses, depth)
                at = end + 1
        yield _literal(text[at:])

    def _value(self, name: str, uses: list[Use]) -> str:
        uses.append(Use(name, self._origin(name)))
        return HIDDEN if uses[-1].hidden else self._found(name) or ""

    def _braced(self, inner: str, uses: list[Use], depth: int) -> str:
        match = _BRACED.match(inner)
        if not match or (len(match[0]) < len(inner) and match[0] == match[1]):
            raise _NotSo("expected ${NAME}, ${NAME:-default} or ${NAME:?message}; a dollar itself is written $$")
        name, how, word = match[1], match[0][len(match[1]) :], inner[match.end() :]
        found = self._found(name)
        there = bool(found) if how.startswith(":") else found is not None
        if how.endswith("-") and not there:
            uses.append(Use(name, "default"))
            return "".join(self._parts(word, uses, depth + 1))
        if how.endswith("+"):
            uses.append(Use(name, self._origin(name) if there else "default"))
            return "".join(self._parts(word, uses, depth + 1)) if there else ""
        uses.append(Use(name, self._origin(name)))
        if how.endswith("?") and not there:
            said = f": {word}" if word else ""
            raise _NotSo(f"the variable {name} must have a value{said}; set it in your environment")
        return HIDDEN if uses[-1].hidden else found or ""

    def _found(self, name: str) -> str | None:
        return self.environ.get(name, self.file.get(name))

    def _origin(self, name: str) -> Origin:
        return "environment" if name in self.environ else "file" if name in self.file else "nowhere"


def only_variable(text: str) -> str:
    """The name where a text is `$NAME`, `${NAME}` or `${NAME:?…}` and nothing else; "" otherwise."""
    match = re.fullmatch(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?\?[^{}]*)?\})", text)
    return (match[1] or match[2]) if match else ""


class _NotSo(Exception):
    """A variable that Compose refuses; says why."""


def _closing(text: str, start: int) -> int:
    depth = 1
    for index in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if depth == 0:
            return index
    raise _NotSo("${ has no }; a dollar itself is written $$")


def _literal(text: str) -> str:
    if "$" in text:
        raise _NotSo("expected a variable's name after $; a dollar itself is written $$")
    return text
