"""A service laid over what it extends, as Compose merges. Pure: who calls it finds what is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from gpuws.config.imports.compose.mounts import target_of
from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, Node, Position, ScalarNode, is_null
from gpuws.config.yaml.problems import ConfigProblems, problem_at

_PAIRS = frozenset({"environment", "labels", "args", "sysctls", "annotations"})
"""Maps that may be written as lists of NAME=VALUE."""
_REPLACED = frozenset({"command", "entrypoint", "test"})
_MOUNTS = frozenset({"volumes", "devices"})
_NOT_INHERITED = frozenset({"extends", "depends_on", "links", "volumes_from"})


@dataclass(frozen=True, slots=True)
class Extended:
    """What `extends` names: a service, of another file where `file` is not ""."""

    mark: Position
    service: str
    file: str


def extended(service: MapNode) -> Extended | None:
    """ConfigProblems where it names nothing."""
    entry = service.entries.get("extends")
    if entry is None or is_null(entry.node):
        return None
    if isinstance(entry.node, ScalarNode):
        return Extended(entry.mark, entry.node.text, "")
    named = entry.node.get("service") if isinstance(entry.node, MapNode) else None
    file = entry.node.get("file") if isinstance(entry.node, MapNode) else None
    if not isinstance(named, ScalarNode) or not (file is None or isinstance(file, ScalarNode)):
        raise ConfigProblems([problem_at(entry.mark, "extends", "expected a service's name, or service and file")])
    return Extended(entry.mark, named.text, file.text if isinstance(file, ScalarNode) else "")


Found = Callable[[Extended], tuple[MapNode, "Found"]]
"""The service that an `extends` names, and how those that it names are found in turn."""


def whole(name: str, service: MapNode, find: Found, seen: tuple[tuple[str, str], ...] = ()) -> MapNode:
    """`service` laid over all that it extends."""
    above = extended(service)
    here = (service.mark.path, name)
    if above is None:
        return service
    if here in seen:
        around = " → ".join(one for _, one in (*seen[seen.index(here) :], here))
        raise ConfigProblems([problem_at(above.mark, "extends", f"goes in a circle: {around}")])
    base, beyond = find(above)
    base = whole(above.service, base, beyond, (*seen, here))
    rest = {key: entry for key, entry in base.entries.items() if key not in _NOT_INHERITED}
    own = {key: entry for key, entry in service.entries.items() if key != "extends"}
    return laid_over(replace(base, entries=rest), replace(service, entries=own))


def laid_over(below: MapNode, above: MapNode) -> MapNode:
    """As Compose merges: maps by key, lists one behind the other, mounts by target; commands replace."""
    entries = dict(below.entries)
    for key, entry in above.entries.items():
        base = entries.get(key)
        entries[key] = Entry(entry.mark, _over(key, base.node, entry.node)) if base else entry
    return replace(above, entries=entries)


def _over(key: str, below: Node, above: Node) -> Node:
    if key in _PAIRS:
        below, above = pairs(below), pairs(above)
    match below, above:
        case MapNode(), MapNode():
            return laid_over(below, above)
        case ListNode(), ListNode() if key not in _REPLACED:
            if key in _MOUNTS:
                own = {target_of(item) for item in above.items}
                return replace(above, items=(*(one for one in below.items if target_of(one) not in own), *above.items))
            return replace(above, items=(*(one for one in below.items if not _in(one, above.items)), *above.items))
    return above


def _in(node: Node, others: tuple[Node, ...]) -> bool:
    return isinstance(node, ScalarNode) and any(isinstance(one, ScalarNode) and one.text == node.text for one in others)


def pairs(node: Node) -> Node:
    """`[NAME=VALUE, NAME]` as a map; the last of a name counts. Anything else as it is."""
    if not isinstance(node, ListNode):
        return node
    entries: dict[str, Entry] = {}
    for item in node.items:
        if not isinstance(item, ScalarNode) or item.value is None:
            return node
        separator = ":" if "=" not in item.text and ":" in item.text else "="
        name, equals, value = item.text.partition(separator)
        entries[name] = Entry(item.mark, ScalarNode(item.mark, value if equals else None, value))
    return MapNode(node.mark, entries)
