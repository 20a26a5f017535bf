"""What is read only while somebody looks, on the simulated NVML."""

from types import SimpleNamespace

import pytest

from gpuws.model.gpu.reading import GpuDetail, GpuLink
from gpuws.probe.agent.detail import read_detail
from tests.probe.drivers import GIB, HEADER, gpu

CLOSE = {
    "clock": 1980,
    "clock_max": 1985,
    "clock_memory": 3201,
    "clock_memory_max": 3202,
    "performance_state": 2,
    "throttle": 0x1 | 0x4 | 0x40,
    "ecc_corrected": 3,
    "ecc_uncorrected": 1,
    "pcie_generation": 4,
    "pcie_generation_max": 5,
    "pcie_width": 8,
    "pcie_width_max": 16,
    "pcie_received": 1500,
    "pcie_sent": 2500,
    "encoder": 11,
    "decoder": 12,
}


def test_detail_comes_while_somebody_looks(nvml, watch):
    nvml.write(HEADER + gpu(0, **CLOSE))
    watched = watch(nvml.env)
    assert watched.reading().gpus[0].detail is None
    watched.probe.look(True)
    [row] = watched.reading(lambda reading: reading.gpus[0].detail).gpus
    assert row.detail == GpuDetail(
        clock_sm=1980,
        clock_sm_max=1985,
        clock_memory=3201,
        clock_memory_max=3202,
        performance_state=2,
        throttle=("power cap", "hardware thermal"),
        ecc_corrected=3,
        ecc_uncorrected=1,
        pcie_generation=4,
        pcie_generation_max=5,
        pcie_width=8,
        pcie_width_max=16,
        pcie_received=1_500_000,
        pcie_sent=2_500_000,
        memory_reserved=GIB,
        encoder=11.0,
        decoder=12.0,
    )
    watched.probe.look(False)
    assert watched.reading(lambda reading: reading.gpus[0].detail is None)


def test_a_look_before_the_hello_is_heard(nvml, watch):
    nvml.write(HEADER + gpu(0, **CLOSE))
    watched = watch(nvml.env)
    watched.probe.look(True)
    assert watched.reading(lambda reading: reading.gpus[0].detail)


def test_a_look_brings_a_sample_before_its_time(nvml, watch):
    nvml.write(HEADER + gpu(0, **CLOSE))
    watched = watch(nvml.env, interval=5.0)
    first = watched.reading()
    watched.probe.look(True)
    seen = watched.reading(lambda reading: reading.gpus[0].detail)
    assert seen.taken_at - first.taken_at < 4


def test_who_is_looked_at_is_read_twice_as_often_and_says_so(nvml, watch):
    nvml.write(HEADER + gpu(0, **CLOSE))
    watched = watch(nvml.env, interval=2.0)
    assert watched.reading().interval == 2.0
    watched.probe.look(True)
    close = watched.reading(lambda reading: reading.interval == 1.0)
    following = watched.reading(lambda reading: reading.taken_at > close.taken_at)
    assert following.taken_at - close.taken_at < 1.9
    watched.probe.look(False)
    assert watched.reading(lambda reading: reading.interval == 2.0 and reading.taken_at > following.taken_at)


def test_what_a_gpu_does_not_tell_of_itself_is_none(nvml, watch):
    nvml.write(HEADER + gpu(0, error="GetTotalEccErrors:NotSupported, GetPerformanceState:NotSupported"))
    watched = watch(nvml.env)
    watched.probe.look(True)
    detail = watched.reading(lambda reading: reading.gpus[0].detail).gpus[0].detail
    assert (detail.ecc_corrected, detail.performance_state, detail.throttle, detail.pcie_sent) == (None,) * 4


def test_throttle_reasons_of_old_drivers(nvml, watch):
    nvml.write(HEADER + gpu(0, throttle=0, error="GetCurrentClocksEventReasons:FunctionNotFound"))
    watched = watch(nvml.env)
    watched.probe.look(True)
    assert watched.reading(lambda reading: reading.gpus[0].detail).gpus[0].detail.throttle == ()


def test_fan_persistence_and_place(nvml, watch):
    nvml.write(HEADER + gpu(0, fan=43, persistence=1) + gpu(1, persistence=0))
    first, second = watch(nvml.env).reading().gpus
    assert (first.fan, first.persistence, first.bus_id) == (43.0, True, "0000:10:00.0")
    assert (second.fan, second.persistence, second.bus_id) == (None, False, "0000:20:00.0")


@pytest.mark.parametrize(
    ("first", "second", "kind", "lanes"),
    [
        ({"nvlinks": "1:12"}, {"nvlinks": "0:12"}, "NVLINK", 12),
        ({"nvlinks": "switch:18"}, {"nvlinks": "switch:18"}, "NVLINK", 18),
        ({"pcie_switch": 1}, {"pcie_switch": 1}, "PIX", None),
        ({"numa": 0}, {"numa": 0}, "NODE", None),
        ({"numa": 0}, {"numa": 1}, "SYS", None),
    ],
)
def test_how_gpus_reach_each_other(nvml, watch, first, second, kind, lanes):
    nvml.write(HEADER + gpu(0, **first) + gpu(1, **second))
    watched = watch(nvml.env)
    assert watched.reading().gpus[0].links == ()
    watched.probe.look(True)
    one, other = watched.reading(lambda reading: reading.gpus[0].links).gpus
    assert one.links == (GpuLink(other.uuid, kind, lanes),)
    assert other.links == (GpuLink(one.uuid, kind, lanes),)


def test_a_lost_gpu_has_no_links(nvml, watch):
    nvml.write(HEADER + gpu(0, nvlinks="1:12") + gpu(1, error="GetHandleByIndex:GpuIsLost") + gpu(2))
    watched = watch(nvml.env)
    watched.probe.look(True)
    rows = watched.reading(lambda reading: reading.gpus[0].links).gpus
    assert [link.peer for link in rows[0].links] == [rows[2].uuid]


def test_a_cold_driver_is_told(nvml, watch):
    nvml.write("hang = Init\n" + HEADER + gpu(0, persistence=0))
    watched = watch(nvml.env)
    assert "takes long" in watched.reading().error.text  # after three seconds
    nvml.write(HEADER + gpu(0, persistence=0))
    [warning] = watched.reading(lambda reading: reading.source).warnings
    assert warning.kind == "persistence"
    assert "nvidia-smi -pm 1" in warning.text


def test_what_the_agent_itself_takes(nvml, watch):
    nvml.write(HEADER + gpu(0))
    cost = watch(nvml.env).reading(lambda reading: reading.cost).cost
    assert 0 < cost.memory < 25 << 20
    assert cost.cpu_percent is not None
    assert 0 <= cost.first_sample < 2


@pytest.mark.parametrize(
    ("told", "row"),
    [
        ((2, 1, 1, 0), {"remap_pending": True, "remap_failed": False}),
        ((0, 0, 0, 1), {"remap_pending": False, "remap_failed": True}),
        (None, {}),
    ],
)
def test_memory_that_waits_to_be_replaced(told, row):
    fields = SimpleNamespace(ask=lambda name, *_: told if name == "nvmlDeviceGetRemappedRows" else None)
    found = read_detail(fields, "handle", None)
    assert {name: value for name, value in found.items() if name.startswith("remap")} == row
