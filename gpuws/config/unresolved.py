"""Which problems of a profile may vanish once its variables are known. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.config.nodes import ListNode, MapNode, Mark, Node, ScalarNode
from gpuws.config.problems import Problem
from gpuws.config.variables import has_variables


def without_waiting(tree: MapNode, problems: list[Problem]) -> list[Problem]:
    """`problems` less those of values that hold a variable; an unknown key stays one."""
    waiting = {(mark.path, mark.line, mark.column) for mark in _marks(tree)}
    return [p for p in problems if p.message == "unknown key" or (p.path, p.line, p.column) not in waiting]


def _marks(node: Node) -> Iterator[Mark]:
    match node:
        case MapNode():
            for entry in node.entries.values():
                if isinstance(entry.node, ScalarNode) and has_variables(entry.node):
                    yield entry.mark
                yield from _marks(entry.node)
        case ListNode():
            for item in node.items:
                yield from _marks(item)
        case ScalarNode() if has_variables(node):
            yield node.mark
