"""`--set KEY=VALUE`: a dotted key and a word, a list or a map as YAML 1.2 has them, laid over a profile. Pure."""

from __future__ import annotations

from dataclasses import replace

from gpuws.config.merge.maps import APPEND
from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, Node, Position, ScalarNode
from gpuws.config.yaml.problems import ConfigProblems, problem_at
from gpuws.config.yaml.reader import read_text
from gpuws.config.yaml.scalars import resolve

# What follows their first dot is one key: `labels.com.example.team`.
_TEXT_MAPS = ("environment", "labels", "build.args")
_BRACKETS = {"[": "]", "{": "}"}
_TOO_LATE = frozenset({"extends", "hosts"})


def override(text: str) -> MapNode:
    """The map that one `--set` stands for."""
    mark = Position(f"--set {text}")
    key, equals, value = text.partition("=")
    parts = _split(key.strip())
    if not equals or not all(parts):
        raise ConfigProblems([problem_at(mark, "", "expected KEY=VALUE, such as mem_limit=64g or environment.DEBUG=1")])
    if "[" in key:
        what = f"a list is set as a whole, {key.partition('[')[0]}=[a, b], or appended to, {key.partition('[')[0]}+=[c]"
        raise ConfigProblems([problem_at(mark, key, what)])
    if parts[0] in _TOO_LATE:
        raise ConfigProblems([problem_at(mark, parts[0], "can't be set for one launch")])
    is_text = any(key.strip().startswith(f"{name}.") for name in _TEXT_MAPS)
    node = ScalarNode(mark, resolve(value), value) if is_text else _value(value, mark, key.strip())
    if parts[-1].endswith(APPEND) and not isinstance(node, ListNode):
        node = ListNode(mark, (node,))
    for part in reversed(parts):
        node = MapNode(mark, {part: Entry(mark, node)})
    assert isinstance(node, MapNode)
    return node


def _value(text: str, mark: Position, key: str) -> Node:
    """A list or a map in YAML's brackets, else a word; `mark` stands for whatever is in it."""
    written = text.strip()
    close = _BRACKETS.get(written[:1], "")
    if not close or (close in written and not written.endswith(close)):  # `[AH]100` is a word
        return ScalarNode(mark, resolve(text), text)
    example = f"{key}=[a, b]" if close == "]" else f"{key}={{a: 1, b: 2}}"
    if not written.endswith(close):
        what = f"{written[0]} is never closed; write {example}, in quotes for the shell: --set '{example}'"
        raise ConfigProblems([problem_at(mark, key, what)])
    try:
        found = read_text(f"value: {written}", mark.path).get("value")
    except ConfigProblems as error:
        why = error.problems[0].message
        raise ConfigProblems([problem_at(mark, key, f"expected {example}, as YAML has it: {why}")]) from error
    return _marked(found, mark) if found else ScalarNode(mark, None, "")


def _marked(node: Node, mark: Position) -> Node:
    match node:
        case MapNode():
            return MapNode(mark, {key: Entry(mark, _marked(one.node, mark)) for key, one in node.entries.items()})
        case ListNode():
            return ListNode(mark, tuple(_marked(item, mark) for item in node.items))
    return replace(node, mark=mark)


def _split(key: str) -> list[str]:
    for name in _TEXT_MAPS:
        if key.startswith(f"{name}."):
            return [*name.split("."), key[len(name) + 1 :]]
    return key.split(".")
