"""What `amd-smi … --json` tells, as the rows that an agent would have sent. Pure; nothing raises.

A list with an entry a GPU; since ROCm 7 it stands below `gpu_data`."""

from __future__ import annotations

from collections.abc import Mapping

from gpuws.probe.amd.values import Row, document, first, inner, real, size, text

NOT_TOLD = "not told by amd-smi"
UNSEEN = "amd-smi shows only mine without root"
AT_WORK = 1.0  # percent
MUCH = 1 << 30  # bytes: drivers keep some hundred MiB


def rows(parts: Mapping[str, str]) -> Row:
    """`gpus`, `processes`, `driver` of what the tool said: `list`, `static`, `metric`, `process`."""
    known = {name: _entries(parts.get(name, "")) for name in ("list", "static", "metric", "process")}
    processes = _processes(known["process"], known["list"])
    indices = sorted({*known["metric"], *known["list"]})
    gpus = [
        _gpu(index, known["list"].get(index, {}), known["static"].get(index, {}), known["metric"].get(index, {}),
             known["process"].get(index))
        for index in indices
    ]  # fmt: skip
    driver = next((inner(one, "driver") for one in known["static"].values()), None)
    words = [word for key in ("name", "version") if (word := text(inner(driver, key)))]
    return {"gpus": gpus, "processes": processes, "driver": " ".join(words) or None}


def _entries(said: str) -> dict[int, Row]:
    found = document(said)
    if isinstance(found, dict):
        found = found.get("gpu_data")
    entries = found if isinstance(found, list) else []
    return {int(index): one for one in entries if isinstance(one, dict) and (index := real(one.get("gpu"))) is not None}


def uuid_of(index: int, listed: Row) -> str:
    return text(listed.get("uuid")) or f"AMD-{text(listed.get('bdf')) or index}"


def _gpu(index: int, listed: Row, static: Row, metric: Row, process: Row | None) -> Row:
    memory = first(metric, ("mem_usage", "fb_usage"))
    used, total = size(inner(memory, "used_vram")), size(inner(memory, "total_vram"))
    if total is None:
        total = size(inner(static, "vram", "size"))
    busy = real(inner(metric, "usage", "gfx_activity"))
    power = first(inner(metric, "power"), ("socket_power", "current_socket_power", "average_socket_power"))
    limit = real(first(inner(static, "limit"), ("socket_power", "max_power")))
    return {
        "index": index,
        "uuid": uuid_of(index, listed),
        "name": text(inner(static, "asic", "market_name")) or text(inner(static, "board", "product_name")) or "AMD GPU",
        "vendor": "amd",
        "health": "ok" if metric else "error",
        "error": None if metric else "amd-smi tells no figures of it",
        "bus_id": text(listed.get("bdf")) or text(inner(static, "bus", "bdf")),
        "numa_node": inner(static, "numa", "node"),
        "memory_used": used,
        "memory_total": total,
        "utilization": busy,
        "memory_activity": real(inner(metric, "usage", "umc_activity")),
        "temperature": real(first(inner(metric, "temperature"), ("hotspot", "edge"))),
        "power": real(power),
        "power_limit": limit or None,  # 0 where it has none to tell
        "fan": real(inner(metric, "fan", "usage")),
        "gaps": _gaps(used, busy, process),
    }


def _gaps(used: int | None, busy: float | None, process: Row | None) -> Row:
    gaps = {}
    if used is None:
        gaps["memory"] = NOT_TOLD
    if busy is None:
        gaps["utilization"] = NOT_TOLD
    if process is None:
        gaps["processes"] = NOT_TOLD
    elif not any(_infos(process)) and ((busy or 0) > AT_WORK or (used or 0) >= MUCH):
        gaps["processes"] = UNSEEN  # it says "No running processes detected" of what it may not look at
    return gaps


def _infos(entry: Row) -> list[Row]:
    listed = entry.get("process_list")
    found = [inner(one, "process_info") or one for one in (listed if isinstance(listed, list) else [])]
    return [one for one in found if isinstance(one, dict) and real(one.get("pid"))]


def _processes(entries: Mapping[int, Row], listed: Mapping[int, Row]) -> list[Row]:
    found = []
    for index, entry in entries.items():
        for info in _infos(entry):
            memory = size(inner(info, "memory_usage", "vram_mem"))
            if memory is None:
                memory = size(first(info, ("mem_usage", "mem")))
            row = {"pid": int(real(info["pid"]) or 0), "gpu_uuid": uuid_of(index, listed.get(index, {}))}
            found.append({**row, "memory": memory, "command": text(info.get("name"))})
    return found
