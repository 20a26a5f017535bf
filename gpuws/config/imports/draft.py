"""A profile in the making: what was read of a recipe, each key with its place, and what a profile can't say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, Node, Position, ScalarNode, to_data
from gpuws.config.yaml.problems import ConfigProblems, Problem
from gpuws.model.profile.captured import Captured
from gpuws.model.profile.imported import Imported, Lost
from gpuws.model.profile.profile import Profile
from gpuws.model.secret import HIDDEN, Hiding, is_secret, masked
from gpuws.model.text import plain


@dataclass(slots=True)
class Draft:
    """`source`: the text that lines are counted in. `container`: the name that it gives its container.

    `waiting`: keys, beside those that are said, whose values wait for variables: texts as they stand in a profile."""

    source: str
    said: dict[str, Entry] = field(default_factory=dict)
    waiting: dict[str, Entry] = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)
    container: str | None = None

    def say(self, key: str, value: Any, mark: Position) -> None:
        """`value`: a node, or plain data that stands at `mark`. What was said of the key before is replaced."""
        self.said[key] = Entry(mark, node_of(value, mark))

    def add(self, key: str, value: Any, mark: Position) -> None:
        """One more of a list."""
        before = self.said.get(key)
        items = before.node.items if before and isinstance(before.node, ListNode) else ()
        self.said[key] = Entry(before.mark if before else mark, ListNode(mark, (*items, node_of(value, mark))))

    def put(self, key: str, name: str, value: Any, mark: Position) -> None:
        """One more of a map."""
        before = self.said.get(key)
        entries = dict(before.node.entries) if before and isinstance(before.node, MapNode) else {}
        entries[name] = Entry(mark, node_of(value, mark))
        self.said[key] = Entry(before.mark if before else mark, MapNode(mark, entries))

    def lose(self, what: str, mark: Position, why: str, instead: str = "") -> None:
        """`what`: as it was written; what looks like a secret in it is taken out."""
        shown = plain(masked(what), 120)
        if mark.path != self.source and mark.line:
            shown = f"{Path(mark.path).name}:{mark.line}: {shown}"
        lost = Lost(shown, mark.line if mark.path == self.source else 0, why, instead)
        if lost not in self.lost:
            self.lost.append(lost)

    def finished(self, name: str, *, shared: bool = True) -> Imported:
        """The profile's text, without secrets where it is to be `shared`. ConfigProblems where what was read is wrong,
        whoever reads it."""
        from gpuws.config.profiles.yaml import profile_to_yaml

        profile, waiting = self._profile(name), {key: to_data(entry.node) for key, entry in self.waiting.items()}
        if shared:
            profile, waiting = self._shareable(profile), {key: Hiding().of(it, key) for key, it in waiting.items()}
        lost = tuple(sorted(self.lost, key=lambda one: one.line))
        return Imported(name, profile_to_yaml(profile, waiting), lost, self.container)

    def _profile(self, name: str) -> Profile:
        from gpuws.config.merge.caller import names_here
        from gpuws.config.profiles.file import ProfileFile
        from gpuws.config.profiles.model import broken_rules, to_profile
        from gpuws.config.yaml.validate import rules, validate

        problems: list[Problem] = []
        tree = MapNode(Position(self.source, 1, 1), self.said)
        if "image" in self.waiting:
            tree = replace(tree, entries={**self.said, "image": Entry(tree.mark, node_of("unknown", tree.mark))})
        file = validate(ProfileFile, tree, problems)
        if file is not None:
            problems += rules(tree, broken_rules(file))
        problems += self._wrong_whatever_comes()
        if problems or file is None:
            raise ConfigProblems(problems)
        return replace(to_profile(name, file, {}, None), names_here=names_here(tree))

    def _wrong_whatever_comes(self) -> list[Problem]:
        """Of the keys that wait."""
        from gpuws.config.merge.unresolved import without_waiting
        from gpuws.config.profiles.file import ProfileFile
        from gpuws.config.yaml.validate import validate

        tree, found = MapNode(Position(self.source, 1, 1), self.waiting), list[Problem]()
        validate(ProfileFile, tree, found)
        return without_waiting(tree, found)

    def _shareable(self, profile: Profile) -> Profile:
        """What looks like a secret stands there by name only, or not at all: a profile is a file that people share."""
        environment = {
            name: None if value and is_secret(name, value) else value for name, value in profile.environment.items()
        }
        labels = {name: text for name, text in profile.labels.items() if not is_secret(name, text)}
        for name in profile.labels.keys() - labels.keys():
            self._hidden("labels", f"the label {name}", "it may hold a secret", "")
        hidden = Captured(replace(profile, environment=environment, labels=labels)).shareable().profile
        for key in ("command", "entrypoint", "healthcheck", "logging"):
            if getattr(hidden, key) != getattr(profile, key):
                why = f"something in it looks like a secret: {HIDDEN} stands there"
                self._hidden(key, key, why, "hand it over as a variable, or put it back")
        return hidden

    def _hidden(self, key: str, what: str, why: str, instead: str) -> None:
        mark = self.said[key].mark if key in self.said else Position(self.source)
        self.lose(what, mark, why, instead)


def node_of(value: Any, mark: Position) -> Node:
    """Plain data as a tree whose every part stands at `mark`; a node stays as it is."""
    match value:
        case ScalarNode() | ListNode() | MapNode():
            return value
        case Mapping():
            return MapNode(mark, {str(key): Entry(mark, node_of(inner, mark)) for key, inner in value.items()})
        case list() | tuple():
            return ListNode(mark, tuple(node_of(item, mark) for item in value))
    return ScalarNode(mark, value, "" if value is None else str(value))
