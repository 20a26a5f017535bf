"""The simulated NVML, asked by the real binding in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.lab import gpus, images
from tests.lab.gpus import Use
from tests.lab.hosts import ALPHA

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="the simulated NVML is built with gcc")

ASK = """
import json, sys
import pynvml as n
def ask(name, *arguments):
    try:
        value = getattr(n, name)(*arguments)
    except n.NVMLError as error:
        return type(error).__name__
    if isinstance(value, list):
        return [plain(item) for item in value]
    return plain(value)
def plain(value):
    fields = getattr(value, "_fields_", None)
    if fields:
        return {key: plain(getattr(value, key)) for key, *_ in fields}
    if hasattr(value, "__dict__"):
        return vars(value)
    return value.decode() if isinstance(value, bytes) else value
out = {"init": ask("nvmlInit")}
if out["init"] is None:
    for call in json.loads(sys.argv[1]):
        name, index, *rest = call
        try:
            first = [] if index is None else [n.nvmlDeviceGetHandleByIndex(index)]
        except n.NVMLError as error:
            out[f"{name} {index}"] = type(error).__name__
            continue
        out[f"{name} {index}" if index is not None else name] = ask(name, *first, *rest)
    n.nvmlShutdown()
print(json.dumps(out))
"""


class Nvml:
    """The library with a table of its own."""

    def __init__(self, directory: Path) -> None:
        self.table = directory / "gpus.txt"
        images.compile_nvml(directory / images.NVML, f'-DTABLE_PATH="{self.table}"')
        self.environment = {**os.environ, "LD_LIBRARY_PATH": str(directory)}

    def write(self, table: gpus.Table) -> None:
        partial = self.table.with_suffix(".partial")
        partial.write_text(gpus.text(table))
        partial.replace(self.table)

    def ask(self, *calls: tuple[object, ...]) -> dict[str, object]:
        argv = [sys.executable, "-c", ASK, json.dumps(calls)]
        done = subprocess.run(argv, env=self.environment, capture_output=True, text=True, timeout=30, check=True)
        return dict(json.loads(done.stdout))


@pytest.fixture
def nvml(tmp_path: Path) -> Nvml:
    return Nvml(tmp_path)


@pytest.fixture
def table() -> gpus.Table:
    return gpus.of_scene(ALPHA, [Use(0, 4711, 70 << 30, 97), Use(0, 4712, 1 << 30, 0)])


def test_every_call_answers_what_the_table_says(nvml: Nvml, table: gpus.Table) -> None:
    nvml.write(table)
    gpu = table.gpus[0]
    used, total, reserved = int(gpu["memory_used"]), int(gpu["memory_total"]), int(gpu["memory_reserved"])
    expected: dict[tuple[object, ...], object] = {
        ("nvmlSystemGetDriverVersion", None): "580.95.05",
        ("nvmlSystemGetNVMLVersion", None): "13.580.95.05",
        ("nvmlSystemGetCudaDriverVersion", None): 13000,
        ("nvmlSystemGetCudaDriverVersion_v2", None): 13000,
        ("nvmlDeviceGetCount", None): 4,
        ("nvmlErrorString", None, 15): "GPU is lost",
        ("nvmlDeviceGetUUID", 0): ALPHA.uuids[0],
        ("nvmlDeviceGetUUID", 3): ALPHA.uuids[3],
        ("nvmlDeviceGetName", 0): "NVIDIA A100-SXM4-80GB",
        ("nvmlDeviceGetIndex", 2): 2,
        ("nvmlDeviceGetMinorNumber", 2): 2,
        ("nvmlDeviceGetMemoryInfo", 0): {"total": total, "used": used + reserved, "free": total - used - reserved},
        ("nvmlDeviceGetUtilizationRates", 0): {"gpu": 97, "memory": 58},
        ("nvmlDeviceGetTemperature", 0, 0): int(gpu["temperature"]),
        ("nvmlDeviceGetTemperatureV", 0, 0): int(gpu["temperature"]),
        ("nvmlDeviceGetPowerUsage", 0): int(gpu["power"]),
        ("nvmlDeviceGetEnforcedPowerLimit", 0): 400_000,
        ("nvmlDeviceGetPowerManagementLimit", 0): 400_000,
        ("nvmlDeviceGetFanSpeed", 0): "NVMLError_NotSupported",
        ("nvmlDeviceGetPersistenceMode", 0): 1,
        ("nvmlDeviceGetMigMode", 0): "NVMLError_NotSupported",
        ("nvmlDeviceGetPerformanceState", 0): 0,
        ("nvmlDeviceGetClockInfo", 0, 0): 1980,
        ("nvmlDeviceGetTotalEccErrors", 0, 0, 0): 0,
        ("nvmlDeviceGetGraphicsRunningProcesses_v3", 0): [],
        ("nvmlDeviceGetMPSComputeRunningProcesses_v3", 0): [],
        ("nvmlDeviceGetComputeRunningProcesses_v3", 1): [],
        ("nvmlDeviceGetProcessUtilization", 1, 0): "NVMLError_NotFound",
        ("nvmlDeviceGetUUID", 4): "NVMLError_InvalidArgument",
    }
    answers = nvml.ask(*expected)
    for call, value in expected.items():
        key = call[0] if call[1] is None else f"{call[0]} {call[1]}"
        assert answers[str(key)] == value, call


def test_processes_and_version_2_memory(nvml: Nvml, table: gpus.Table) -> None:
    nvml.write(table)
    memory_v2 = 0x02000028
    answers = nvml.ask(
        ("nvmlDeviceGetMemoryInfo", 0, memory_v2),
        ("nvmlDeviceGetComputeRunningProcesses_v2", 0),
        ("nvmlDeviceGetComputeRunningProcesses_v3", 0),
        ("nvmlDeviceGetProcessUtilization", 0, 0),
        ("nvmlDeviceGetPciInfo_v3", 1),
    )
    memory = answers["nvmlDeviceGetMemoryInfo 0"]
    assert isinstance(memory, dict)
    assert memory["used"] == int(table.gpus[0]["memory_used"])
    assert memory["reserved"] == int(table.gpus[0]["memory_reserved"])
    for version in ("_v2", "_v3"):
        processes = answers[f"nvmlDeviceGetComputeRunningProcesses{version} 0"]
        assert isinstance(processes, list)
        assert [(process["pid"], process["usedGpuMemory"]) for process in processes] == [
            (4711, 70 << 30),
            (4712, 1 << 30),
        ]
    samples = answers["nvmlDeviceGetProcessUtilization 0"]
    assert isinstance(samples, list)
    assert [(sample["pid"], sample["smUtil"]) for sample in samples] == [(4711, 97)]
    pci = answers["nvmlDeviceGetPciInfo_v3 1"]
    assert isinstance(pci, dict)
    assert pci["busId"] == "00000000:20:00.0"


def test_what_only_a_close_look_asks(nvml: Nvml, table: gpus.Table) -> None:
    table.gpus[0] |= {"fan": "40", "encoder": "7", "ecc_corrected": "3", "throttle": "4"}
    nvml.write(table)
    expected: dict[tuple[object, ...], object] = {
        ("nvmlDeviceGetFanSpeed", 0): 40,
        ("nvmlDeviceGetMaxClockInfo", 0, 1): 1980,
        ("nvmlDeviceGetCurrentClocksEventReasons", 0): 4,
        ("nvmlDeviceGetTotalEccErrors", 0, 0, 0): 3,
        ("nvmlDeviceGetTotalEccErrors", 0, 1, 0): 0,
        ("nvmlDeviceGetMaxPcieLinkGeneration", 0): 4,
        ("nvmlDeviceGetPcieThroughput", 0, 1): 97 * 1200,
        ("nvmlDeviceGetEncoderUtilization", 0): [7, 167000],
        ("nvmlDeviceGetDecoderUtilization", 0): "NVMLError_NotSupported",
        ("nvmlDeviceGetNvLinkState", 0, 11): 1,
        ("nvmlDeviceGetNvLinkState", 0, 12): 0,
        ("nvmlDeviceGetNvLinkState", 0, 99): "NVMLError_InvalidArgument",
        ("nvmlDeviceGetNvLinkRemoteDeviceType", 0, 3): 2,
    }
    for call, value in expected.items():
        assert nvml.ask(call)[f"{call[0]} {call[1]}"] == value, call


MIG = """
import json, pynvml as n
n.nvmlInit()
gpu = n.nvmlDeviceGetHandleByIndex(0)
found = {}
for place in range(n.nvmlDeviceGetMaxMigDeviceCount(gpu)):
    try:
        mig = n.nvmlDeviceGetMigDeviceHandleByIndex(gpu, place)
    except n.NVMLError_NotFound:
        continue
    pids = [p.pid for p in n.nvmlDeviceGetComputeRunningProcesses_v3(mig)]
    ids = n.nvmlDeviceGetGpuInstanceId(mig), n.nvmlDeviceGetComputeInstanceId(mig)
    memory = n.nvmlDeviceGetMemoryInfo(mig, version=n.nvmlMemory_v2)
    found[place] = [n.nvmlDeviceGetUUID(mig), n.nvmlDeviceGetName(mig), *ids, memory.used, memory.total, pids]
print(json.dumps(found))
"""


def test_a_divided_gpu(nvml: Nvml, table: gpus.Table) -> None:
    table.gpus[0] |= {
        "mig": "1",
        "instances": "0:MIG-a:1g.10gb:7:0:5:10, 3:MIG-b:2g.20gb:3:1:6:20",
        "processes": "11:1:0:7:0, 12:1:0:3:1",
    }
    nvml.write(table)
    said = subprocess.check_output([sys.executable, "-c", MIG], env=nvml.environment, text=True)
    assert json.loads(said) == {
        "0": ["MIG-a", "NVIDIA A100-SXM4-80GB MIG 1g.10gb", 7, 0, 5, 10, [11]],
        "3": ["MIG-b", "NVIDIA A100-SXM4-80GB MIG 2g.20gb", 3, 1, 6, 20, [12]],
    }
    whole = nvml.ask(("nvmlDeviceGetUtilizationRates", 0), ("nvmlDeviceGetMigMode", 0))
    assert whole == {
        "init": None,
        "nvmlDeviceGetUtilizationRates 0": "NVMLError_NotSupported",
        "nvmlDeviceGetMigMode 0": [1, 1],
    }


def test_uuid_leads_to_the_gpu(nvml: Nvml, table: gpus.Table) -> None:
    nvml.write(table)
    script = "import sys, pynvml as n; n.nvmlInit(); gpu = n.nvmlDeviceGetHandleByUUID(sys.argv[1].encode())"
    script += "; print(n.nvmlDeviceGetIndex(gpu))"
    argv = [sys.executable, "-c", script, ALPHA.uuids[2]]
    assert subprocess.check_output(argv, env=nvml.environment, text=True).strip() == "2"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ({"init": "LibRmVersionMismatch"}, "NVMLError_LibRmVersionMismatch"),
        ({"init": "DriverNotLoaded"}, "NVMLError_DriverNotLoaded"),
        ({"error": "Unknown"}, "NVMLError_Unknown"),
    ],
)
def test_the_library_fails_as_told(nvml: Nvml, table: gpus.Table, header: dict[str, str], expected: str) -> None:
    table.header.update(header)
    nvml.write(table)
    assert nvml.ask() == {"init": expected}


def test_no_table_is_no_driver(nvml: Nvml) -> None:
    assert nvml.ask() == {"init": "NVMLError_DriverNotLoaded"}


def test_one_call_or_one_gpu_fails_as_told(nvml: Nvml, table: gpus.Table) -> None:
    table.gpus[0]["error"] = "GetMemoryInfo:NotSupported, GetTemperatureV:Unknown"
    table.gpus[1]["error"] = "GpuIsLost"
    table.header["error"] = "GetPowerUsage:NoPermission"
    nvml.write(table)
    answers = nvml.ask(
        ("nvmlDeviceGetMemoryInfo", 0),
        ("nvmlDeviceGetTemperatureV", 0, 0),
        ("nvmlDeviceGetTemperature", 0, 0),
        ("nvmlDeviceGetPowerUsage", 3),
        ("nvmlDeviceGetName", 1),
    )
    assert answers["nvmlDeviceGetMemoryInfo 0"] == "NVMLError_NotSupported"
    assert answers["nvmlDeviceGetTemperatureV 0"] == "NVMLError_Unknown"
    assert answers["nvmlDeviceGetTemperature 0"] == int(table.gpus[0]["temperature"])
    assert answers["nvmlDeviceGetPowerUsage 3"] == "NVMLError_NoPermission"
    assert answers["nvmlDeviceGetName 1"] == "NVMLError_GpuIsLost"


def test_unknown_process_memory_is_none(nvml: Nvml, table: gpus.Table) -> None:
    table.gpus[0]["processes"] = "4711:unknown:5"
    nvml.write(table)
    processes = nvml.ask(("nvmlDeviceGetComputeRunningProcesses_v3", 0))["nvmlDeviceGetComputeRunningProcesses_v3 0"]
    assert isinstance(processes, list)
    assert processes[0]["usedGpuMemory"] is None


@pytest.mark.alone
def test_a_hang_lasts_until_the_table_lets_go(nvml: Nvml, table: gpus.Table) -> None:
    table.gpus[0]["hang"] = "GetUtilizationRates"
    nvml.write(table)
    answers: list[dict[str, object]] = []
    calls = (("nvmlDeviceGetName", 0), ("nvmlDeviceGetUtilizationRates", 0))
    asking = threading.Thread(target=lambda: answers.append(nvml.ask(*calls)))
    asking.start()
    asking.join(timeout=1)
    assert asking.is_alive()
    del table.gpus[0]["hang"]
    table.gpus[0]["utilization"] = "12"
    released = time.monotonic()
    nvml.write(table)
    asking.join(timeout=10)
    assert time.monotonic() - released < 2
    assert answers[0]["nvmlDeviceGetUtilizationRates 0"] == {"gpu": 12, "memory": 58}
