"""GPUs of all hosts, with the people on them, and what each person holds. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.model.gpu.verdict import how_well
from gpuws.model.gpu.xid import said
from gpuws.model.units import timestamp
from gpuws.present.documents.base import host, hosts

if TYPE_CHECKING:  # a listing starts without the modules of what it does not show
    from gpuws.model.gpu.fault import Fault
    from gpuws.model.gpu.gpu import Availability, Gpu, GpuProcess, Holder, MigInstance
    from gpuws.model.gpu.reading import FaultSources, GpuCounters, GpuDetail, HostFacts, ProbeCost, Throttled, Xid
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.model.ownership.usage import Share
    from gpuws.model.session.notebook import Notebook
    from gpuws.model.workspace.engine import EngineInfo
    from gpuws.present.documents.fields.gpus import (
        AvailabilityRow,
        CountersRow,
        DetailRow,
        EngineRow,
        FaultsRow,
        GpuHost,
        GpuRow,
        GpusDocument,
        HolderRow,
        MachineRow,
        MigRow,
        NotebookRow,
        ProbeRow,
        ProcessRow,
        ThrottledRow,
        UserRow,
        UsersDocument,
        VerdictRow,
        XidRow,
    )


def gpus(snapshots: Sequence[HostSnapshot], now: float) -> GpusDocument:
    return {"hosts": [_host_with_gpus(snapshot, now) for snapshot in snapshots]}


def users(snapshots: Sequence[HostSnapshot], shares: Sequence[Share], now: float) -> UsersDocument:
    return {"hosts": hosts(snapshots, now), "users": [_share(one) for one in shares]}


def _host_with_gpus(snapshot: HostSnapshot, now: float) -> GpuHost:
    return {
        **host(snapshot, now),
        "backend": snapshot.backend or None,
        "backend_reason": snapshot.backend_why or None,
        "driver": snapshot.driver,
        "cuda": snapshot.cuda,
        "telemetry": {"source": snapshot.telemetry, "error": _said(snapshot.telemetry_error)},
        "cpu_percent": snapshot.cpu_percent,
        "load": snapshot.load,
        "network_received_bytes_per_second": snapshot.net_received,
        "network_sent_bytes_per_second": snapshot.net_sent,
        "latency_seconds": snapshot.latency,
        "engine": None if snapshot.engine is None else _engine(snapshot.engine),
        "machine": None if snapshot.facts is None else _machine(snapshot.facts),
        "tags": list(snapshot.tags),
        "readonly": snapshot.readonly,
        "greeting": list(snapshot.greeting),
        "memory_used_bytes": snapshot.memory_used,
        "memory_total_bytes": snapshot.memory_total,
        "io_wait_percent": snapshot.io_wait,
        "disks": [{"mount": d.mount, "used_bytes": d.used, "total_bytes": d.total} for d in snapshot.disks],
        "warnings": [str(warning) for warning in snapshot.warnings],
        "xids": None if snapshot.xids is None else [_xid(one) for one in snapshot.xids],
        "faults": None if snapshot.faults is None else _faults(snapshot.faults),
        "notebooks": [_notebook(one) for one in snapshot.notebooks],
        "probe": None if snapshot.cost is None else _probe(snapshot.cost),
        "gpus": [_gpu(snapshot, gpu) for gpu in snapshot.gpus],
    }


def _engine(engine: EngineInfo) -> EngineRow:
    return {
        "kind": engine.kind,
        "version": engine.version,
        "api_version": engine.api_version,
        "at": engine.at or None,
        "error": engine.error,
    }


def _machine(facts: HostFacts) -> MachineRow:
    return {
        "hostname": facts.hostname,
        "processors": facts.cpu_count,
        "login": facts.login,
        "uid": facts.uid,
        "groups": list(facts.groups),
    }


def _said(fault: Fault | None) -> str | None:
    return None if fault is None else str(fault)


def _gpu(snapshot: HostSnapshot, gpu: Gpu) -> GpuRow:
    return {
        "index": gpu.index,
        "uuid": gpu.uuid,
        "name": gpu.name,
        "vendor": gpu.vendor,
        "health": gpu.health,
        "error": gpu.error,
        **_available(snapshot.availability(gpu)),
        "memory_used_bytes": gpu.memory_used,
        "memory_total_bytes": gpu.memory_total,
        "memory_is_the_hosts": gpu.unified,
        "utilization_percent": gpu.utilization,
        "memory_activity_percent": gpu.memory_activity,
        "counters": None if gpu.counters is None else _counters(gpu.counters),
        "usage": _usage(snapshot, gpu),
        "temperature_celsius": gpu.temperature,
        "power_watts": gpu.power,
        "power_limit_watts": gpu.power_limit,
        "fan_percent": gpu.fan,
        "throttled": None if gpu.throttled is None else _throttled(gpu.throttled),
        "persistence": gpu.persistence,
        "bus_id": gpu.bus_id,
        "numa_node": gpu.numa_node,
        "links": [{"peer": one.peer, "kind": one.kind, "lanes": one.lanes} for one in gpu.links],
        "detail": None if gpu.detail is None else _detail(gpu.detail),
        "mig_instances": [_mig(snapshot, instance, gpu) for instance in gpu.mig_instances],
        "held_by": [_holder(one) for one in gpu.held_by],
        "processes": [_process(process) for process in gpu.processes],
    }


def _detail(told: GpuDetail) -> DetailRow:
    return {
        "sm_clock_megahertz": told.clock_sm,
        "sm_clock_most_megahertz": told.clock_sm_max,
        "memory_clock_megahertz": told.clock_memory,
        "memory_clock_most_megahertz": told.clock_memory_max,
        "performance_state": told.performance_state,
        "throttle": None if told.throttle is None else list(told.throttle),
        "ecc_corrected": told.ecc_corrected,
        "ecc_uncorrected": told.ecc_uncorrected,
        "remap_pending": told.remap_pending,
        "remap_failed": told.remap_failed,
        "pcie_generation": told.pcie_generation,
        "pcie_generation_most": told.pcie_generation_max,
        "pcie_lanes": told.pcie_width,
        "pcie_lanes_most": told.pcie_width_max,
        "pcie_received_bytes_per_second": told.pcie_received,
        "pcie_sent_bytes_per_second": told.pcie_sent,
        "memory_reserved_bytes": told.memory_reserved,
        "encoder_percent": told.encoder,
        "decoder_percent": told.decoder,
    }


def _counters(told: GpuCounters) -> CountersRow:
    return {
        "seconds": told.seconds,
        "active_percent": told.active,
        "sm_active_percent": told.sm_active,
        "sm_occupancy_percent": told.sm_occupancy,
        "tensor_percent": told.tensor,
        "dram_percent": told.dram,
        "fp64_percent": told.fp64,
        "fp32_percent": told.fp32,
        "fp16_percent": told.fp16,
        "pcie_sent_bytes_per_second": told.pcie_sent,
        "pcie_received_bytes_per_second": told.pcie_received,
        "nvlink_sent_bytes_per_second": told.nvlink_sent,
        "nvlink_received_bytes_per_second": told.nvlink_received,
    }


def _usage(snapshot: HostSnapshot, place: Gpu | MigInstance) -> VerdictRow | None:
    found = how_well(snapshot, place)
    return None if found is None else {"verdict": found.kind, "evidence": found.evidence}


def _available(found: Availability) -> AvailabilityRow:
    """`free` is null where it can't be told; `reason` says why it is not free, or what of a free one can't be seen."""
    return {
        "free": None if found.state == "unknown" else found.state == "free",
        "reason": found.reason or None,
        "since": timestamp(found.since),
    }


def _mig(snapshot: HostSnapshot, instance: MigInstance, gpu: Gpu) -> MigRow:
    return {
        "uuid": instance.uuid,
        "index": instance.index,
        "profile": instance.profile,
        **_available(snapshot.availability(instance if gpu.health == "ok" else gpu)),
        "memory_used_bytes": instance.memory_used,
        "memory_total_bytes": instance.memory_total,
        "counters": None if instance.counters is None else _counters(instance.counters),
        "usage": _usage(snapshot, instance),
        "held_by": [_holder(one) for one in instance.held_by],
        "processes": [_process(process) for process in instance.processes],
    }


def _holder(one: Holder) -> HolderRow:
    return {
        "kind": one.kind,
        "name": one.name,
        "user": one.user,
        "mine": one.mine,
        "idle_seconds": one.idle_seconds,
        "idle_evidence": one.idle_evidence,
    }


def _process(process: GpuProcess) -> ProcessRow:
    return {
        "pid": process.pid,
        "inner_pid": process.inner_pid,
        "user": process.user,
        "command": process.command,
        "started": timestamp(process.started_at),
        "memory_bytes": process.memory,
        "utilization_percent": process.utilization,
        "cpu_percent": process.cpu_percent,
        "io_wait_percent": process.io_wait,
        "container": process.container,
        "session": process.session,
        "notebook": process.notebook,
        "job": process.job,
        "mig_uuid": process.mig_uuid,
    }


def _xid(one: Xid) -> XidRow:
    return {"number": one.number, "bus_id": one.bus_id, "text": said(one), "at": timestamp(one.at)}


def _faults(known: FaultSources) -> FaultsRow:
    return {"kernel_log": known.log, "told_since": timestamp(known.since), "unreadable": known.why or None}


def _throttled(told: Throttled) -> ThrottledRow:
    return {"seconds": told.seconds, "power_seconds": told.power, "heat_seconds": told.heat}


def _notebook(one: Notebook) -> NotebookRow:
    return {
        "kernel": one.kernel,
        "path": one.path,
        "port": one.port,
        "container": one.container,
        "state": one.state,
        "last_activity": timestamp(one.last_activity),
    }


def _probe(cost: ProbeCost) -> ProbeRow:
    return {
        "cpu_percent": cost.cpu_percent,
        "memory_bytes": cost.memory,
        "own_memory_bytes": cost.own,
        "first_sample_seconds": cost.first_sample,
        "age_seconds": cost.age,
    }


def _share(one: Share) -> UserRow:
    """Memory is None where one of the processes does not tell its own."""
    return {
        "user": one.user,
        "mine": one.mine,
        "gpus": one.gpus,
        "idle_gpus": one.idle,
        "gpu_memory_bytes": None if one.unknown else one.memory,
    }
