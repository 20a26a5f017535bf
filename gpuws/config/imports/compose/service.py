"""A service on its way to a profile, and what of its file belongs to all services."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from gpuws.config.imports.compose.variables import Use
from gpuws.config.imports.draft import Draft
from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, Node, Position, ScalarNode, is_null, kind
from gpuws.config.yaml.problems import ConfigProblems, Problem, problem_at

PASTED_PATH = "it is relative to the file, and pasted text lies nowhere: it starts at your home on the host"


@dataclass(frozen=True, slots=True)
class Project:
    """`name`: what Compose calls it, "" where that is not known. `directory`: where the file lies; None: it was pasted.

    `source`: the text that was given. `home`: mine on this workstation. `uses`, `missing`, `alone`: as `Variables` has
    them. `in_file`: names that only the `.env` has."""

    name: str
    directory: Path | None
    source: str
    home: str
    tree: MapNode
    uses: Mapping[Position, tuple[Use, ...]] = field(default_factory=dict)
    missing: Mapping[Position, Problem] = field(default_factory=dict)
    alone: Mapping[Position, str] = field(default_factory=dict)
    in_file: Collection[str] = ()

    def named(self, section: str, name: str) -> Node | None:
        """What the file says of a volume, a network, a secret at its top level."""
        found = self.tree.get(section)
        return found.get(name) if isinstance(found, MapNode) else None

    def on_host(self, path: str, mark: Position) -> str | None:
        """A path of the file as it is on the host: what lies in my home here lies in my home there. None: nobody knows
        where a relative one begins."""
        if path.startswith(("/", "~")):
            return path
        there = self.here(path, mark)
        if there is None:
            return None
        home = self.home.rstrip("/")
        if home and (there == home or there.startswith(f"{home}/")):
            return f"~{there[len(home) :]}"
        return there

    def here(self, path: str, mark: Position) -> str | None:
        """A path of the file as it is on this workstation; `mark`: where it stands. None as above."""
        if path.startswith(("/", "~")):
            return path
        if self.directory is None:
            return None
        base = str(self.directory) if mark.path == self.source else posixpath.dirname(mark.path)
        return posixpath.normpath(posixpath.join(base, path))

    def is_file(self, path: str) -> bool:
        """Whether it is there on this workstation."""
        return Path(path).expanduser().is_file()


@dataclass(slots=True)
class Service:
    """`keys`: all that it says, with what it extends laid under. `taken`: places of values that whoever launches hands
    over."""

    name: str
    keys: MapNode
    project: Project
    draft: Draft
    taken: set[Position] = field(default_factory=set)

    def entry(self, key: str) -> Entry | None:
        """None where it is not said, or null."""
        entry = self.keys.entries.get(key)
        return None if entry is None or is_null(entry.node) else entry

    def lose(self, what: str, mark: Position, why: str, instead: str = "") -> None:
        self.draft.lose(what, mark, why, instead)


def wrong(mark: Position, key: str, expected: str, node: Node | None = None) -> NoReturn:
    """What Compose refuses, too."""
    found = "" if node is None else f", not {kind(node)}"
    raise ConfigProblems([problem_at(mark, key, f"expected {expected}{found}")])


def as_map(key: str, mark: Position, node: Node) -> MapNode:
    return node if isinstance(node, MapNode) else wrong(mark, key, "a map", node)


def as_items(key: str, mark: Position, node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, ListNode) else wrong(mark, key, "a list", node)


def as_text(key: str, mark: Position, node: Node | None) -> str:
    if not isinstance(node, ScalarNode) or node.value is None:
        wrong(mark, key, "text", node)
    return node.text


def text_at(node: MapNode, key: str, default: str = "") -> str:
    """A scalar of a map as text; the default where it is not said."""
    entry = node.entries.get(key)
    if entry is None or is_null(entry.node):
        return default
    return as_text(key, entry.mark, entry.node)


def flag_at(node: MapNode, key: str, *, default: bool = False) -> bool:
    """A true or false of a map."""
    word = text_at(node, key, "true" if default else "false").lower()
    if word not in ("true", "false"):
        wrong(node.entries[key].mark, key, "true or false", node.entries[key].node)
    return word == "true"
