"""Which GPUs a container was given, and how an engine hands GPUs out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from gpuws.model.text import plain
from gpuws.model.workspace.engine import GpuMode

CDI_KIND = "nvidia.com/gpu"
HOOK = "nvidia-container-runtime-hook"
_DEVICE = re.compile(r"/dev/nvidia(\d+)\Z")
_LETS_IN = re.compile(r"\s*(?:a\b|c\s+(?:195|\*):)")
"""195: the major number of NVIDIA's devices."""
VISIBLE = "NVIDIA_VISIBLE_DEVICES"
RUNTIME = "nvidia"


def gpus_of(
    host_config: Mapping[str, Any], config: Mapping[str, Any], default_runtime: str | None = None
) -> tuple[str, ...]:
    """UUIDs or indices as they were asked for, or ("all",): by request, by NVIDIA's runtime, or as plain devices.

    `default_runtime`: the engine's. Where that is NVIDIA's, every container of a CUDA image sees all GPUs by the
    image's own word: nobody asked for them, and they are not taken."""
    found: list[str] = []
    for request in _dicts(host_config.get("DeviceRequests")):
        found += _requested(request)
    if not found and host_config.get("Runtime") == RUNTIME:
        seen = _visible(config)
        found += [] if seen == ["all"] and default_runtime == RUNTIME else seen
    for device in _dicts(host_config.get("Devices")):
        if match := _DEVICE.match(str(device.get("PathOnHost"))):
            found.append(match[1])
    return ("all",) if "all" in found else tuple(dict.fromkeys(found))


def asked_for(labels: Mapping[str, str]) -> tuple[str, ...]:
    """UUIDs by the label that a launch of gpuws wrote."""
    return tuple(word for word in labels.get("gpuws.gpus", "").split(",") if word)


def reach_of(host_config: Mapping[str, Any], config: Mapping[str, Any]) -> tuple[str, ...]:
    """GPUs that its programs can use although nobody gave them to it, ("all",) with privileges, with all devices or
    with a rule that lets in NVIDIA's. Variables count where NVIDIA's runtime reads them, an image's own, too."""
    rules = [str(rule) for rule in _list(host_config.get("DeviceCgroupRules"))]
    devices = [str(device.get("PathOnHost")).rstrip("/") for device in _dicts(host_config.get("Devices"))]
    if host_config.get("Privileged") is True or "/dev" in devices or any(map(_LETS_IN.match, rules)):
        return ("all",)
    told = [one for one in _dicts(host_config.get("DeviceRequests")) if one.get("Driver") != "cdi"]
    return tuple(_visible(config)) if host_config.get("Runtime") == RUNTIME and not told else ()


def visible(value: str) -> list[str]:
    """GPUs that NVIDIA's runtime reads from NVIDIA_VISIBLE_DEVICES."""
    words = [plain(word, 100) for word in value.split(",") if word.strip()]
    return [word for word in words if word not in ("none", "void")]


def mode_of(info: Mapping[str, Any], cdi_devices: Iterable[str], hook_found: bool) -> GpuMode | None:
    """How GPUs get into containers there; `cdi_devices` are names of CDI specifications found on the host.

    CDI is preferred: what it injects survives a reload of systemd and updates of the container."""
    names = [*cdi_devices, *_discovered(info)]
    if info.get("CDISpecDirs") and any(name.startswith(f"{CDI_KIND}=") or name == CDI_KIND for name in names):
        return "cdi"
    runtimes = info.get("Runtimes")
    if hook_found or (isinstance(runtimes, dict) and "nvidia" in runtimes):
        return "hook"
    return None


def _discovered(info: Mapping[str, Any]) -> list[str]:
    return [str(device.get("ID", "")) for device in _dicts(info.get("DiscoveredDevices"))]


def _requested(request: Mapping[str, Any]) -> list[str]:
    ids = [plain(str(word), 100) for word in _list(request.get("DeviceIDs"))]
    if request.get("Driver") == "cdi":
        return [word.partition("=")[2] for word in ids if word.startswith(f"{CDI_KIND}=")]
    words = {word for group in _list(request.get("Capabilities")) for word in _list(group)}
    if request.get("Driver") != "nvidia" and not {"gpu", "nvidia"} & words:
        return []
    count = request.get("Count")
    if ids or not isinstance(count, int):
        return ids
    return ["all"] if count < 0 else [str(index) for index in range(min(count, 64))]


def _visible(config: Mapping[str, Any]) -> list[str]:
    pairs = (str(item).partition("=") for item in _list(config.get("Env")))
    return next((visible(value) for name, _, value in pairs if name == VISIBLE), [])


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: object) -> list[Mapping[str, Any]]:
    return [item for item in _list(value) if isinstance(item, dict)]
