"""Which problems of a profile may vanish once its variables are known. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.config.nodes import ListNode, MapNode, Mark, Node, ScalarNode
from gpuws.config.problems import Problem
from gpuws.config.variables import has_variables

# A variable stands for a scalar, which none of these can be.
_NO_SCALARS = frozenset({"build.args", "environment", "labels", "ports", "ulimits", "volumes"})


def without_waiting(tree: MapNode, problems: list[Problem]) -> list[Problem]:
    """`problems` less those of values that hold a variable, where it could be their cure."""
    waiting = {(mark.path, mark.line, mark.column) for mark in _marks(tree)}
    return [problem for problem in problems if _stays(problem) or _place(problem) not in waiting]


def _stays(problem: Problem) -> bool:
    return problem.unknown or problem.key in _NO_SCALARS


def _place(problem: Problem) -> tuple[str, int, int]:
    return problem.path, problem.line, problem.column


def _marks(node: Node) -> Iterator[Mark]:
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
