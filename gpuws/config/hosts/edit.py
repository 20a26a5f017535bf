"""Adding to, changing in and taking from the `hosts:` map of a YAML text, touching no other character of it.

A round trip through a YAML library moves comments to other entries, drops those beside a removed one, and indents
lists anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gpuws.config.yaml.emit import flow, word
from gpuws.model.errors import UsageError

if TYPE_CHECKING:
    from yaml.nodes import MappingNode, Node

KEY = "hosts"


def add_entries(text: str, entries: dict[str, dict[str, Any]]) -> str:
    """`text` with `entries` at the end of its map of hosts, which is made where it is missing."""
    pair = _pair(_root(text), KEY)
    newline = "\r\n" if "\r\n" in text else "\n"

    def block(indent: int) -> str:
        return "".join(f"{' ' * indent}{_entry(*item)}{newline}" for item in entries.items())

    if pair is None:
        lead = text if not text or text.endswith("\n") else f"{text}{newline}"
        return f"{lead}{KEY}:{newline}{block(2)}"
    key, hosts = pair
    if not getattr(hosts, "value", None):  # `hosts:`, `hosts: {}`
        end = _line_end(text, hosts.end_mark.index)
        kept = text[: hosts.start_mark.index].rstrip(" ") + text[hosts.end_mark.index : end]
        return f"{kept}\n{block(key.start_mark.column + 2)}{text[end + 1 :]}"
    if hosts.flow_style:
        return _into_flow(text, hosts, ", ".join(_entry(*item) for item in entries.items()))
    end = _line_end(text, _content_end(hosts))
    return f"{text[:end]}\n{block(hosts.start_mark.column)}{text[end + 1 :]}"


def change_entry(text: str, name: str, changes: Mapping[str, Any], new_name: str) -> str:
    """`text` where keys of the host `name` are set, or taken out where they are None, and its name is `new_name`.

    All else of it stays as it is, comments between its keys, too."""
    for key, value in changes.items():
        text = _unset(text, name, key) if value is None else _set(text, name, key, value)
    if new_name == name:
        return text
    key_node, _ = _host(text, name)
    return text[: key_node.start_mark.index] + word(new_name) + text[key_node.end_mark.index :]


def remove_entry(text: str, name: str) -> str:
    """`text` without the host `name`; comments around it stay."""
    pair = _pair(_root(text), KEY)
    entry = _pair(pair[1], name) if pair else None
    if pair is None or entry is None:
        raise _by_hand()
    return _without(text, pair[1], entry)


def _host(text: str, name: str) -> tuple[Node, MappingNode]:
    """Its key and what stands under it."""
    pair = _pair(_root(text), KEY)
    entry = _pair(pair[1], name) if pair else None
    if entry is None:
        raise _by_hand()
    return entry


def _set(text: str, name: str, key: str, value: Any) -> str:
    _, host = _host(text, name)
    if (pair := _pair(host, key)) is not None:
        return _over(text, pair[1], flow(value))
    if not getattr(host, "value", None) or getattr(host, "id", "") != "mapping":  # `alpha:`, `alpha: {}`, `alpha: ~`
        return _over(text, host, flow({key: value}))
    if host.flow_style:
        return _into_flow(text, host, _entry(key, value))
    end = _line_end(text, _content_end(host))
    newline = "\r\n" if "\r\n" in text else "\n"
    return f"{text[:end]}\n{' ' * host.start_mark.column}{_entry(key, value)}{newline}{text[end + 1 :]}"


def _unset(text: str, name: str, key: str) -> str:
    _, host = _host(text, name)
    pair = _pair(host, key)
    return text if pair is None else _without(text, host, pair)


def _over(text: str, node: Node, written: str) -> str:
    start = node.start_mark.index
    gap = "" if start < _content_end(node) else " "  # nothing stands there but the colon
    return f"{text[:start]}{gap}{written}{text[_content_end(node) :]}"


def _into_flow(text: str, mapping: MappingNode, written: str) -> str:
    """Before its closing brace."""
    end = mapping.end_mark.index - 1
    comma = "" if not mapping.value else " " if text[:end].rstrip().endswith(",") else ", "
    return f"{text[:end].rstrip(' ')}{comma}{written}{text[end:]}"


def _without(text: str, mapping: MappingNode, pair: tuple[Node, Node]) -> str:
    start, end = pair[0].start_mark.index, _content_end(pair[1])
    if not mapping.flow_style:
        return text[: text.rfind("\n", 0, start) + 1] + text[_line_end(text, end) + 1 :]
    if (rest := text[end:].lstrip()).startswith(","):
        return text[:start] + rest[1:].lstrip()
    return text[:start].rstrip().removesuffix(",") + text[end:]


def _root(text: str) -> Node | None:
    import yaml

    # The pure parser: its marks count characters, libyaml's bytes.
    root: Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    # An alias' marks are those of its anchor, so that nothing tells where it ends.
    aliased = any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader))
    if aliased or getattr(root, "flow_style", False):
        raise _by_hand()
    return root


def _pair(node: Any, key: str) -> tuple[Node, MappingNode] | None:
    pairs = node.value if getattr(node, "id", "") == "mapping" else []
    return next((pair for pair in pairs if pair[0].value == key), None)


def _content_end(node: Node) -> int:
    """Where the last character of a value stands; a block's own end mark lies behind the comments after it."""
    while node.value and getattr(node, "flow_style", None) is False:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    end: int = node.end_mark.index
    return end - 1 if getattr(node, "style", None) in ("|", ">") else end


def _line_end(text: str, index: int) -> int:
    end = text.find("\n", index)
    return len(text) if end < 0 else end


def _entry(name: str, value: Any) -> str:
    return f"{word(name)}: {flow(value)}"


def _by_hand() -> UsageError:
    return UsageError("the file's shape can't be edited from here", "edit it by hand")
