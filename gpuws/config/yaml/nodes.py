"""What a YAML file says, with the place of every key and value. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Position:
    """Where something stands; lines and columns count from 1. `line` 0: not from a file but from `path` as a whole."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """`text` is what was written: `2.10` stays `2.10` where text is meant, whatever number it is."""

    mark: Position
    value: Value
    text: str


@dataclass(frozen=True, slots=True)
class ListNode:
    mark: Position
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A key's place and what stands under it."""

    mark: Position
    node: Node


@dataclass(frozen=True, slots=True)
class MapNode:
    mark: Position
    entries: Mapping[str, Entry]

    def get(self, key: str) -> Node | None:
        entry = self.entries.get(key)
        return entry.node if entry else None


Node = ScalarNode | ListNode | MapNode
Location = tuple[str | int, ...]


class WrittenInt(int):
    """An integer that remembers how it was written."""

    text: str


class WrittenFloat(float):
    """A number that remembers how it was written."""

    text: str


def to_data(node: Node) -> Any:
    """Plain dicts, lists and scalars; numbers know their text."""
    match node:
        case MapNode():
            return {key: to_data(entry.node) for key, entry in node.entries.items()}
        case ListNode():
            return [to_data(item) for item in node.items]
        case ScalarNode(value=bool() | str() | None):
            return node.value
        case ScalarNode(value=int() as number):
            return _remembering(WrittenInt(number), node.text)
        case ScalarNode(value=float() as number):
            return _remembering(WrittenFloat(number), node.text)


def _remembering(number: WrittenInt | WrittenFloat, text: str) -> WrittenInt | WrittenFloat:
    number.text = text
    return number


def kind(node: Node) -> str:
    """What a node is, in words a user reads."""
    match node:
        case MapNode():
            return "a map"
        case ListNode():
            return "a list"
        case ScalarNode(value=None):
            return "nothing"
        case ScalarNode(value=bool()):
            return "true" if node.value else "false"
        case ScalarNode(value=str()):
            return "text"
    return "a number"


def is_null(node: Node | None) -> bool:
    return node is None or (isinstance(node, ScalarNode) and node.value is None)


def walk(node: Node, location: Location) -> tuple[Position, Node, str]:
    """As far along `location` as the tree goes: the last key's place, the node there, and the dotted key."""
    mark, key = node.mark, ""
    for step in location:
        if isinstance(node, MapNode) and isinstance(step, str) and step in node.entries:
            entry = node.entries[step]
            mark, node, key = entry.mark, entry.node, f"{key}.{step}" if key else step
        elif isinstance(node, ListNode) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            mark, key = node.mark, f"{key}[{step}]"
        else:
            break
    return mark, node, key


def leaves(node: Node, key: str = "") -> Iterator[tuple[str, ScalarNode | ListNode | MapNode]]:
    """Every scalar with its dotted key; empty lists and maps count as leaves."""
    if isinstance(node, MapNode) and node.entries:
        for name, entry in node.entries.items():
            yield from leaves(entry.node, f"{key}.{name}" if key else name)
    elif isinstance(node, ListNode) and node.items:
        for index, item in enumerate(node.items):
            yield from leaves(item, f"{key}[{index}]")
    else:
        yield key, node
