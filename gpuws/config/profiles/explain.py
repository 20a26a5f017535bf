"""A merged profile, value by value, for `gpuws profiles show`. Secrets are named, never shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gpuws.config.profiles.env_file import read_env_file
from gpuws.config.profiles.file import ProfileFile
from gpuws.config.yaml.nodes import ListNode, MapNode, Node, ScalarNode, leaves, walk
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.model.secret import is_secret, masked, masked_words

_HIDDEN = "(hidden)"
_VARIABLES = ("environment.", "build.args.")
_NAMED = (*_VARIABLES, "labels.", "logging.options.")
_COMMANDS = (("command",), ("entrypoint",), ("healthcheck", "test"))


class Origin(NamedTuple):
    """A value of a merged profile and where it was written."""

    key: str
    value: str
    where: str


def origins(tree: MapNode) -> list[Origin]:
    """Rows of a valid profile in the order of its keys' list, then the names that its env_files bring."""
    named = _named(tree)
    secret = {origin.key for origin in named}
    order = list(ProfileFile.model_fields)
    entries = dict(sorted(tree.entries.items(), key=lambda item: order.index(item[0])))
    words = dict(_words(tree))
    rows = [
        Origin(key, words.get(key) or _shown(key, node, secret), _where(node))
        for key, node in leaves(MapNode(tree.mark, entries))
    ]
    return rows + named


def _words(tree: MapNode) -> Iterator[tuple[str, str]]:
    """What is shown of commands: what a word means depends on the one before it."""
    for path in _COMMANDS:
        _, node, key = walk(tree, path)
        if key != ".".join(path):
            continue
        if isinstance(node, ListNode):
            words = masked_words([item.text if isinstance(item, ScalarNode) else "" for item in node.items])
            yield from ((f"{key}[{index}]", word) for index, word in enumerate(words))
        elif isinstance(node, ScalarNode):
            yield key, masked(node.text)


def _named(tree: MapNode) -> list[Origin]:
    rows: list[Origin] = []
    files = tree.get("env_file")
    for node in files.items if isinstance(files, ListNode) else [files] if files else []:
        if not isinstance(node, ScalarNode):
            continue
        path = Path(str(node.value))
        try:
            rows += (Origin(f"environment.{line.name}", _HIDDEN, f"{path}:{line.line}") for line in read_env_file(path))
        except ConfigProblems as error:
            rows.append(Origin("env_file", f"{error.problems[0].message}", str(path)))
    return rows


def _shown(key: str, node: Node, secret: set[str]) -> str:
    if not isinstance(node, ScalarNode):
        return "[]" if isinstance(node, ListNode) else "{}"
    if node.value is None:
        return "(from your environment)" if key.startswith(_VARIABLES) else "null"
    named = key.startswith(_NAMED) and is_secret(key.rpartition(".")[2], node.text)
    if node.value != "auto" and (key in secret or named):
        return _HIDDEN
    return str(node.value).lower() if isinstance(node.value, bool) else node.text


def _where(node: Node) -> str:
    return f"{node.mark.path}:{node.mark.line}" if node.mark.line else node.mark.path
