"""Each figure that a page shows has its field in JSON: whatever the model knows of a GPU, a process, a host and a
container stands in one of these tables, with its field or with why it has none."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from gpuws.model.gpu.gpu import Gpu, GpuProcess
from gpuws.model.gpu.reading import GpuCounters, GpuDetail, GpuLink, HostFacts, MigReading
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.workspace.engine import EngineInfo
from gpuws.model.workspace.usage import Usage
from gpuws.model.workspace.workspace import Container, Workspace
from gpuws.present.documents.gpus import gpus
from gpuws.present.documents.listings import containers
from tests.factories import NOW, container, gpu, snapshot

DETAIL = {
    "clock_sm": "sm_clock_megahertz", "clock_sm_max": "sm_clock_most_megahertz",
    "clock_memory": "memory_clock_megahertz", "clock_memory_max": "memory_clock_most_megahertz",
    "performance_state": "performance_state", "throttle": "throttle",
    "ecc_corrected": "ecc_corrected", "ecc_uncorrected": "ecc_uncorrected",
    "pcie_generation": "pcie_generation", "pcie_generation_max": "pcie_generation_most",
    "pcie_width": "pcie_lanes", "pcie_width_max": "pcie_lanes_most",
    "pcie_received": "pcie_received_bytes_per_second", "pcie_sent": "pcie_sent_bytes_per_second",
    "memory_reserved": "memory_reserved_bytes", "encoder": "encoder_percent", "decoder": "decoder_percent",
    "remap_pending": "remap_pending", "remap_failed": "remap_failed",
}  # fmt: skip
COUNTERS = {
    "seconds": "seconds", "active": "active_percent", "sm_active": "sm_active_percent",
    "sm_occupancy": "sm_occupancy_percent", "tensor": "tensor_percent", "dram": "dram_percent",
    "fp64": "fp64_percent", "fp32": "fp32_percent", "fp16": "fp16_percent",
    "pcie_sent": "pcie_sent_bytes_per_second", "pcie_received": "pcie_received_bytes_per_second",
    "nvlink_sent": "nvlink_sent_bytes_per_second", "nvlink_received": "nvlink_received_bytes_per_second",
}  # fmt: skip
GPU = {
    "index": "index", "uuid": "uuid", "name": "name", "health": "health", "memory_used": "memory_used_bytes",
    "memory_total": "memory_total_bytes", "utilization": "utilization_percent",
    "temperature": "temperature_celsius", "power": "power_watts", "power_limit": "power_limit_watts",
    "error": "error", "fan": "fan_percent", "unified": "memory_is_the_hosts", "persistence": "persistence",
    "bus_id": "bus_id", "numa_node": "numa_node", "memory_activity": "memory_activity_percent", "since": "since",
    "vendor": "vendor",
}  # fmt: skip
GPU_ELSEWHERE = {
    "links": "the links' own table", "detail": "its own table", "counters": "its own table",
    "processes": "its own table",
    "mig_instances": "its own table", "held_by": "tests/cli/test_listings.py", "mig": "as read: mig_instances has it",
    "gaps": "they are why `free` is null, which `reason` says", "trend": "a curve",
    "energy": "a count: what it grew by is in `gpuws report`",
    "throttled": "`throttled`",
}  # fmt: skip
PROCESS = {
    "pid": "pid", "user": "user", "command": "command", "memory": "memory_bytes", "utilization": "utilization_percent",
    "container": "container", "session": "session", "notebook": "notebook", "started_at": "started",
    "cpu_percent": "cpu_percent", "inner_pid": "inner_pid", "mig_uuid": "mig_uuid", "job": "job",
    "io_wait": "io_wait_percent",
}  # fmt: skip
PROCESS_ELSEWHERE = {
    "mine": "`held_by` says it", "container_id": "`gpuws ps` has it by the name",
    "kernel": "`notebooks` of the host name it",
}  # fmt: skip
HOST = {
    "name": "name", "error": "error", "latency": "latency_seconds", "readonly": "readonly", "aliases": "aliases",
    "tags": "tags", "driver": "driver", "cuda": "cuda", "cpu_percent": "cpu_percent", "load": "load",
    "memory_used": "memory_used_bytes", "memory_total": "memory_total_bytes",
    "net_received": "network_received_bytes_per_second", "net_sent": "network_sent_bytes_per_second",
    "backend": "backend", "backend_why": "backend_reason", "greeting": "greeting",
    "io_wait": "io_wait_percent",
}  # fmt: skip
HOST_ELSEWHERE = {
    "state": "tests/cli/test_listings.py", "updated_at": "`age_seconds`", "phase": "a word while it is on its way",
    "remedy": "said on stderr", "retry_at": "of the moment", "generation": "of the connection's own", "me": "`mine`",
    "facts": "its own table", "engine": "its own table", "telemetry": "`telemetry`", "telemetry_error": "`telemetry`",
    "coverage": "`telemetry`", "disks": "`disks`", "gpus": "their own table", "workspaces": "`gpuws ps`",
    "sessions": "`gpuws tmux ls`", "notebooks": "`notebooks`", "warnings": "`warnings`", "xids": "`xids`",
    "faults": "`faults`",
    "cost": "`probe`", "complete": "`null` stands for what is missing", "besides": "`gpuws doctor`",
}  # fmt: skip
MACHINE = {
    "login": "login", "uid": "uid", "groups": "groups", "hostname": "hostname", "cpu_count": "processors",
}  # fmt: skip
MACHINE_ELSEWHERE = dict.fromkeys(
    ("gid", "gids", "home", "boot_id", "python", "has_tmux", "interpreter", "pid_namespace"), "`gpuws doctor -v`"
)
ENGINE = {"kind": "kind", "version": "version", "api_version": "api_version", "at": "at", "error": "error"}
ENGINE_ELSEWHERE = {
    "remedy": "said on stderr", "shut": "`error` says it", "caps": "what may be asked of it",
    "aside": "`gpuws doctor` says it", "beside": "what may be asked of it",
}  # fmt: skip
CONTAINER = {
    "name": "name", "status": "state", "created": "created", "reason": "reason", "owner": "owner", "mine": "mine",
    "profile": "profile", "gpus": "gpus", "started": "started", "memory_limit": "memory_limit_bytes",
    "cpu_limit": "cpu_limit_percent", "gpu_memory": "gpu_memory_bytes", "out_of_memory": "out_of_memory",
    "oom_kills": "oom_kills", "gpu_out_of_memory": "gpu_out_of_memory", "engine": "engine",
}  # fmt: skip
CONTAINER_ELSEWHERE = {
    "ref": "`host` and `id`", "host": "`host`", "state": "`state` is the engine's own word for it",
    "oci": "its own table",
    "actions": "what may be asked of it", "failed": "`reason` says it", "owner_is_label": "`mine` follows from it",
    "on_host": "`engine` tells it",
    "reach": "`gpuws doctor` says it", "usage": "its own table", "labels": "`gpuws inspect`",
}  # fmt: skip
OCI = {"image": "image", "health": "health", "restarts": "restarts", "project": "project"}
OCI_ELSEWHERE = {
    "ports": "`ports`", "mounts": "`gpuws inspect`", "user": "`gpuws inspect`", "login": "`gpuws inspect`",
}  # fmt: skip
USAGE = {
    "cores": "cpu_percent",
    "memory": "memory_used_bytes",
    "read": "disk_read_bytes_per_second",
    "written": "disk_written_bytes_per_second",
    "received": "network_received_bytes_per_second",
    "sent": "network_sent_bytes_per_second",
}
USAGE_ELSEWHERE = {"limit": "`memory_limit_bytes` where the engine knows none", "oom_kills": "of the container"}
MIG = {
    "uuid": "uuid", "index": "index", "profile": "profile", "memory_used": "memory_used_bytes",
    "memory_total": "memory_total_bytes",
}  # fmt: skip
MIG_ELSEWHERE = {
    "counters": "tests/cli/test_pure.py",
    "gpu_instance": "a number of the driver's", "compute_instance": "a number of the driver's",
    "gaps": "they are why `free` is null, which `reason` says",
}  # fmt: skip
TOLD = {
    "health": "lost", "throttle": ("power cap",), "since": NOW - 5, "started_at": NOW - 5, "created": NOW - 5,
    "started": NOW - 5, "aliases": ("other",), "out_of_memory": "inside",
}  # fmt: skip
"""What a field is given here, where a number of its own will not do."""


@pytest.mark.parametrize(
    ("kind", "told", "elsewhere"),
    [
        (GpuDetail, DETAIL, {}), (GpuCounters, COUNTERS, {}), (Gpu, GPU, GPU_ELSEWHERE),
        (GpuProcess, PROCESS, PROCESS_ELSEWHERE), (HostSnapshot, HOST, HOST_ELSEWHERE),
        (HostFacts, MACHINE, MACHINE_ELSEWHERE), (EngineInfo, ENGINE, ENGINE_ELSEWHERE),
        (Workspace, CONTAINER, CONTAINER_ELSEWHERE), (Container, OCI, OCI_ELSEWHERE), (Usage, USAGE, USAGE_ELSEWHERE),
        (MigReading, MIG, MIG_ELSEWHERE), (GpuLink, dict.fromkeys(("peer", "kind", "lanes")), {}),
    ],
)  # fmt: skip
def test_whatever_is_known_has_its_place(kind, told, elsewhere):
    """A new field of the model is shown in JSON, or it is said here why not."""
    assert {each.name for each in fields(kind)} == {*told, *elsewhere}
    assert not told.keys() & elsewhere.keys()


def host(**more):
    told = snapshot(gpus=(gpu(user="bob"),), **more)
    (row,) = json.loads(json.dumps(gpus([told], NOW)))["hosts"]
    return row


def shown(one):
    document = json.loads(json.dumps(gpus([snapshot(gpus=(one,))], NOW)))
    return document["hosts"][0]["gpus"][0]


def listed(one, usage=None):
    document = containers([snapshot(workspaces=(one,))], NOW, {one.ref: usage} if usage else None)
    (row,) = json.loads(json.dumps(document))["containers"]
    return row


def given(value):
    """Another value than `value` has: to be found again in JSON."""
    return not value if isinstance(value, bool) else ("x17",) if isinstance(value, tuple) else 17


def changed(one, field):
    value = TOLD.get(field, given(getattr(one, field)))
    return replace(one, **{field: "x17" if isinstance(getattr(one, field), str) and value == 17 else value})


@pytest.mark.parametrize(("field", "key"), DETAIL.items())
def test_a_detail_of_a_gpu(field, key):
    before = shown(replace(gpu(), detail=GpuDetail()))["detail"]
    after = shown(replace(gpu(), detail=changed(GpuDetail(), field)))["detail"]
    assert {name for name in after if after[name] != before[name]} == {key}
    assert before[key] is None


@pytest.mark.parametrize(("field", "key"), COUNTERS.items())
def test_a_counter_of_a_gpu(field, key):
    before = shown(replace(gpu(), counters=GpuCounters()))["counters"]
    after = shown(replace(gpu(), counters=changed(GpuCounters(), field)))["counters"]
    assert {name for name in after if after[name] != before[name]} == {key}


@pytest.mark.parametrize(("field", "key"), GPU.items())
def test_a_figure_of_a_gpu(field, key):
    assert shown(changed(gpu(), field))[key] != shown(gpu())[key]


@pytest.mark.parametrize(("field", "key"), PROCESS.items())
def test_a_figure_of_a_process(field, key):
    box = gpu(user="bob")
    after = replace(box, processes=(changed(box.processes[0], field),))
    assert shown(after)["processes"][0][key] != shown(box)["processes"][0][key]


@pytest.mark.parametrize(("field", "key"), HOST.items())
def test_a_figure_of_a_host(field, key):
    base = snapshot()
    assert host(**{field: getattr(changed(base, field), field)}).get(key) != host().get(key)


@pytest.mark.parametrize(("field", "key"), MACHINE.items())
def test_a_fact_of_a_machine(field, key):
    facts = HostFacts("alice", 1000, 1000, ("users",), "/home/alice", "box")
    assert host(facts=changed(facts, field))["machine"][key] != host(facts=facts)["machine"][key]


@pytest.mark.parametrize(("field", "key"), ENGINE.items())
def test_a_fact_of_an_engine(field, key):
    info = EngineInfo("docker")
    assert host(engine=changed(info, field))["engine"][key] != host(engine=info)["engine"][key]


@pytest.mark.parametrize(("field", "key"), CONTAINER.items())
def test_a_figure_of_a_container(field, key):
    assert listed(changed(container(), field))[key] != listed(container())[key]


@pytest.mark.parametrize(("field", "key"), OCI.items())
def test_a_figure_of_what_only_containers_have(field, key):
    box = container()
    assert listed(replace(box, oci=changed(box.oci, field)))[key] != listed(box)[key]


@pytest.mark.parametrize(("field", "key"), USAGE.items())
def test_what_a_container_takes(field, key):
    assert listed(container(), changed(Usage(), field))[key] is not None
    assert listed(container())[key] is None


def test_a_link_says_where_it_leads():
    assert shown(replace(gpu(), links=(GpuLink("GPU-x", "NVLINK", 12),)))["links"] == [
        {"peer": "GPU-x", "kind": "NVLINK", "lanes": 12}
    ]
