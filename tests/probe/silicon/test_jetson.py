"""The GPU of a Jetson by /sys, laid out as on boards of public reports."""

import pytest

from gpuws.model.gpu.reading import Gap
from gpuws.model.ownership.identity import Me
from gpuws.model.ownership.join import join_gpus
from gpuws.probe.agent.main import share_memory
from gpuws.probe.agent.nvml import START_ERRORS, nothing
from gpuws.probe.agent.silicon import drivers
from gpuws.probe.agent.silicon.jetson import Jetson
from gpuws.probe.parse import parse_reading

GIB = 1 << 30
NO_DRIVER = nothing("none", *START_ERRORS[12])
NANO = {
    "proc/device-tree/model": "NVIDIA Jetson Nano Developer Kit\0",
    "sys/devices/gpu.0/load": "357\n",
    "sys/class/thermal/thermal_zone0/type": "AO-therm\n",
    "sys/class/thermal/thermal_zone0/temp": "42000\n",
    "sys/class/thermal/thermal_zone2/type": "GPU-therm\n",
    "sys/class/thermal/thermal_zone2/temp": "36500\n",
}
ORIN = {
    "proc/device-tree/model": "NVIDIA Jetson AGX Orin Developer Kit\0",
    "sys/class/devfreq/17000000.gpu/device/of_node/name": "gpu\0",
    "sys/class/devfreq/17000000.gpu/device/load": "998\n",
    "sys/class/devfreq/15340000.vic/device/of_node/name": "vic\0",
    "sys/class/devfreq/15340000.vic/device/load": "1\n",
    "sys/class/thermal/thermal_zone1/type": "gpu-thermal\n",
    "sys/class/thermal/thermal_zone1/temp": "51250\n",
}


@pytest.fixture
def board(tmp_path):
    def lay_out(files):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return Jetson(str(tmp_path))

    return lay_out


def told(found):
    for row in found["gpus"]:
        share_memory(row, 3 * GIB, 4 * GIB)
    return parse_reading(found, 1.0)


def test_a_board_without_nvml(board):
    reading = told(board(NANO).complete(NO_DRIVER))
    [gpu] = reading.gpus
    assert (reading.source, reading.coverage, reading.error) == ("sysfs", "read", None)
    assert (gpu.name, gpu.utilization, gpu.temperature) == ("NVIDIA Jetson Nano Developer Kit", 35.7, 36.5)
    assert (gpu.unified, gpu.memory_used, gpu.memory_total) == (True, 3 * GIB, 4 * GIB)
    assert (gpu.power, gpu.fan, gpu.gaps) == (None, None, (Gap("processes", "a Jetson does not list them"),))
    [shown] = join_gpus(reading.gpus, (), (), Me("ada"))
    assert (shown.availability.state, shown.free) == ("unknown", False)  # who works there is not told


def test_figures_that_nvml_does_not_have(board):
    row = {
        "index": 0, "uuid": "54d0709b-558d-5a59-9c65-0c5fc14a21a4", "name": "Orin (nvgpu)", "health": "ok",
        "unified": True, "utilization": None, "temperature": None, "power": None,
        "gaps": {"utilization": "not supported", "memory": "not supported"},
    }  # fmt: skip
    found = {"source": "nvml", "coverage": "read", "error": None, "driver": "540.4.0", "gpus": [row], "processes": []}
    reading = told(board(ORIN).complete(found))
    [gpu] = reading.gpus
    assert (reading.source, gpu.name, gpu.utilization, gpu.temperature) == ("nvml", "Orin (nvgpu)", 99.8, 51.25)
    assert gpu.gaps == (Gap("memory", "not supported"),)


def test_values_that_are_not_there_are_unknown(board):
    railgated = NANO | {"sys/devices/gpu.0/load": "", "sys/class/thermal/thermal_zone2/temp": "-256000\n"}
    [gpu] = told(board(railgated).complete(NO_DRIVER)).gpus
    assert (gpu.utilization, gpu.temperature) == (None, None)


@pytest.mark.parametrize("model", [None, "Raspberry Pi 5 Model B Rev 1.0\0"])
def test_other_machines_are_left_alone(board, model):
    files = {} if model is None else {"proc/device-tree/model": model, "sys/devices/gpu.0/load": "5"}
    assert board(files).complete(NO_DRIVER) is NO_DRIVER


def test_amds_driver_for_work_is_told(tmp_path):
    module, device = tmp_path / "amdgpu", tmp_path / "kfd"
    module.mkdir()
    assert not drivers.amd(str(module), str(device))  # a screen's card alone
    device.touch()
    assert drivers.amd(str(module), str(device))
