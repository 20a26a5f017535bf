"""Variables whose value is the caller's, written as Compose has them: `${NAME}` and `${NAME:-default}`. Pure.

Only as the whole value of a key of `environment` or `build.args`; gpuws' own variables come first. Everywhere else
`${name}` is gpuws' own alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gpuws.config.yaml.nodes import Entry, MapNode, ScalarNode
from gpuws.config.yaml.problems import Problem, problem_at

ENVIRONMENT, ARGUMENTS = ("environment",), ("build", "args")
PLACES: tuple[tuple[str, ...], ...] = (ENVIRONMENT, ARGUMENTS)
_WHOLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+])([^{}]*))?\}\Z")


def is_callers(key: str, text: str) -> bool:
    """Whether what stands under the dotted `key` may be taken from the caller."""
    return key.startswith(tuple(f"{'.'.join(place)}." for place in PLACES)) and bool(_WHOLE.match(text))


def taken(tree: MapNode, own: Mapping[str, str], environ: Mapping[str, str], problems: list[Problem]) -> MapNode:
    """`tree` with null, which takes a value from the caller, or a default's text in place of such variables.

    `own`: gpuws' own variables."""
    for place in PLACES:
        if found := _at(tree, place):
            reader = _Reader(".".join(place), own, environ, problems)
            entries = {name: reader.read(name, entry) for name, entry in found.entries.items()}
            tree = _put(tree, place, replace(found, entries=entries))
    return tree


def names_here(tree: MapNode, place: tuple[str, ...] = ENVIRONMENT) -> dict[str, str]:
    """What the caller calls variables of one place whose names differ there, of what `taken` left."""
    found = _at(tree, place)
    named = {name: name_here(name, entry) for name, entry in (found.entries if found else {}).items()}
    return {name: here for name, here in named.items() if here != name}


def name_here(name: str, entry: Entry) -> str:
    """The name of the caller's variable that a null stands for."""
    node = entry.node
    match = _WHOLE.match(node.text) if isinstance(node, ScalarNode) and node.value is None else None
    return match[1] if match else name


@dataclass(frozen=True, slots=True)
class _Reader:
    """Of one map. `key`: the dotted one it stands under."""

    key: str
    own: Mapping[str, str]
    environ: Mapping[str, str]
    problems: list[Problem]

    def read(self, name: str, entry: Entry) -> Entry:
        node = entry.node
        match = _WHOLE.match(node.value) if isinstance(node, ScalarNode) and isinstance(node.value, str) else None
        if match is None or match[1] in self.own:
            return entry if match is None else replace(entry, node=_filled(node, self.own[match[1]]))
        here, how, rest = match[1], match[2] or "", match[3] or ""
        given = here in self.environ and bool(self.environ[here] or not how.startswith(":"))
        if how.endswith("+"):
            return replace(entry, node=_filled(node, rest if given else ""))
        if how.endswith("-") and not given:
            return replace(entry, node=_filled(node, rest))
        if how.endswith("?") and not given:
            what = f"{here} is not set in your environment{': ' if rest else ''}{rest}"
            self.problems.append(problem_at(node.mark, f"{self.key}.{name}", what))
        return replace(entry, node=ScalarNode(node.mark, None, f"${{{here}}}"))


def _filled(node: object, text: str) -> ScalarNode:
    """With a text in which no dollar begins a variable any more."""
    assert isinstance(node, ScalarNode)
    return replace(node, value=text.replace("$", "$$"), text=text)


def _at(tree: MapNode, place: tuple[str, ...]) -> MapNode | None:
    node = tree.get(place[0])
    for key in place[1:]:
        node = node.get(key) if isinstance(node, MapNode) else None
    return node if isinstance(node, MapNode) else None


def _put(tree: MapNode, place: tuple[str, ...], node: MapNode) -> MapNode:
    entry = tree.entries[place[0]]
    if len(place) > 1:
        assert isinstance(entry.node, MapNode)  # `_at` came through it
        node = _put(entry.node, place[1:], node)
    return replace(tree, entries={**tree.entries, place[0]: Entry(entry.mark, node)})
