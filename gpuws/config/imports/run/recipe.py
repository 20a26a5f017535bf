"""What was read of the arguments of `docker run` as a profile: what waits for a value says so in a line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from gpuws.config.imports.names import profile_name
from gpuws.config.imports.run.reading import VARIABLE, Reading
from gpuws.config.merge.variables import has_variables
from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, Node, Position, ScalarNode
from gpuws.model.profile.imported import Imported
from gpuws.model.workspace.image import short_name

_WRITE = {
    "PWD": "write the directory on the host; ~ is your home there",
    "UID": "user: host runs it as you are there",
    "GID": "user: host runs it as you are there",
}


def finished(
    reading: Reading, name: str = "", known: Mapping[str, str] | None = None, *, shared: bool = True
) -> Imported:
    """`name`: what it could be called. `known`: variables that the text itself sets.

    ConfigProblems where a value is wrong; where it is not to be `shared`, secrets in commands stay."""
    draft = reading.draft
    said, draft.said = draft.said, {}
    for key, entry in said.items():
        if has_variables(entry.node):
            draft.waiting[key] = entry
        else:
            draft.said[key] = Entry(entry.mark, _meant(entry.node))
    _tell(reading, draft.waiting, known or {})
    image = next((text for _, text in _texts(said["image"].node)), "") if "image" in said else ""
    called = profile_name(name or draft.container or short_name(image))
    return draft.finished(called or "profile", shared=shared)


def _tell(reading: Reading, waiting: Mapping[str, Entry], known: Mapping[str, str]) -> None:
    """A line for each variable, where it stands first."""
    found: dict[str, tuple[Position, list[str]]] = {}
    for key, entry in waiting.items():
        for mark, text in _texts(entry.node):
            for match in VARIABLE.finditer(text):
                _, keys = found.setdefault(match[1], (mark, []))
                keys += [key] if key not in keys else []
    for name, (mark, keys) in found.items():
        if name in reading.expansions:
            instead = _WRITE.get(name) or f"write its value there, or vars: {{{name}: …}} for the host in hosts.yaml"
            if name in known:
                instead = f"the text sets it: write {known[name]} there"
            reading.line = mark.line
            why = f"nothing is run or looked up: ${{{name}}} stands in {' and '.join(keys)}"
            reading.lose(why, instead, reading.expansions[name])


def _texts(node: Node) -> Iterator[tuple[Position, str]]:
    match node:
        case MapNode():
            for entry in node.entries.values():
                yield from _texts(entry.node)
        case ListNode():
            for item in node.items:
                yield from _texts(item)
        case ScalarNode() if isinstance(node.value, str):
            yield node.mark, node.value


def _meant(node: Node) -> Node:
    """What a text of a profile means, where it waits for nothing."""
    match node:
        case MapNode():
            return replace(node, entries={key: Entry(one.mark, _meant(one.node)) for key, one in node.entries.items()})
        case ListNode():
            return replace(node, items=tuple(map(_meant, node.items)))
    if not isinstance(node.value, str):
        return node
    text = node.value.replace("$$", "$")
    return replace(node, value=text, text=text)
