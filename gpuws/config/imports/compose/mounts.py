"""`volumes`, `tmpfs`, `secrets` and `configs` of a service as a profile's volumes. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from gpuws.config.imports.binds import OPTIONS, SILENT, check_for
from gpuws.config.imports.compose.service import (
    PASTED_PATH,
    Service,
    as_items,
    as_map,
    as_text,
    flag_at,
    text_at,
    wrong,
)
from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, Node, Position, ScalarNode, is_null
from gpuws.config.yaml.problems import ConfigProblems, problem_at
from gpuws.model.sizes import parse_size

_WINDOWS = re.compile(r"[A-Za-z]:(?:\\|/[^:]*:/)")
_TYPES = frozenset({"bind", "volume", "tmpfs"})


@dataclass(frozen=True, slots=True)
class Mount:
    """One, as it is asked for. `written`: how."""

    mark: Position
    written: str
    type: str
    source: str
    target: str
    read_only: bool
    make: bool


def target_of(node: Node) -> str:
    """Where a mount appears: what makes two of them the same one."""
    if isinstance(node, MapNode):
        return text_at(node, "target")
    parts = node.text.split(":") if isinstance(node, ScalarNode) else [""]
    return parts[1] if len(parts) > 1 else parts[0]


def volumes(service: Service, entry: Entry) -> None:
    for index, item in enumerate(as_items("volumes", entry.mark, entry.node)):
        key = f"volumes[{index}]"
        mount = _long(service, key, item) if isinstance(item, MapNode) else _short(service, key, item)
        if mount is not None:
            _say(service, mount)


def tmpfs(service: Service, entry: Entry) -> None:
    items = entry.node.items if isinstance(entry.node, ListNode) else (entry.node,)
    for item in items:
        service.draft.add("tmpfs", as_text("tmpfs", item.mark, item), item.mark)


def files(service: Service, entry: Entry, section: str, folder: str) -> None:
    """`secrets` and `configs`: files that Compose binds from where they lie."""
    for index, item in enumerate(as_items(section, entry.mark, entry.node)):
        name = text_at(item, "source") if isinstance(item, MapNode) else as_text(section, item.mark, item)
        target = text_at(item, "target") if isinstance(item, MapNode) else ""
        told = service.project.named(section, name)
        if not isinstance(told, MapNode):
            wrong(item.mark, f"{section}[{index}]", f"one of {section} at the end of the file: {name} is not there")
        for key in ("uid", "gid", "mode"):
            if isinstance(item, MapNode) and key in item.entries:
                service.lose(f"{section}: {name}: {key}", item.entries[key].mark, "its file is bound as it is there")
        inside = target if target.startswith("/") else f"{folder}{target or name}"
        _file(service, section, name, told, inside, item.mark)


def _file(service: Service, section: str, name: str, told: MapNode, target: str, mark: Position) -> None:
    what = f"{section}: {name}"
    variable = text_at(told, "environment")
    if variable:
        instead = f"environment: {{{variable}: null}} hands the variable over"
        service.lose(what, mark, f"a profile makes no file of the variable {variable}", instead)
        return
    path = text_at(told, "file")
    source = service.project.on_host(path, mark) if path else None
    if source is None:
        why = PASTED_PATH if path else "only a file can be bound"
        service.lose(what, mark, f"left out: {why}", f"bind it: volumes: [PATH:{target}:ro]")
        return
    service.draft.add("volumes", {"type": "bind", "source": source, "target": target, "read_only": True}, mark)
    service.lose(what, mark, f"is bound from {source} of the host, where it must lie", "")


def _short(service: Service, key: str, node: Node) -> Mount | None:
    written = as_text(key, node.mark, node)
    if _WINDOWS.match(written):
        service.lose(written, node.mark, "it is a path of Windows")
        return None
    source, *rest = written.split(":")
    if not rest:
        return Mount(node.mark, written, "volume", "", source, read_only=False, make=False)
    if len(rest) > 2 or not source or not rest[0]:
        wrong(node.mark, key, "SOURCE:TARGET or SOURCE:TARGET:ro")
    options = rest[1].split(",") if len(rest) == 2 else []
    for option in options:
        if option in OPTIONS:
            service.lose(f"{option} of {written}", node.mark, *OPTIONS[option])
        elif option not in SILENT | {"ro"}:
            wrong(node.mark, key, f"ro, rw, z or another of a mount's options behind the target: {option} is none")
    kind = "bind" if source.startswith((".", "~", "/")) else "volume"
    return Mount(node.mark, written, kind, source, rest[0], read_only="ro" in options, make=True)


def _long(service: Service, key: str, node: MapNode) -> Mount | None:
    kind = text_at(node, "type", "volume")
    source, target = text_at(node, "source"), text_at(node, "target")
    written = f"{source or kind}:{target}"
    if kind not in _TYPES:
        service.lose(written, node.mark, f"a profile has no mounts of type {kind}")
        return None
    if not target:
        wrong(node.mark, f"{key}.target", "the path in the container")
    if kind == "bind" and not source:
        wrong(node.mark, f"{key}.source", "the path on the host")
    inner = node.get(kind)
    more = as_map(f"{key}.{kind}", node.mark, inner) if inner and not is_null(inner) else MapNode(node.mark, {})
    if kind == "tmpfs":
        _in_memory(service, target, more, node)
        return None
    for name, entry in more.entries.items():
        if name != "create_host_path":
            word = entry.node.text if isinstance(entry.node, ScalarNode) else name
            said = word if name in ("selinux", "propagation") else name
            if said not in SILENT:
                service.lose(f"{name} of {written}", entry.mark, *OPTIONS.get(said, ("a profile can't say it", "")))
    if (consistency := text_at(node, "consistency")) and consistency in OPTIONS:
        service.lose(f"{consistency} of {written}", node.mark, *OPTIONS[consistency])
    make = flag_at(more, "create_host_path", default=True)
    return Mount(node.mark, written, kind, source, target, read_only=flag_at(node, "read_only"), make=make)


def _in_memory(service: Service, target: str, more: MapNode, node: MapNode) -> None:
    """A mount of type tmpfs; what says its size or rights is a tmpfs in Docker's short form."""
    options = ["ro"] if flag_at(node, "read_only") else []
    if size := more.entries.get("size"):
        options.append(f"size={_size(size)}")
    if mode := text_at(more, "mode"):
        options.append(f"mode={int(mode):o}" if mode.isdecimal() and not mode.startswith("0") else f"mode={mode}")
    if options:
        service.draft.add("tmpfs", f"{target}:{','.join(options)}", node.mark)
    else:
        service.draft.add("volumes", {"type": "tmpfs", "target": target}, node.mark)


def _size(entry: Entry) -> str:
    """As a tmpfs takes it: bytes, or with k, m, g."""
    value = entry.node.value if isinstance(entry.node, ScalarNode) else None
    try:
        size = parse_size(value)
    except ValueError as error:
        raise ConfigProblems([problem_at(entry.mark, "tmpfs.size", str(error))]) from error
    units = ((30, "g"), (20, "m"), (10, "k"))
    return next((f"{size >> power}{unit}" for power, unit in units if size and size % (1 << power) == 0), str(size))


def _say(service: Service, mount: Mount) -> None:
    said: dict[str, Any] = {"type": mount.type, "target": mount.target, "read_only": mount.read_only}
    if mount.type == "bind":
        source, beside = service.project.on_host(mount.source, mount.mark), not mount.source.startswith(("/", "~"))
        if source is None:
            service.lose(mount.written, mount.mark, PASTED_PATH)
            source = mount.source.removeprefix("./")
            source = "~" if source == "." else f"~/{source}"
        said |= {"source": source, "check": check_for(source, beside=beside) if mount.make else "exists"}
    elif mount.source:
        said["source"] = _volume(service, mount)
    service.draft.add("volumes", said, mount.mark)


def _volume(service: Service, mount: Mount) -> str:
    """What the engine calls a volume: Compose puts the project's name in front."""
    told = service.project.named("volumes", mount.source)
    section = service.project.tree.get("volumes")
    if not isinstance(section, MapNode) or mount.source not in section.entries:
        wrong(mount.mark, "volumes", f"a path such as ./{mount.source}, or {mount.source} among the file's volumes")
    if isinstance(told, MapNode):
        own = text_at(told, "name")
        for key in ("driver", "driver_opts"):
            if (entry := told.entries.get(key)) and text_at_or(entry, key) != "local":
                why = "a profile's volumes are the engine's own: local ones"
                service.lose(f"volumes.{mount.source}.{key}", entry.mark, why, "bind the directory instead")
        outside = told.get("external")
        if outside is not None and not (isinstance(outside, ScalarNode) and outside.value is False):
            return own or mount.source
        if own:
            return own
    if service.project.name:
        return f"{service.project.name}_{mount.source}"
    why = "Compose puts the project's name in front, which pasted text does not tell"
    service.lose(f"volume {mount.source}", mount.mark, why, f"to use one that is there: source: PROJECT_{mount.source}")
    return mount.source


def text_at_or(entry: Entry, key: str) -> str:
    return entry.node.text if isinstance(entry.node, ScalarNode) else key
