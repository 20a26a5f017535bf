"""Laying one map over another: maps merge, lists and scalars replace, `key+` appends to a list. Pure."""

from __future__ import annotations

from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, is_null, kind
from gpuws.config.yaml.problems import Problem, problem_at

APPEND = "+"
# Maps whose keys are the user's own words: a plus there is a letter like others.
_OWN_WORDS = frozenset({"environment", "labels", "args"})


def merge(below: MapNode, above: MapNode, problems: list[Problem]) -> MapNode:
    """`above` over `below`; what can't be appended goes to `problems`."""
    entries = dict(below.entries)
    for key, entry in above.entries.items():
        if not key.endswith(APPEND):
            entries[key] = _laid_over(key, entries.get(key), entry, problems)
    for key, entry in above.entries.items():
        if key.endswith(APPEND):
            name = key.removesuffix(APPEND)
            appended = _appended(name, entries.get(name), entry, problems)
            if appended is not None:
                entries[name] = appended
    return MapNode(above.mark, entries)


def settled(node: MapNode, problems: list[Problem]) -> MapNode:
    """`node` with every `key+` taken as `key`: nothing is below it."""
    return merge(MapNode(node.mark, {}), node, problems)


def _laid_over(key: str, below: Entry | None, above: Entry, problems: list[Problem]) -> Entry:
    if not isinstance(above.node, MapNode):
        return above
    base = below.node if below and isinstance(below.node, MapNode) else MapNode(above.mark, {})
    if key in _OWN_WORDS:
        return Entry(above.mark, MapNode(above.node.mark, {**base.entries, **above.node.entries}))
    return Entry(above.mark, merge(base, above.node, problems))


def _appended(key: str, below: Entry | None, above: Entry, problems: list[Problem]) -> Entry | None:
    if not isinstance(above.node, ListNode):
        problems.append(problem_at(above.mark, key + APPEND, f"expected a list to append, not {kind(above.node)}"))
        return below
    if below is None or is_null(below.node):
        return above
    if not isinstance(below.node, ListNode):
        what = f"only a list can be appended to; {below.mark} holds {kind(below.node)}"
        if isinstance(below.node, MapNode):
            what = f"maps merge without a plus: write {key}"
        problems.append(problem_at(above.mark, key + APPEND, what))
        return below
    return Entry(above.mark, ListNode(above.node.mark, below.node.items + above.node.items))
