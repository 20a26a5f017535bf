"""The parts of a profile laid over each other, still as a tree: `extends`, overlays, `--set`, paths. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gpuws.config.merge.maps import merge, settled
from gpuws.config.paths import absolute
from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, Node, ScalarNode, is_null, kind
from gpuws.config.yaml.problems import Problem, problem_at
from gpuws.model.consent.trust import ASIDE

_LISTABLE = (("environment",), ("labels",), ("ulimits",), ("build", "args"))
_VALUED = ("labels", "ulimits")
_NOT_IN_OVERLAYS = frozenset({"extends", "hosts"})


@dataclass(frozen=True, slots=True)
class ProfileLayer:
    """One file of an `extends` chain: its own keys, and its overlays by host or tag."""

    keys: MapNode
    overlays: Mapping[str, MapNode]


def part(tree: MapNode, problems: list[Problem]) -> ProfileLayer:
    """A file's tree, its `hosts` apart; short forms at length, so that they merge."""
    overlays = {}
    hosts = tree.entries.get("hosts")
    if hosts and isinstance(hosts.node, MapNode):
        overlays = {
            name: found for name, entry in hosts.node.entries.items() if (found := _overlay(name, entry, problems))
        }
    elif hosts and not is_null(hosts.node):
        problems.append(problem_at(hosts.mark, "hosts", f"expected a map of hosts or tags, not {kind(hosts.node)}"))
    keys = {key: entry for key, entry in tree.entries.items() if not _left_out(key)}
    return ProfileLayer(_mergeable(MapNode(tree.mark, keys), problems), overlays)


def assemble(
    parts: Sequence[ProfileLayer], names: Iterable[str], overrides: Iterable[MapNode], problems: list[Problem]
) -> MapNode:
    """`parts` (the farthest ancestor first), then their overlays for `names` in that order, then `overrides`."""
    tree = settled(parts[0].keys, problems)
    for above in parts[1:]:
        tree = merge(tree, above.keys, problems)
    for name in names:
        for each in parts:
            if name in each.overlays:
                tree = merge(tree, each.overlays[name], problems)
    for above_all in overrides:
        tree = merge(tree, _mergeable(above_all, problems), problems)
    return tree


def local_paths(tree: MapNode, environ: Mapping[str, str]) -> MapNode:
    """`build.context` and `env_file` as absolute paths of this workstation: `~`, and beside the file that says so."""

    def resolved(node: Node) -> Node:
        match node:
            case ListNode():
                return replace(node, items=tuple(resolved(item) for item in node.items))
            case ScalarNode(value=str() | int() | float()) if node.text and not isinstance(node.value, bool):
                base = Path(node.mark.path).parent if node.mark.line else None
                return replace(node, value=str(absolute(node.text, environ, base)))
        return node

    build = tree.get("build")
    if isinstance(build, MapNode) and (context := build.get("context")):
        tree = _with(tree, "build", _with(build, "context", resolved(context)))
    for key in ("env_file", "env_file+"):
        if files := tree.get(key):
            tree = _with(tree, key, resolved(files))
    return tree


def _overlay(name: str, entry: Entry, problems: list[Problem]) -> MapNode | None:
    if isinstance(entry.node, ScalarNode) and entry.node.value is None:
        return None
    if not isinstance(entry.node, MapNode):
        problems.append(problem_at(entry.mark, f"hosts.{name}", f"expected a map, not {kind(entry.node)}"))
        return None
    for key in _NOT_IN_OVERLAYS & entry.node.entries.keys():
        mark = entry.node.entries[key].mark
        problems.append(problem_at(mark, f"hosts.{name}.{key}", "can't stand in an overlay"))
    keys = {key: inner for key, inner in entry.node.entries.items() if not _left_out(key)}
    return _mergeable(MapNode(entry.node.mark, keys), problems)


def _left_out(key: str) -> bool:
    return key in _NOT_IN_OVERLAYS or key.startswith(ASIDE)


def _mergeable(tree: MapNode, problems: list[Problem]) -> MapNode:
    for path in _LISTABLE:
        tree = _mapped(tree, path, ".".join(path), problems)
    if (context := tree.get("build")) and isinstance(context, ScalarNode) and context.value is not None:
        tree = _with(tree, "build", MapNode(context.mark, {"context": Entry(context.mark, context)}))
    for key in ("env_file", "env_file+"):
        if files := tree.get(key):
            tree = _with(tree, key, _paths(files, key, problems))
    return tree


def _paths(files: Node, key: str, problems: list[Problem]) -> Node:
    """The paths of env_files, which Compose lets stand in maps, too; one is a list of one."""
    path = isinstance(files, ScalarNode) and files.value is not None and key == "env_file"
    one = path or (isinstance(files, MapNode) and "path" in files.entries)
    items = files.items if isinstance(files, ListNode) else (files,) if one else ()
    return ListNode(files.mark, tuple(_path(item, key, problems) for item in items)) if items else files


def _path(item: Node, key: str, problems: list[Problem]) -> Node:
    if not isinstance(item, MapNode) or not isinstance(path := item.get("path"), ScalarNode):
        return item
    required = item.get("required")
    if isinstance(required, ScalarNode) and required.value is False:
        what = "required: false: a file that is named must be there; make an empty one, or take it out"
        problems.append(problem_at(required.mark, key, what))
    if others := item.entries.keys() - {"path", "required"}:
        first = min(others)
        what = f"{first}: of an env_file only the path can be said"
        problems.append(problem_at(item.entries[first].mark, key, what))
    return path


def _mapped(tree: MapNode, path: tuple[str, ...], key: str, problems: list[Problem]) -> MapNode:
    node = tree.get(path[0])
    if len(path) > 1:
        return _with(tree, path[0], _mapped(node, path[1:], key, problems)) if isinstance(node, MapNode) else tree
    return _with(tree, path[0], _pairs(node, key, problems)) if isinstance(node, ListNode) else tree


def _pairs(items: ListNode, key: str, problems: list[Problem]) -> MapNode:
    """`[NAME=VALUE, NAME]` as a map; a bare NAME has no value."""
    entries: dict[str, Entry] = {}
    for index, item in enumerate(items.items):
        text = item.text if isinstance(item, ScalarNode) and isinstance(item.value, str) else ""
        name, equals, value = text.partition("=")
        if key in _VALUED and not equals:
            problems.append(problem_at(item.mark, f"{key}[{index}]", "expected NAME=VALUE: no value is given"))
        elif not name:
            problems.append(problem_at(item.mark, f"{key}[{index}]", "expected NAME=VALUE"))
        elif name in entries:
            problems.append(problem_at(item.mark, f"{key}[{index}]", f"{name} stands twice"))
        else:
            entries[name] = Entry(item.mark, ScalarNode(item.mark, value if equals else None, value))
    return MapNode(items.mark, entries)


def _with(tree: MapNode, key: str, node: Node) -> MapNode:
    return replace(tree, entries={**tree.entries, key: Entry(tree.entries[key].mark, node)})
