"""Which problems of a profile may vanish once its variables are known. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from gpuws.config.merge.variables import has_variables
from gpuws.config.yaml.nodes import ListNode, MapNode, Node, Position, ScalarNode
from gpuws.config.yaml.problems import Problem


def without_waiting(tree: MapNode, problems: list[Problem]) -> list[Problem]:
    """`problems` less those of values that hold a variable, where it could be their cure."""
    waiting = {(mark.path, mark.line, mark.column) for mark in _marks(tree)}
    return [problem for problem in problems if _place(problem) not in waiting or _stays(problem)]


def _stays(problem: Problem) -> bool:
    return problem.unknown or problem.key in _no_scalars()


def _place(problem: Problem) -> tuple[str, int, int]:
    return problem.path, problem.line, problem.column


@cache
def _no_scalars() -> frozenset[str]:
    """Keys that are lists or maps in every form: a variable stands for a scalar, so it can't be what they wait for."""
    from gpuws.config.schema import json_schema

    schema = json_schema()
    sections = {f"#/$defs/{name}": section for name, section in schema["$defs"].items()}
    found = set()
    for key, value in schema["properties"].items():
        found |= set() if _is_scalar(value) else {key}
        for option in value.get("anyOf", ()):
            inner = sections.get(option.get("$ref"), {}).get("properties", {})
            found |= {f"{key}.{name}" for name, told in inner.items() if not _is_scalar(told)}
    return frozenset(found)


def _is_scalar(value: Mapping[str, Any]) -> bool:
    """Whether it may be one by its schema."""
    types = value.get("type", ())
    told = {types} if isinstance(types, str) else set(types)
    return "enum" in value or bool(told - {"array", "object", "null"}) or any(map(_is_scalar, value.get("anyOf", ())))


def _marks(node: Node) -> Iterator[Position]:
    match node:
        case MapNode():
            for key, entry in node.entries.items():
                # The list of GPUs is judged as a whole.
                if (isinstance(entry.node, ScalarNode) or key == "gpus") and has_variables(entry.node):
                    yield entry.mark
                yield from _marks(entry.node)
        case ListNode():
            for item in node.items:
                yield from _marks(item)
        case ScalarNode() if has_variables(node):
            yield node.mark
