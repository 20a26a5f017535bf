"""The chain of files that `extends` makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gpuws.config.merge.profile_tree import ProfileLayer, part
from gpuws.config.profiles.search import Shelves
from gpuws.config.yaml.nodes import Entry, MapNode, ScalarNode, is_null
from gpuws.config.yaml.problems import ConfigProblems, Problem, problem_at
from gpuws.config.yaml.reader import load_text, read_text
from gpuws.model.errors import UsageError
from gpuws.model.query.nearest import nearest_names

if TYPE_CHECKING:
    from gpuws.config.trust.acceptances import AcceptedFile

Admit = Callable[[Path], "AcceptedFile"]
"""What may be used of a shared profile, by its file."""


@dataclass(frozen=True, slots=True)
class Chain:
    """`parts`: the farthest ancestor first. Not `whole`: an ancestor is missing, so that nothing inherited is known.

    `shared`: texts of its files in shared folders, as they were read. `opened`: the shared profile that it leads to."""

    parts: tuple[ProfileLayer, ...]
    whole: bool
    shared: Mapping[Path, str] = field(default_factory=dict)
    opened: AcceptedFile | None = None


def chain(
    path: Path, shelves: Shelves, problems: list[Problem], text: str | None = None, admit: Admit | None = None
) -> Chain:
    """The files from `path` up, as far as they can be read. ConfigProblems where `path` itself can't be.

    `text`: what shall stand in that file. With `admit` the first shared file and all above it are those that were
    accepted, and Refused where none were; without it they are as they lie there."""
    climb = _Climb(shelves, problems, admit)
    tree = climb.read(path) if text is None else read_text(text, str(path), problems)
    parts = [part(tree, problems)]
    seen, whole = [path], True
    while (extends := tree.entries.get("extends")) and not is_null(extends.node):
        ancestor = climb.above(extends, seen)
        found = climb.tried(ancestor) if ancestor else None
        if ancestor is None or found is None:
            whole = False
            break
        tree = found
        seen.append(ancestor)
        parts.insert(0, part(tree, problems))
    return Chain(tuple(parts), whole, climb.shared, climb.opened)


@dataclass(slots=True)
class _Climb:
    """On the way up, what was read of shared folders."""

    shelves: Shelves
    problems: list[Problem]
    admit: Admit | None
    shared: dict[Path, str] = field(default_factory=dict)
    opened: AcceptedFile | None = None
    _accepted: Mapping[Path, str] | None = None

    def read(self, path: Path) -> MapNode:
        if self.shelves.folder(path) is None:
            return read_text(load_text(path), str(path), self.problems)
        if self.admit is not None and self._accepted is None:
            self.opened = self.admit(path)
            self._accepted = self.opened.needed().texts()
            self.shelves = replace(self.shelves, admitted=frozenset(self._accepted))
        self.shared[path] = load_text(path) if self._accepted is None else self._accepted[path]
        return read_text(self.shared[path], str(path), self.problems)

    def tried(self, path: Path) -> MapNode | None:
        try:
            return self.read(path)
        except ConfigProblems as error:
            self.problems += error.problems
            return None

    def above(self, extends: Entry, seen: Sequence[Path]) -> Path | None:
        """The file that the last one's `extends` names."""
        wanted, path = extends.node, seen[-1]
        if not isinstance(wanted, ScalarNode):
            self.problems.append(problem_at(extends.mark, "extends", "expected a profile's name"))
            return None
        found = self._named(wanted, path)
        if found is not None and found in seen:
            names_around = " → ".join(each.stem for each in (*seen[seen.index(found) :], found))
            self.problems.append(problem_at(extends.mark, "extends", f"goes in a circle: {names_around}"))
            return None
        return found

    def _named(self, wanted: ScalarNode, by: Path) -> Path | None:
        try:
            found = self.shelves.extended(wanted.text, by)
        except UsageError as error:
            self.problems.append(problem_at(wanted.mark, "extends", str(error)))
            return None
        if found is None:
            beneath = " beneath this one" if wanted.text == by.stem else ""
            names = self.shelves.listed().keys() - {by.stem}
            what = f"there is no profile {wanted.text!r}{beneath}"
            self.problems.append(problem_at(wanted.mark, "extends", what, nearest_names(wanted.text, names)))
        return found
