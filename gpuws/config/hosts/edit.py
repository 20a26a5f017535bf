"""Adding to and taking from the `hosts:` map of a YAML text, touching no other character of it.

A round trip through a YAML library moves comments to other entries, drops those beside a removed one, and indents
lists anew."""

from __future__ import annotations

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
        end = hosts.end_mark.index - 1
        comma = " " if text[:end].rstrip().endswith(",") else ", "
        return f"{text[:end].rstrip(' ')}{comma}{', '.join(_entry(*item) for item in entries.items())}{text[end:]}"
    end = _line_end(text, _content_end(hosts))
    return f"{text[:end]}\n{block(hosts.start_mark.column)}{text[end + 1 :]}"


def remove_entry(text: str, name: str) -> str:
    """`text` without the host `name`; comments around it stay."""
    pair = _pair(_root(text), KEY)
    entry = _pair(pair[1], name) if pair else None
    if pair is None or entry is None:
        raise _by_hand()
    start, end = entry[0].start_mark.index, _content_end(entry[1])
    if not pair[1].flow_style:
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


def _entry(name: str, value: dict[str, Any]) -> str:
    return f"{word(name)}: {flow(value)}"


def _by_hand() -> UsageError:
    return UsageError("the file's shape can't be edited from here", "edit it by hand")
