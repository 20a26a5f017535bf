"""`environment` and `env_file` of a service: what is written down, and what is taken from whoever launches. Pure."""

from __future__ import annotations

from gpuws.config.imports.compose.gpus import VISIBLE
from gpuws.config.imports.compose.layers import pairs
from gpuws.config.imports.compose.service import PASTED_PATH, Service, as_text, flag_at, text_at, wrong
from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, Node, ScalarNode
from gpuws.model.secret import is_secret

_FROM_FILE = "its value stands in .env, which gpuws does not hand over"


def variables(service: Service) -> MapNode | None:
    """As a map, whichever way it is written."""
    entry = service.entry("environment")
    if entry is None:
        return None
    found = pairs(entry.node)
    return found if isinstance(found, MapNode) else wrong(entry.mark, "environment", "a map, or a list of NAME=VALUE")


def say(service: Service, environment: MapNode | None) -> None:
    """`gpus` says what NVIDIA_VISIBLE_DEVICES does."""
    for name, entry in (environment.entries if environment else {}).items():
        if name == VISIBLE:
            continue
        if not isinstance(entry.node, ScalarNode):
            wrong(entry.mark, f"environment.{name}", "text or nothing", entry.node)
        _one(service, name, entry, entry.node)


def _one(service: Service, name: str, entry: Entry, node: ScalarNode) -> None:
    if "=" in name or not name or any(letter.isspace() for letter in name):
        wrong(entry.mark, "environment", f"a variable's name, not {name!r}")
    value = None if node.value is None else node.text
    if value is None:
        service.draft.put("environment", name, None, entry.mark)
    elif (here := _taken(service, name, entry, node)) is not None:
        service.draft.put("environment", name, here, entry.mark)
    elif value and (is_secret(name, value) or any(use.hidden for use in service.project.uses.get(node.mark, ()))):
        service.taken.add(node.mark)
        service.draft.put("environment", name, None, entry.mark)
        service.lose(name, entry.mark, "it looks like a secret: taken from your environment at launch")
    else:
        service.draft.put("environment", name, ScalarNode(node.mark, value, value), entry.mark)


def _taken(service: Service, name: str, entry: Entry, node: ScalarNode) -> ScalarNode | None:
    """What says that whoever launches hands it over: for `NAME=${NAME}`, or a secret under another name."""
    project = service.project
    other = project.alone.get(node.mark) or project.alone.get(entry.mark)
    if other is None or not (other == name or is_secret(name, "") or is_secret(other, "")):
        return None
    service.taken.add(node.mark)
    if other in project.in_file:
        service.lose(name, entry.mark, _FROM_FILE, f"set {other} in your environment, or env_file: [FILE]")
    return ScalarNode(node.mark, None, f"${{{other}}}")


def env_files(service: Service, entry: Entry) -> None:
    """Files of this workstation. They are read at launch, not here."""
    items = entry.node.items if isinstance(entry.node, ListNode) else (entry.node,)
    for item in items:
        written = text_at(item, "path") if isinstance(item, MapNode) else as_text("env_file", item.mark, item)
        if not written:
            wrong(item.mark, "env_file", "a file's path")
        if isinstance(item, MapNode) and (form := text_at(item, "format")):
            service.lose(f"env_file: format {form}", item.mark, "a profile reads env_files in one way")
        path = service.project.here(written, item.mark)
        if path is None:
            service.lose(f"env_file: {written}", item.mark, PASTED_PATH.partition(":")[0], "env_file: [PATH]")
        elif _may_lack(item) and not service.project.is_file(path):
            service.lose(f"env_file: {written}", item.mark, "it is not there, and need not be: left out")
        else:
            service.draft.add("env_file", path, item.mark)


def _may_lack(item: Node) -> bool:
    return isinstance(item, MapNode) and not flag_at(item, "required", default=True)
