"""What of a service says which GPUs it gets: `deploy`, `gpus`, `runtime: nvidia`, `NVIDIA_VISIBLE_DEVICES`. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.config.imports.compose.service import Service, as_items, as_map, as_text, text_at, wrong
from gpuws.config.yaml.nodes import Entry, MapNode, Node, Position, ScalarNode, is_null
from gpuws.model.gpu.reading import UUID

VISIBLE = "NVIDIA_VISIBLE_DEVICES"
CDI = "nvidia.com/gpu="
_OURS = frozenset({"", "nvidia", "cdi"})
_CAPABILITIES = frozenset({"gpu", "nvidia", "compute", "utility", "graphics", "video", "display", "compat32", "ngx"})


def say(service: Service, environment: MapNode | None) -> None:
    """`gpus` of the profile. The first way that says it counts: a device asked for, then NVIDIA's runtime."""
    runtime, visible = service.entry("runtime"), environment.entries.get(VISIBLE) if environment else None
    asked = [*_reserved(service), *_listed(service)]
    if asked:
        _devices(service, asked)
    elif visible is not None and isinstance(visible.node, ScalarNode) and visible.node.value is not None:
        named(service, visible.node.text, visible.mark)
    elif runtime is not None and _is_nvidia(runtime):
        service.draft.say("gpus", "all", runtime.mark)
        why = f"the image's {VISIBLE} says which GPUs it gets, mostly all: written so"
        service.lose("runtime: nvidia", runtime.mark, why, "say which: gpus")
    if runtime is not None and not _is_nvidia(runtime):
        word = as_text("runtime", runtime.mark, runtime.node)
        if word != "runc":
            service.lose(f"runtime: {word}", runtime.mark, "a profile runs by the engine's own runtime")


def named(service: Service, text: str, mark: Position) -> None:
    """GPUs as NVIDIA_VISIBLE_DEVICES, `device_ids` and CDI name them, with commas between."""
    words = [word.strip().removeprefix(CDI).removeprefix("nvidia.com/mig=") for word in text.split(",") if word.strip()]
    if not words or words == ["none"] or words == ["void"]:
        service.draft.say("gpus", "none", mark)
    elif words == ["all"]:
        service.draft.say("gpus", "all", mark)
    elif all(word.isdecimal() for word in words):
        service.draft.say("gpus", [int(word) for word in words], mark)
    elif all(UUID.match(word) for word in words):
        service.draft.say("gpus", words, mark)
    else:
        service.draft.say("gpus", len(words), mark)
        why = f"a profile names GPUs by index or by whole UUID: {len(words)} are asked for"
        service.lose(text, mark, why, "say which: gpus")


def _is_nvidia(runtime: Entry) -> bool:
    return as_text("runtime", runtime.mark, runtime.node).startswith("nvidia")


def _reserved(service: Service) -> Sequence[MapNode]:
    """The rows of `deploy.resources.reservations.devices`."""
    node: Node | None = service.keys
    mark, key = service.keys.mark, ""
    for step in ("deploy", "resources", "reservations"):
        entry = as_map(key, mark, node).entries.get(step) if node else None
        if entry is None or is_null(entry.node):
            return ()
        mark, node, key = entry.mark, entry.node, f"{key}.{step}".lstrip(".")
    devices = as_map(key, mark, node).entries.get("devices") if node else None
    if devices is None or is_null(devices.node):
        return ()
    key = f"{key}.devices"
    return [as_map(key, item.mark, item) for item in as_items(key, devices.mark, devices.node)]


def _listed(service: Service) -> Sequence[MapNode]:
    """The rows of `gpus`."""
    entry = service.entry("gpus")
    if entry is None:
        return ()
    if isinstance(entry.node, ScalarNode):
        count = Entry(entry.mark, entry.node)
        return [MapNode(entry.mark, {"count": count})]
    return [as_map("gpus", item.mark, item) for item in as_items("gpus", entry.mark, entry.node)]


def _devices(service: Service, rows: Sequence[MapNode]) -> None:
    ours = [row for row in rows if _ours(service, row)]
    names = [word for row in ours for word in _words(row, "device_ids")]
    if names:
        named(service, ",".join(names), ours[0].mark)
        return
    counts = [_count(row) for row in ours]
    if None in counts:
        service.draft.say("gpus", "all", ours[0].mark)
    elif counts:
        service.draft.say("gpus", sum(count for count in counts if count), ours[0].mark)


def _ours(service: Service, row: MapNode) -> bool:
    """Whether it asks for NVIDIA's GPUs."""
    driver = text_at(row, "driver")
    if "count" in row.entries and "device_ids" in row.entries:
        wrong(row.entries["count"].mark, "count", "either count or device_ids, not both")
    odd = [word for word in _words(row, "capabilities") if word not in _CAPABILITIES]
    if driver not in _OURS or odd:
        service.lose(f"devices: {driver or ', '.join(odd)}", row.mark, "a profile knows NVIDIA's GPUs only")
        return False
    if options := row.entries.get("options"):
        service.lose("devices: options", options.mark, "a profile does not hand options to the driver")
    return True


def _words(row: MapNode, key: str) -> list[str]:
    entry = row.entries.get(key)
    if entry is None or is_null(entry.node):
        return []
    return [as_text(key, item.mark, item) for item in as_items(key, entry.mark, entry.node)]


def _count(row: MapNode) -> int | None:
    """None: all."""
    word = text_at(row, "count", "all")
    if word in ("all", "-1"):
        return None
    if not word.isdecimal() or len(word) > 4:
        wrong(row.entries["count"].mark, "count", "a number of GPUs, or all")
    return int(word)
