"""What the parts of a GPU do, on the simulated NVML."""

import pytest

from gpuws.model.gpu.reading import GpuCounters
from tests.probe.drivers import HEADER, gpu

MIB = 1 << 20
TOLD = "1:99.47, 2:95.98, 3:14.18, 5:93.17, 10:16.29, 11:0, 12:0.25, 13:0, 20:3.5, 21:10, 60:1900, 61:1901"


def test_counters_are_means_since_the_reading_before(nvml, watch):
    nvml.write(HEADER + gpu(0, counters=TOLD, memory_utilization=22) + gpu(1))
    watched = watch(nvml.env)
    watched.probe.look(True)
    first, second = watched.reading(lambda reading: reading.gpus[0].counters).gpus
    told = first.counters
    assert told.seconds is not None
    assert told == GpuCounters(
        told.seconds, 99.47, 95.98, 14.18, 93.17, 16.29, 0.0, 0.25, 0.0,
        int(3.5 * MIB), 10 * MIB, 1901 * MIB, 1900 * MIB,
    )  # fmt: skip
    assert first.memory_activity == 22.0
    assert second.counters is None  # older than they are


def test_they_are_asked_for_at_every_eighth_reading_unless_somebody_looks(step):
    asked = [step(gpu(0, counters=f"2:{turn}"), turn=turn)[1]["gpus"][0]["counters"] for turn in (0, 1, 8, 9)]
    assert [told and told["sm_active"] for told in asked] == [None, None, 8.0, 8.0]
    assert asked[2]["tensor"] is None  # no such counter


@pytest.mark.parametrize("call", ["GpmQueryDeviceSupport", "GpmSampleGet", "GpmMetricsGet"])
@pytest.mark.parametrize("error", ["NotSupported", "NoPermission", "Unknown", "FunctionNotFound"])
def test_what_does_not_tell_them_has_none_and_all_else(step, call, error):
    for turn in (0, 8):
        [row] = step(gpu(0, counters=TOLD, error=f"{call}:{error}"), turn=turn)[1]["gpus"]
        assert (row["health"], row["utilization"], row["counters"]) == ("ok", 57, None)


def test_a_counter_that_is_no_number_is_unknown(step):
    step(gpu(0, counters="2:nan, 5:3"), turn=0)
    told = step(gpu(0, counters="2:nan, 5:3"), turn=8)[1]["gpus"][0]["counters"]
    assert (told["sm_active"], told["tensor"]) == (None, 3.0)
