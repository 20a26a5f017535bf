"""What a file says that needs acceptance, a line each: comments, order and harmless keys make no difference. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator

from gpuws.config.yaml.nodes import ListNode, MapNode, Node, ScalarNode
from gpuws.model.consent.trust import Kind, needs_acceptance
from gpuws.model.secret import is_secret, masked

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_+-]+\Z")
_ITEM = "[]"
_VARIABLE = re.compile(r"\s*(?:export\s+)?([^\s=#'\"]+)\s*=\s*(.*)")


def of_tree(kind: Kind, tree: MapNode) -> tuple[str, ...]:
    """`key.inner: value` of all that needs acceptance. In maps the order means nothing: they are sorted."""
    return tuple(_said(kind, tree, ()))


def of_ssh_config(text: str) -> tuple[str, ...]:
    lines = (line.strip() for line in text.split("\n"))
    return tuple(line for line in lines if line and not line.startswith("#"))


def of_env_file(text: str) -> tuple[str, ...]:
    """Its lines; of what looks like a secret whether it is the same, not what it is."""
    return tuple(
        _without_secret(line) for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")
    )


def of_text(text: str) -> tuple[str, ...]:
    """Every line: in a Dockerfile comments may be directives."""
    return tuple(text.removesuffix("\n").split("\n"))


def _said(kind: Kind, node: Node, key: tuple[str, ...]) -> Iterator[str]:
    if key and not needs_acceptance(kind, key):
        return
    if isinstance(node, ScalarNode):
        yield from _scalar(_shown(key), node)
        return
    inner = [line for part, each in _inner(node) for line in _said(kind, each, (*key, part))]
    if key and (not inner or key[-1] == _ITEM):  # else what is in it says that it is there
        yield f"{_shown(key)}:"
    yield from inner


def _inner(node: MapNode | ListNode) -> Iterator[tuple[str, Node]]:
    if isinstance(node, ListNode):
        yield from ((_ITEM, item) for item in node.items)
    else:
        yield from ((name, node.entries[name].node) for name in sorted(node.entries))


def _scalar(key: str, node: ScalarNode) -> Iterator[str]:
    """A text of several lines as these, set in: no line of it can pass for a key."""
    if not isinstance(node.value, str):
        yield f"{key}: {node.text or 'null'}"
    elif "\n" not in node.value.rstrip("\n"):
        yield f"{key}: {json.dumps(node.value, ensure_ascii=False)}"
    else:
        yield f"{key}: |"
        yield from (f"    {line}" for line in node.value.split("\n"))


def _shown(key: tuple[str, ...]) -> str:
    words = (part if part == _ITEM or _PLAIN_KEY.match(part) else json.dumps(part) for part in key)
    return ".".join(words).replace(f".{_ITEM}", _ITEM)


def _without_secret(line: str) -> str:
    found = _VARIABLE.match(line)
    if found is None:
        return line
    name, value = found[1], found[2]
    shown = "" if is_secret(name, "") else masked(value)  # what leads elsewhere is seen beside what is hidden in it
    if shown == value:
        return line
    digest = hashlib.sha256(value.encode()).hexdigest()[:12]
    return f"{name}={shown}{' ' if shown else ''}(hidden, {digest})"
