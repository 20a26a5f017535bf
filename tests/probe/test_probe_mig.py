"""Divided GPUs, on the simulated NVML."""

from types import SimpleNamespace

from gpuws.probe.agent.using import Using
from tests.probe.drivers import GIB, HEADER, gpu

FIRST = f"0:MIG-aaaa:1g.18gb:7:0:{GIB}:{18 * GIB}"
THIRD = f"2:MIG-cccc:3g.71gb:1:0:{2 * GIB}:{71 * GIB}"


def divided(processes="", instances=f"{FIRST}, {THIRD}", **fields):
    return gpu(0, mig=1, instances=instances, processes=processes, **fields)


def test_instances_by_uuid_with_holes_between_them(nvml, watch):
    nvml.write(HEADER + divided())
    [row] = watch(nvml.env).reading().gpus
    first, third = row.mig
    assert (first.uuid, first.index, first.profile) == ("MIG-aaaa", 0, "1g.18gb")
    assert (first.gpu_instance, first.compute_instance) == (7, 0)
    assert (first.memory_used, first.memory_total) == (GIB, 18 * GIB)
    assert (third.uuid, third.index, third.memory_used) == ("MIG-cccc", 2, 2 * GIB)
    assert (row.health, row.utilization, row.temperature) == ("ok", None, 40.0)
    assert row.memory_total == 140 * GIB


def test_processes_belong_to_an_instance_and_to_its_gpu(nvml, watch, sleeper):
    nvml.write(HEADER + divided(f"{sleeper.pid}:{GIB}:50:1:0"))
    reading = watch(nvml.env).reading()
    [process] = reading.processes
    assert (process.gpu_uuid, process.mig_uuid) == (reading.gpus[0].uuid, "MIG-cccc")
    assert (process.memory, process.utilization) == (GIB, None)


def test_instances_have_counters_where_the_gpu_tells_them(step):
    told = divided(counters="2:50", instance_counters="7:1:99, 7:2:81.5, 7:5:3, 1:2:9")
    step(told, turn=0)
    [row] = step(told, turn=8)[1]["gpus"]
    assert row["counters"] is None  # a divided GPU tells none of the whole
    assert [(one["counters"]["sm_active"], one["counters"]["tensor"]) for one in row["mig"]] == [
        (81.5, 3.0),
        (9.0, None),
    ]
    [row] = step(divided(counters="2:50", error="GpmMigSampleGet:NoPermission"), turn=16)[1]["gpus"]
    assert [(one["counters"], one["memory_used"]) for one in row["mig"]] == [(None, GIB), (None, 2 * GIB)]


class Lists:
    """A driver that answers for the whole GPU only, as one does that hides an instance's processes."""

    nvml = None

    def ask(self, name, handle):
        if handle != "gpu" or "Compute" not in name:
            return []
        return [SimpleNamespace(pid=7, usedGpuMemory=None, gpuInstanceId=1, computeInstanceId=0)]

    def attempt(self, field, call):
        return None


def test_a_driver_that_lists_processes_of_the_whole_gpu_only():
    instance = SimpleNamespace(uuid="MIG-cccc", handle="mig", gpu_instance=1, compute_instance=0, fields=Lists())
    [row] = Using(Lists(), "GPU-1").read("gpu", [instance])
    assert (row["pid"], row["mig_uuid"], row["memory"], row["utilization"]) == (7, "MIG-cccc", None, None)


def test_a_gpu_that_can_not_be_divided_is_not_divided(nvml, watch):
    nvml.write(HEADER + gpu(0) + gpu(1, mig=0) + gpu(2, mig=1))
    assert [row.mig for row in watch(nvml.env).reading().gpus] == [None, None, ()]


def test_memory_that_a_divided_gpu_hides_is_not_the_hosts(nvml, watch):
    nvml.write(HEADER + divided(error="GetMemoryInfo:NotSupported"))
    [row] = watch(nvml.env).reading().gpus
    assert (row.unified, row.memory_total, row.memory_used) == (False, None, None)


def test_instances_come_and_go(step):
    def uuids(*gpus):
        found = step(*gpus)[1]["gpus"][0]["mig"]
        return None if found is None else [instance["uuid"] for instance in found]

    assert uuids(divided()) == ["MIG-aaaa", "MIG-cccc"]
    uuids(divided(instances=FIRST))
    assert uuids(divided(instances=FIRST)) == ["MIG-aaaa"]


def test_a_gpu_that_is_whole_again_tells_its_load(step):
    assert step(divided(), turn=0)[1]["gpus"][0]["utilization"] is None
    assert step(gpu(0, mig=0), turn=30)[1]["gpus"][0]["mig"] is None
    assert step(gpu(0, mig=0), turn=31)[1]["gpus"][0]["utilization"] == 57
