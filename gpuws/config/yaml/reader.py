"""A YAML file → a tree that knows the line and column of every key and value.

Built from PyYAML's parse events: the composer recurses, expands aliases without bound and forgets duplicate keys."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, Node, Position, ScalarNode, Value
from gpuws.config.yaml.problems import ConfigProblems, Problem, problem_at
from gpuws.config.yaml.scalars import resolve

if TYPE_CHECKING:
    from yaml.events import Event

MAX_BYTES = 1 << 20
MAX_DEPTH = 40
MAX_NODES = 50_000  # after aliases are expanded

# YAML 1.2 §5.1; the parser refuses them too, but tells only an offset.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
MERGE = "<<"  # takes over the keys of another map, as in Compose and YAML 1.1
_CORE = "tag:yaml.org,2002:"


def read_file(path: Path, problems: list[Problem] | None = None) -> MapNode:
    """The map that a file holds; an empty file is an empty map. Raises ConfigProblems.

    `problems` takes those that hide no others, such as a key that stands twice: the first one counts then."""
    return read_text(load_text(path), str(path), problems)


def read_text(text: str, path: str, problems: list[Problem] | None = None) -> MapNode:
    """The map that `text` holds; `path` names it in problems."""
    start = Position(path, 1, 1)
    if bad := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        column = bad.start() - (text.rfind("\n", 0, bad.start()) + 1) + 1
        raise ConfigProblems([Problem(path, line, column, "", f"character U+{ord(bad[0]):04X} may not stand in YAML")])
    builder = _Builder(path)
    node = _parse(text, builder)
    if node is None or (isinstance(node, ScalarNode) and node.value is None):
        node = MapNode(start, {})
    if not isinstance(node, MapNode):
        raise ConfigProblems([*builder.problems, problem_at(node.mark, "", "expected a map, such as `key: value`")])
    if builder.problems and problems is None:
        raise ConfigProblems(builder.problems)
    if problems is not None:
        problems += builder.problems
    return node


def load_text(path: Path) -> str:
    """The text of a file; ConfigProblems where it has none."""

    def fail(message: str) -> ConfigProblems:
        return ConfigProblems([Problem(str(path), 0, 0, "", message)])

    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise fail("is not a file")  # a fifo would block for ever
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise fail(f"can't be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > MAX_BYTES:
        raise fail("is larger than 1 MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise ConfigProblems([Problem(str(path), line, column, "", "is not UTF-8 text")]) from error


def _parse(text: str, builder: _Builder) -> Node | None:
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(text, Loader=loader):
            builder.feed(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Position(builder.path, mark.line + 1, mark.column + 1) if mark else Position(builder.path, 1, 1)
        what = ", ".join(part for part in (error.context, error.problem) if part)
        line = (text.splitlines() or [""])[min(place.line, text.count("\n") + 1) - 1 :][:1]
        hint = "; inside { } and [ ], ${…} must stand in quotes" if any("${" in part for part in line) else ""
        raise ConfigProblems([*builder.problems, problem_at(place, "", f"is not YAML: {what}{hint}")]) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise ConfigProblems([problem_at(Position(builder.path, 1, 1), "", f"is not YAML: {error}")]) from error
    return builder.root


@dataclass(frozen=True, slots=True)
class _Size:
    """What a node amounts to with its aliases expanded: how many nodes, and how deep under it."""

    nodes: int = 1
    height: int = 0


@dataclass(slots=True)
class _Open:
    """A list or map whose end has not come yet. `key`: the one that waits for its value; None for what can't be one.

    `merging`: the place of a `<<` that waits for its value. `merged`: the maps that it brought, None before it came."""

    mark: Position
    is_map: bool
    anchor: str | None
    size: _Size = _Size()
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    key: tuple[str | None, Position] | None = None
    merging: Position | None = None
    merged: tuple[Node, ...] | None = None

    def closed(self) -> Node:
        """What it is, whole: keys of its own before merged ones, of those the first map's before the later ones'."""
        if not self.is_map:
            return ListNode(self.mark, tuple(self.items))
        entries: dict[str, Entry] = {}
        for one in reversed(self.merged or ()):
            entries |= one.entries if isinstance(one, MapNode) else {}
        return MapNode(self.mark, entries | self.entries)


@dataclass(slots=True)
class _Builder:
    """Turns events into nodes without recursion. Problems that don't hide others are collected."""

    path: str
    root: Node | None = None
    problems: list[Problem] = field(default_factory=list)
    _stack: list[_Open] = field(default_factory=list)
    _anchors: dict[str, tuple[Node, _Size] | None] = field(default_factory=dict)
    _documents: int = 0

    def feed(self, event: Event) -> None:
        from yaml import events

        start: Any = event.start_mark
        mark = Position(self.path, start.line + 1, start.column + 1)
        match event:
            case events.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise self._refused(mark, "a second document: expected only one")
            case events.ScalarEvent() if self._is_merge(event):
                self._stack[-1].merging = mark
            case events.ScalarEvent():
                self._add(ScalarNode(mark, self._value(mark, event), event.value), _Size(), event.anchor)
            case events.SequenceStartEvent() | events.MappingStartEvent():
                self._open(mark, event)
            case events.SequenceEndEvent() | events.MappingEndEvent():
                self._close()
            case events.AliasEvent():
                self._alias(mark, str(event.anchor))

    def _value(self, mark: Position, event: Any) -> Value:
        if not event.tag:
            unquoted = event.implicit[0]
            return resolve(event.value) if unquoted else str(event.value)
        if event.tag not in ("!", _CORE + "str"):
            self.problems.append(problem_at(mark, "", f"the tag {event.tag} can't be used here"))
        return str(event.value)

    def _open(self, mark: Position, event: Any) -> None:
        from yaml import events

        is_map = isinstance(event, events.MappingStartEvent)
        if event.tag and event.tag != _CORE + ("map" if is_map else "seq"):
            self.problems.append(problem_at(mark, "", f"the tag {event.tag} can't be used here"))
        if len(self._stack) >= MAX_DEPTH:
            raise self._refused(mark, f"nested deeper than {MAX_DEPTH} levels")
        if event.anchor:
            self._anchors[event.anchor] = None
        self._stack.append(_Open(mark, is_map, event.anchor))

    def _close(self) -> None:
        done = self._stack.pop()
        self._add(done.closed(), done.size, done.anchor)

    def _alias(self, mark: Position, name: str) -> None:
        found = self._anchors.get(name)
        if found is None:
            what = "refers to itself" if name in self._anchors else "has no anchor before it"
            raise self._refused(mark, f"the alias *{name} {what}")
        self._add(found[0], found[1], None, mark)

    def _add(self, node: Node, size: _Size, anchor: str | None, mark: Position | None = None) -> None:
        """Put a finished node where it belongs. `mark`: the alias that stands for it."""
        if anchor:
            self._anchors[anchor] = (node, size)
        if not self._stack:
            self.root = node
            return
        top = self._stack[-1]
        top.size = _Size(top.size.nodes + size.nodes, max(top.size.height, size.height + 1))
        if sum(level.size.nodes for level in self._stack) > MAX_NODES:
            raise self._refused(mark or node.mark, f"more than {MAX_NODES} values")
        if len(self._stack) + size.height > MAX_DEPTH:
            raise self._refused(mark or node.mark, f"nested deeper than {MAX_DEPTH} levels")
        if not top.is_map:
            top.items.append(node)
        elif top.merging is not None:
            self._merge(top, node, top.merging)
        elif top.key is None:
            top.key = self._key(node, mark)
        else:
            key, place = top.key
            top.key = None
            self._entry(top, key, Entry(place, node))

    def _is_merge(self, event: Any) -> bool:
        """Whether it is a `<<` where a key is expected: in quotes it is a key like others."""
        awaited = bool(self._stack) and self._stack[-1].is_map and not (self._stack[-1].key or self._stack[-1].merging)
        return awaited and event.value == MERGE and bool(event.implicit[0]) and not event.anchor

    def _merge(self, top: _Open, node: Node, place: Position) -> None:
        """Take over the keys of one map, or of several."""
        top.merging = None
        maps = node.items if isinstance(node, ListNode) else (node,)
        if not all(isinstance(one, MapNode) for one in maps):
            self.problems.append(problem_at(place, MERGE, "expected a map or a list of maps, such as *common"))
        elif top.merged is not None:
            self.problems.append(problem_at(place, MERGE, f"stands twice; write {MERGE}: [*first, *second]"))
        else:
            top.merged = maps

    def _refused(self, mark: Position, message: str) -> ConfigProblems:
        """What was found so far, and why reading stops here."""
        return ConfigProblems([*self.problems, problem_at(mark, "", message)])

    def _key(self, node: Node, mark: Position | None) -> tuple[str | None, Position]:
        if isinstance(node, ScalarNode):
            return node.text, mark or node.mark
        self.problems.append(problem_at(node.mark, "", "expected a plain word as key"))
        return None, node.mark

    def _entry(self, top: _Open, key: str | None, entry: Entry) -> None:
        if key is None:
            return
        if before := top.entries.get(key):
            self.problems.append(problem_at(entry.mark, key, f"stands twice; first in line {before.mark.line}"))
        else:
            top.entries[key] = entry
