"""`--set KEY=VALUE`: a dotted key and a YAML 1.2 scalar, laid over a profile. Pure."""

from __future__ import annotations

from gpuws.config.merge.maps import APPEND
from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, Node, Position, ScalarNode
from gpuws.config.yaml.problems import ConfigProblems, problem_at
from gpuws.config.yaml.scalars import resolve

# What follows their first dot is one key: `labels.com.example.team`.
_TEXT_MAPS = ("environment", "labels", "build.args")
_TOO_LATE = frozenset({"extends", "hosts"})


def override(text: str) -> MapNode:
    """The map that one `--set` stands for."""
    mark = Position(f"--set {text}")
    key, equals, value = text.partition("=")
    parts = _split(key.strip())
    if not equals or not all(parts):
        raise ConfigProblems([problem_at(mark, "", "expected KEY=VALUE, such as mem_limit=64g or environment.DEBUG=1")])
    if parts[0] in _TOO_LATE:
        raise ConfigProblems([problem_at(mark, parts[0], "can't be set for one launch")])
    node: Node = ScalarNode(mark, resolve(value), value)
    if parts[-1].endswith(APPEND):
        node = ListNode(mark, (node,))
    for part in reversed(parts):
        node = MapNode(mark, {part: Entry(mark, node)})
    assert isinstance(node, MapNode)
    return node


def _split(key: str) -> list[str]:
    for name in _TEXT_MAPS:
        if key.startswith(f"{name}."):
            return [*name.split("."), key[len(name) + 1 :]]
    return key.split(".")
