"""`build` of a service as a profile's. Pure."""

from __future__ import annotations

from gpuws.config.imports.compose.layers import pairs
from gpuws.config.imports.compose.service import Service, as_map, as_text, wrong
from gpuws.config.yaml.nodes import Entry, MapNode, ScalarNode, is_null
from gpuws.model.secret import is_secret

_SAME = ("dockerfile", "dockerfile_inline", "target")
_WHY = "gpuws builds with the classic builder, which has no use for it"
_REMOTE = ("http://", "https://", "git://", "ssh://", "git@", "github.com/")


def say(service: Service, entry: Entry) -> None:
    node = entry.node
    if isinstance(node, ScalarNode):
        _context(service, node.text, entry)
        return
    told = as_map("build", entry.mark, node)
    for key, inner in told.entries.items():
        if is_null(inner.node):
            continue
        if key == "context":
            _context(service, as_text("build.context", inner.mark, inner.node), inner)
        elif key in _SAME:
            service.draft.put("build", key, ScalarNode(inner.mark, *_text(key, inner)), inner.mark)
        elif key == "args":
            _arguments(service, inner)
        elif not key.startswith("x-"):
            service.lose(f"build.{key}", inner.mark, _WHY)
    if "context" not in told.entries and "dockerfile_inline" not in told.entries:
        _context(service, ".", entry)


def _text(key: str, entry: Entry) -> tuple[str, str]:
    text = as_text(f"build.{key}", entry.mark, entry.node)
    return text, text


def _context(service: Service, written: str, entry: Entry) -> None:
    path = service.project.here(written, entry.mark)
    if written.startswith(_REMOTE):
        why, instead = "gpuws builds from a directory of this workstation", "clone it, and name the directory"
        service.lose(f"build: {written}", entry.mark, why, instead)
    elif path is None:
        why = "it is relative to the file, and pasted text lies nowhere: as it stands it starts at the profile's file"
        service.lose(f"build: {written}", entry.mark, why, "import the file itself: gpuws profiles import FILE")
    service.draft.put("build", "context", path or written, entry.mark)


def _arguments(service: Service, entry: Entry) -> None:
    found = pairs(entry.node)
    if not isinstance(found, MapNode):
        wrong(entry.mark, "build.args", "a map, or a list of NAME=VALUE", entry.node)
    said: dict[str, str | None] = {}
    for name, one in found.entries.items():
        value = None if is_null(one.node) else as_text(f"build.args.{name}", one.mark, one.node)
        alone = service.project.alone.get(one.node.mark)
        hidden = value is not None and is_secret(name, value)
        said[name] = None if value is None or hidden or alone == name else value
        if hidden:
            service.lose(f"build.args.{name}", one.mark, "it looks like a secret: taken from your environment")
    service.draft.put("build", "args", said, entry.mark)
