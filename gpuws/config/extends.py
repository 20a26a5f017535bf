"""The chain of files that `extends` makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gpuws.config.found import first_named, profile_files
from gpuws.config.nodes import Entry, MapNode, ScalarNode, is_null
from gpuws.config.problems import ConfigProblems, Problem, nearest, problem_at
from gpuws.config.profile_tree import Part, part
from gpuws.config.reader import read_file, read_text


@dataclass(frozen=True, slots=True)
class Chain:
    """`parts`: the farthest ancestor first. Not `whole`: an ancestor is missing, so that nothing inherited is known."""

    parts: tuple[Part, ...]
    whole: bool


def chain(path: Path, dirs: Sequence[Path], problems: list[Problem], text: str | None = None) -> Chain:
    """The files from `path` up, as far as they can be read. ConfigProblems where `path` itself can't be.

    `text`: what shall stand in that file."""
    tree = read_file(path, problems) if text is None else read_text(text, str(path), problems)
    parts = [part(tree, problems)]
    seen = [path]
    while (extends := tree.entries.get("extends")) and not is_null(extends.node):
        ancestor = _ancestor(extends, seen, dirs, problems)
        above = _read(ancestor, problems) if ancestor else None
        if ancestor is None or above is None:
            return Chain(tuple(parts), whole=False)
        tree = above
        seen.append(ancestor)
        parts.insert(0, part(tree, problems))
    return Chain(tuple(parts), whole=True)


def _read(path: Path, problems: list[Problem]) -> MapNode | None:
    try:
        return read_file(path, problems)
    except ConfigProblems as error:
        problems += error.problems
        return None


def _ancestor(extends: Entry, seen: Sequence[Path], dirs: Sequence[Path], problems: list[Problem]) -> Path | None:
    """The file that the last one's `extends` names. A profile may extend its own name of a later directory."""
    wanted, path = extends.node, seen[-1]
    if not isinstance(wanted, ScalarNode):
        problems.append(problem_at(extends.mark, "extends", "expected a profile's name"))
        return None
    own = wanted.text == path.stem
    found = first_named(dirs[dirs.index(path.parent) + 1 :] if own else dirs, wanted.text)
    if found is None:
        what = f"there is no profile {wanted.text!r}" + (" beneath this one" if own else "")
        names = {file.stem for directory in dirs for file in profile_files(directory)} - {path.stem}
        problems.append(problem_at(wanted.mark, "extends", what, nearest(wanted.text, names)))
    elif found in seen:
        names_around = " → ".join(each.stem for each in (*seen[seen.index(found) :], found))
        problems.append(problem_at(extends.mark, "extends", f"goes in a circle: {names_around}"))
        return None
    return found
