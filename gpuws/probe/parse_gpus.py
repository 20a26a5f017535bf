"""The agent's rows of GPUs and of the processes on them as model values. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Literal

from gpuws.model.gpu.reading import (
    Gap,
    GpuCounters,
    GpuDetail,
    GpuLink,
    GpuReading,
    Health,
    MigReading,
    ProcessReading,
    Throttled,
    Vendor,
)
from gpuws.model.secret import masked
from gpuws.model.session.listing import label_of
from gpuws.model.session.session import ID
from gpuws.probe.values import Row, choice, count, each, flag, items, number, percent, text, texts, whole

MOST_GPUS, MOST_PROCESSES, MOST_CONTAINERS, MOST_INSTANCES, MOST_REASONS = 64, 2048, 8, 32, 16
MOST_PARENTS = 64
LONGEST_COMMAND = 300
MOST_CPU = 100_000.0  # percent of one core: a thousand cores
CONTAINER_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,127}\Z")
KERNEL_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
PARTS: tuple[Literal["memory", "processes", "utilization"], ...] = ("memory", "processes", "utilization")
LONGEST_REASON = 120
VENDORS: dict[str, Vendor] = {"nvidia": "nvidia", "amd": "amd"}
HEALTH: dict[str, Health] = {"ok": "ok", "lost": "lost", "reset-required": "reset-required", "error": "error"}
LINKS: dict[str, Literal["NVLINK", "PIX", "PXB", "PHB", "NODE", "SYS"]] = {
    "NVLINK": "NVLINK",
    "PIX": "PIX",
    "PXB": "PXB",
    "PHB": "PHB",
    "NODE": "NODE",
    "SYS": "SYS",
}


def parse_gpus(sample: Row) -> tuple[GpuReading, ...]:
    """Each UUID once: everything about a GPU is found by it."""
    found: dict[str, GpuReading] = {}
    rows: dict[str, Row] = {}
    for row in items(sample, "gpus", MOST_GPUS):
        gpu = _gpu(row) if isinstance(row, dict) else None
        if gpu is not None:
            found[gpu.uuid], rows[gpu.uuid] = gpu, row
    by_index = {gpu.index: uuid for uuid, gpu in found.items()}
    linked = {uuid: _links(row, uuid, by_index) for uuid, row in rows.items()}
    return tuple(replace(gpu, links=linked[uuid]) if linked[uuid] else gpu for uuid, gpu in found.items())


def parse_process(row: Row) -> ProcessReading | None:
    pid, uuid = count(row, "pid"), text(row, "gpu_uuid", 96)
    if not pid or uuid is None:
        return None
    ids = items(row, "container_ids", MOST_CONTAINERS)
    kernel = row.get("kernel")
    return ProcessReading(
        pid=pid,
        gpu_uuid=uuid,
        memory=count(row, "memory"),
        utilization=percent(row, "utilization"),
        lately=percent(row, "lately"),
        user=text(row, "user", 64),
        uid=count(row, "uid"),
        command=_command(row),
        container_ids=tuple(cid for cid in ids if isinstance(cid, str) and CONTAINER_ID.match(cid)),
        session=_session(row.get("session")),
        started_at=number(row, "started_at"),
        cpu_seconds=number(row, "cpu_seconds"),
        cpu_percent=percent(row, "cpu_percent", MOST_CPU),
        io_wait=percent(row, "io_wait"),
        inner_pid=count(row, "inner_pid") or None,
        mig_uuid=text(row, "mig_uuid", 128),
        kernel=kernel if isinstance(kernel, str) and KERNEL_ID.match(kernel) else None,
        job=text(row, "job", 64),
        lineage=tuple(pid for item in items(row, "lineage", MOST_PARENTS) if (pid := whole(item))),
    )


def _session(value: object) -> str | None:
    """What the session of `LABEL:ID:NAME` goes by; the usual server has no label."""
    label, tmux_id, name = [*value.split(":", 2), "", ""][:3] if isinstance(value, str) else ("", "", "")
    return label_of(name, tmux_id, label) if ID.match(tmux_id) else None


def _command(row: Row) -> str | None:
    """Whoever has a login there reads it in `ps`, but a screen is seen by others, too."""
    command = text(row, "command", LONGEST_COMMAND)
    return _masked(command) if command else command


_masked = lru_cache(MOST_PROCESSES)(masked)
"""Each reading tells the same command lines again."""


def _gpu(row: Row) -> GpuReading | None:
    index, uuid = count(row, "index"), text(row, "uuid", 96)
    if index is None or uuid is None:
        return None
    detail, counters, mig = row.get("detail"), row.get("counters"), row.get("mig")
    return GpuReading(
        index=index,
        uuid=uuid,
        name=text(row, "name", 96) or "GPU",
        health=choice(HEALTH, row.get("health")) or "error",
        memory_used=count(row, "memory_used"),
        memory_total=count(row, "memory_total"),
        utilization=percent(row, "utilization"),
        temperature=number(row, "temperature"),
        power=number(row, "power"),
        power_limit=number(row, "power_limit"),
        energy=count(row, "energy"),
        error=text(row, "error"),
        fan=percent(row, "fan", 200.0),  # NVML may tell more than 100
        unified=row.get("unified") is True,
        persistence=flag(row, "persistence"),
        bus_id=text(row, "bus_id", 32),
        numa_node=count(row, "numa_node"),
        mig=tuple(each(row, "mig", MOST_INSTANCES, _instance)) if isinstance(mig, list) else None,
        detail=_detail(detail) if isinstance(detail, dict) else None,
        memory_activity=percent(row, "memory_activity"),
        counters=_counters(counters) if isinstance(counters, dict) else None,
        throttled=_throttled(throttled) if isinstance(throttled := row.get("throttled"), dict) else None,
        gaps=_gaps(row),
        vendor=choice(VENDORS, row.get("vendor")) or "nvidia",
    )


def _counters(row: Row) -> GpuCounters:
    return GpuCounters(
        seconds=number(row, "seconds"),
        active=percent(row, "active"),
        sm_active=percent(row, "sm_active"),
        sm_occupancy=percent(row, "sm_occupancy"),
        tensor=percent(row, "tensor"),
        dram=percent(row, "dram"),
        fp64=percent(row, "fp64"),
        fp32=percent(row, "fp32"),
        fp16=percent(row, "fp16"),
        pcie_sent=count(row, "pcie_sent"),
        pcie_received=count(row, "pcie_received"),
        nvlink_sent=count(row, "nvlink_sent"),
        nvlink_received=count(row, "nvlink_received"),
    )


def _instance(row: Row) -> MigReading | None:
    index, uuid = count(row, "index"), text(row, "uuid", 128)
    if index is None or uuid is None:
        return None
    return MigReading(
        uuid=uuid,
        index=index,
        profile=text(row, "profile", 32),
        gpu_instance=count(row, "gpu_instance"),
        compute_instance=count(row, "compute_instance"),
        memory_used=count(row, "memory_used"),
        memory_total=count(row, "memory_total"),
        gaps=_gaps(row),
        counters=_counters(counters) if isinstance(counters := row.get("counters"), dict) else None,
    )


def _gaps(row: Row) -> tuple[Gap, ...]:
    """Told as part → why it is not there."""
    told = row.get("gaps")
    if not isinstance(told, dict):
        return ()
    return tuple(Gap(part, why) for part in PARTS if (why := text(told, part, LONGEST_REASON)) is not None)


def _detail(row: Row) -> GpuDetail:
    return GpuDetail(
        clock_sm=count(row, "clock_sm"),
        clock_sm_max=count(row, "clock_sm_max"),
        clock_memory=count(row, "clock_memory"),
        clock_memory_max=count(row, "clock_memory_max"),
        performance_state=count(row, "performance_state"),
        throttle=texts(row, "throttle", MOST_REASONS, 64) if isinstance(row.get("throttle"), list) else None,
        ecc_corrected=count(row, "ecc_corrected"),
        ecc_uncorrected=count(row, "ecc_uncorrected"),
        pcie_generation=count(row, "pcie_generation"),
        pcie_generation_max=count(row, "pcie_generation_max"),
        pcie_width=count(row, "pcie_width"),
        pcie_width_max=count(row, "pcie_width_max"),
        pcie_received=count(row, "pcie_received"),
        pcie_sent=count(row, "pcie_sent"),
        memory_reserved=count(row, "memory_reserved"),
        encoder=percent(row, "encoder"),
        decoder=percent(row, "decoder"),
        remap_pending=flag(row, "remap_pending"),
        remap_failed=flag(row, "remap_failed"),
    )


def _throttled(row: Row) -> Throttled | None:
    seconds = number(row, "seconds")
    return Throttled(seconds, number(row, "power"), number(row, "heat")) if seconds else None


def _links(row: Row, uuid: str, by_index: dict[int, str]) -> tuple[GpuLink, ...]:
    """Told as [index of the other GPU, kind, lanes]; each peer once."""
    found = {}
    for item in items(row, "links", MOST_GPUS):
        if not isinstance(item, list) or len(item) != 3:
            continue
        index, kind = whole(item[0]), choice(LINKS, item[1])
        peer = None if index is None else by_index.get(index)
        if peer is not None and peer != uuid and kind is not None:
            found[peer] = GpuLink(peer, kind, whole(item[2]))
    return tuple(found.values())
