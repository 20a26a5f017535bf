"""The agent against a simulated NVML that is a real shared library."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gpuws.model.gpu.fault import Fault
from gpuws.probe.agent import nvml as agent_nvml
from gpuws.probe.agent.gpu import Turn
from tests.probe.drivers import GIB, HEADER, gpu


def test_a_gpu_with_its_numbers(nvml, watch):
    nvml.write(HEADER + gpu(0) + gpu(1, utilization=0))
    reading = watch(nvml.env).reading()
    assert (reading.source, reading.error, reading.driver, reading.cuda) == ("nvml", None, "580.95.05", "13.0")
    first, second = reading.gpus
    assert (first.index, first.name, first.health) == (0, "NVIDIA H200", "ok")
    assert (first.memory_used, first.memory_total) == (20 * GIB, 140 * GIB)  # without what the driver keeps
    assert (first.utilization, first.temperature, first.power, first.power_limit) == (57.0, 40.0, 125.6, 700.0)
    assert second.utilization == 0.0


def test_a_process_has_its_owner_and_command(nvml, watch, sleeper):
    nvml.write(HEADER + gpu(0, processes=f"{sleeper.pid}:{GIB}:55"))
    [process] = watch(nvml.env).reading().processes
    assert (process.pid, process.memory, process.utilization) == (sleeper.pid, GIB, 55.0)
    assert process.uid == os.getuid()
    assert process.command.endswith("train.py")
    assert process.started_at is not None
    assert process.cpu_seconds is not None


def test_old_drivers_answer_the_older_calls(nvml, watch, sleeper):
    errors = "GetMemoryInfo_v2:FunctionNotFound, GetComputeRunningProcesses_v3:FunctionNotFound"
    errors += ", GetTemperatureV:FunctionNotFound"
    nvml.write(HEADER + gpu(0, processes=f"{sleeper.pid}:{GIB}:0", error=errors))
    reading = watch(nvml.env).reading()
    assert reading.gpus[0].memory_used == 21 * GIB
    assert reading.gpus[0].temperature == 40.0
    assert [(p.pid, p.utilization) for p in reading.processes] == [(sleeper.pid, 0.0)]


def test_what_a_gpu_does_not_tell_is_none(nvml, watch, sleeper):
    errors = "GetUtilizationRates:NotSupported, GetPowerUsage:NoPermission, GetProcessUtilization:NotSupported"
    nvml.write(HEADER + gpu(0, processes=f"{sleeper.pid}:unknown:0", error=errors))
    reading = watch(nvml.env).reading()
    row = reading.gpus[0]
    assert (row.health, row.utilization, row.power, row.temperature) == ("ok", None, None, 40.0)
    assert (reading.processes[0].memory, reading.processes[0].utilization) == (None, None)


@pytest.mark.parametrize(
    ("driver", "words"), [("535.43.02", "535.104"), ("535.86.10", "535.104"), ("535.104.05", "can't be")]
)
def test_pids_that_name_nothing_are_dropped_and_the_driver_is_blamed(nvml, watch, sleeper, driver, words):
    nvml.write(
        f"driver = {driver}\ncuda = 12020\n"
        + gpu(0, processes=f"0:1:0, 4294967295:1:0, 4194999:1:0, {sleeper.pid}:1:900")
    )
    reading = watch(nvml.env).reading()
    assert [(process.pid, process.utilization) for process in reading.processes] == [(sleeper.pid, 100.0)]
    assert reading.gpus[0].error is None
    assert words in reading.warnings[0].text


def test_samples_of_the_dead_count_for_nobody(nvml, watch, sleeper):
    nvml.write(HEADER + gpu(0, processes=f"{sleeper.pid}:1:30", garbage_samples=150))
    [process] = watch(nvml.env).reading().processes
    assert (process.pid, process.utilization) == (sleeper.pid, 30.0)


def test_sixteen_gpus(nvml, watch, sleeper):
    nvml.write(HEADER + "".join(gpu(index, processes=f"{sleeper.pid}:{index}:0") for index in range(16)))
    reading = watch(nvml.env).reading()
    assert [row.index for row in reading.gpus] == list(range(16))
    assert len({row.bus_id for row in reading.gpus}) == 16
    assert [process.memory for process in reading.processes] == list(range(16))


def test_a_process_that_vanished_is_left_out(nvml, watch, sleeper):
    nvml.write(HEADER + gpu(0, processes=f"{sleeper.pid}:{GIB}:0"))
    watched = watch(nvml.env)
    assert watched.reading().processes
    sleeper.kill()
    sleeper.wait()
    assert watched.reading(lambda reading: not reading.processes).gpus[0].health == "ok"


@pytest.mark.parametrize(
    ("error", "health"), [("GpuIsLost", "lost"), ("ResetRequired", "reset-required"), ("Unknown", "lost")]
)
def test_a_broken_gpu_leaves_the_others_alone(nvml, watch, error, health):
    nvml.write(HEADER + gpu(0, error=f"GetHandleByIndex:{error}") + gpu(1))
    reading = watch(nvml.env).reading()
    assert [row.health for row in reading.gpus] == [health, "ok"]
    assert reading.gpus[0].error
    assert reading.gpus[1].utilization == 57.0


def test_a_gpu_that_breaks_later_keeps_its_name(nvml, watch):
    nvml.write(HEADER + gpu(0) + gpu(1))
    watched = watch(nvml.env)
    before = watched.reading()
    nvml.write(HEADER + gpu(0) + gpu(1, error="GpuIsLost"))
    after = watched.reading(lambda reading: reading.gpus[1].health == "lost")
    assert after.gpus[1].uuid == before.gpus[1].uuid
    assert after.gpus[1].memory_used is None
    assert after.gpus[0].health == "ok"


@pytest.mark.parametrize("odd", [{"error": "GetMemoryInfo:NotSupported"}, {"memory_total": 0}])
def test_memory_shared_with_the_host(nvml, watch, sleeper, odd):
    nvml.write(HEADER + gpu(0, processes=f"{sleeper.pid}:{GIB}:0", **odd))
    reading = watch(nvml.env).reading()
    [row] = reading.gpus
    assert (row.unified, row.health, row.memory_total) == (True, "ok", reading.memory_total)
    assert row.memory_used == pytest.approx(reading.memory_used, rel=0.1)
    assert [process.memory for process in reading.processes] == [GIB]
    assert (row.utilization, row.temperature) == (57.0, 40.0)


@pytest.mark.parametrize(
    ("error", "kind", "words", "coverage"),
    [
        ("DriverNotLoaded", "not-loaded", "driver not loaded", "none"),
        ("LibRmVersionMismatch", "reboot-pending", "reboot pending; running jobs unaffected", "failed"),
        ("NoPermission", "no-permission", "no permission", "none"),
        ("Unknown", "other", "Unknown Error", "failed"),
    ],
)
def test_a_driver_that_does_not_start_says_why(nvml, watch, error, kind, words, coverage):
    nvml.write(HEADER + f"init = {error}\n" + gpu(0))
    reading = watch(nvml.env).reading()
    assert (reading.source, reading.coverage, reading.gpus) == (None, coverage, ())
    assert reading.error.kind == kind
    assert words in reading.error.text
    assert reading.memory_total


def test_a_hung_driver_stops_neither_the_samples_nor_the_end(nvml, watch):
    nvml.write(HEADER + gpu(0))
    watched = watch(nvml.env)
    uuid = watched.reading().gpus[0].uuid
    nvml.write("hang = GetMemoryInfo\n" + HEADER + gpu(0))
    hung = watched.reading(lambda reading: reading.error)
    assert (hung.source, hung.coverage) == (None, "read")  # as rows without values
    assert hung.error.kind == "hung"
    assert hung.error.text.startswith("NVML not responding for")
    assert [(row.uuid, row.health, row.memory_used) for row in hung.gpus] == [(uuid, "error", None)]
    assert watched.reading().cpu_percent is not None
    nvml.write(HEADER + gpu(0))
    assert watched.reading(lambda reading: reading.source == "nvml").gpus[0].health == "ok"
    nvml.write("hang = GetMemoryInfo\n" + HEADER + gpu(0))
    watched.probe.close()
    watched.child.wait(3)


def test_no_library_is_no_driver(watch, tmp_path):
    reading = watch({"LD_LIBRARY_PATH": str(tmp_path)}).reading()
    assert (reading.source, reading.coverage, reading.error) == (None, "none", Fault("no-driver", "no NVIDIA driver"))
    assert reading.gpus == ()


ELSEWHERE = """
import sys
from gpuws.probe.agent import gpu, nvml
nvml.LIBRARIES = ("libnvidia-ml.so.none", sys.argv[1])
print(nvml.Nvml().read(gpu.Turn(-1, 0))["source"])
"""


def test_a_library_that_lies_elsewhere(nvml, nvml_library):
    """As on WSL and NixOS: the loader does not find it by its name."""
    nvml.write(HEADER + gpu(0))
    command = [sys.executable, "-c", ELSEWHERE, str(nvml_library / "libnvidia-ml.so.1")]
    env = {**os.environ, "GPUWS_TEST_TABLE": str(nvml.table)}
    assert subprocess.check_output(command, env=env, text=True) == "nvml\n"


def test_a_driver_whose_library_can_not_be_loaded(monkeypatch, tmp_path):
    monkeypatch.setattr(agent_nvml, "LIBRARIES", ())
    assert agent_nvml.Nvml().read(Turn(-1, 0))["error"] == {"kind": "no-driver", "text": "no NVIDIA driver"}
    monkeypatch.setattr(agent_nvml, "DRIVER", str(tmp_path))
    found = agent_nvml.Nvml().read(Turn(-1, 0))
    assert (found["error"], found["coverage"]) == ({"kind": "no-library", "text": agent_nvml.NO_LIBRARY}, "failed")


def test_a_driver_that_was_reloaded_is_begun_anew(nvml, watch):
    nvml.write(HEADER + gpu(0))
    watched = watch(nvml.env)
    watched.reading()
    nvml.write(HEADER + gpu(0, error="GetMemoryInfo:Uninitialized"))
    anew = watched.reading(lambda reading: reading.error)
    assert (anew.error, anew.coverage) == (Fault("starting", "NVML starts anew"), "waiting")
    nvml.write(HEADER + gpu(0))
    assert watched.reading(lambda reading: reading.source == "nvml").gpus[0].health == "ok"


def test_a_driver_of_another_version_takes_a_new_agent(nvml, watch):
    nvml.write(HEADER + gpu(0))
    watched = watch(nvml.env)
    watched.reading()
    nvml.write(HEADER + "init = LibRmVersionMismatch\n" + gpu(0, error="GetMemoryInfo:Uninitialized"))
    assert watched.end.get(timeout=20) == Fault("other", "the probe ended with status 3: the NVIDIA driver was changed")


def test_a_lost_gpu_comes_back(step):
    assert step(gpu(0), gpu(1))[0] == [("GPU-00000000", "ok"), ("GPU-00000001", "ok")]
    assert step(gpu(0), gpu(1, error="GpuIsLost"))[0][1] == ("GPU-00000001", "lost")
    assert step(gpu(0), gpu(1))[0] == [("GPU-00000000", "ok"), ("GPU-00000001", "ok")]


def test_indices_that_moved_are_followed(step):
    step(gpu(0), gpu(1), gpu(2))
    assert step(gpu(0), gpu(2))[0] == [("GPU-00000000", "ok"), ("GPU-00000002", "ok")]


def test_dear_values_are_read_every_other_time(step, sleeper):
    def seen(found):
        return found["gpus"][0]["utilization"], found["gpus"][0]["power"], len(found["processes"])

    assert seen(step(gpu(0))[1]) == (57, 125.6, 0)
    busy = gpu(0, utilization=90, power=600000, processes=f"{sleeper.pid}:1:1")
    assert seen(step(busy)[1]) == (90, 125.6, 0)
    assert seen(step(busy)[1]) == (90, 600.0, 1)


def test_the_energy_that_a_gpu_counts_is_read_rarely_and_of_one_gpu_at_a_time(step):
    """It takes 4 ms on an H200, a hundred times what its power takes."""

    def seen(turn, joules):
        return [
            row.get("energy")
            for row in step(gpu(0, energy=joules), gpu(1, energy=joules), gpu(2), turn=turn)[1]["gpus"]
        ]

    assert [seen(0, 4711), seen(28, 4711), seen(29, 4712)] == [[None] * 3, [None, 4711, None], [4712, 4711, None]]
    assert seen(57, 5000) == [4712, 4711, None]
    assert seen(58, 5000) == [4712, 5000, None]


def weights(found):
    """How busy each process is said to keep the GPU, and to have kept it lately."""
    return [(row["utilization"], row["lately"]) for row in found[1]["processes"]]


def test_a_process_that_is_alone_works_as_much_as_its_gpu_now(step, sleeper):
    """The driver's own mean of it, here 55, lags behind."""

    def read(load, turn, **more):
        return weights(step(gpu(0, utilization=load, processes=f"{sleeper.pid}:1:55", **more), turn=turn))

    assert read(90, 1) == [(55, None)]  # who was there before may have made that load
    assert [read(load, turn) for load, turn in ((90, 2), (40, 3), (0, 4))] == [[(90, None)], [(40, None)], [(0, None)]]
    assert read(0, 8, error="GetProcessUtilization:Unknown") == [(0, 90)]  # it was seen: nothing is asked


def test_of_several_each_is_asked_for_while_the_gpu_works(step, sleeper):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:

        def read(load, turn, one, two, **more):
            listed = f"{sleeper.pid}:1:{one}, {other.pid}:1:{two}"
            found = step(gpu(0, utilization=load, processes=listed, **more), turn=turn)
            shares = {row["pid"]: row["utilization"] for row in found[1]["processes"]}
            return [shares[sleeper.pid], shares[other.pid]]

        assert read(90, 1, 60, 30) == [60, 30]
        assert read(90, 2, 70, 20) == [70, 20]
        assert read(0, 3, 0, 5) == [0, 5]
        assert read(0, 4, 9, 9) == [0, 0]  # twice without load: nobody is asked
        assert read(1, 5, 9, 9) == [9, 9]
        other.stdin.close()


def test_what_no_reading_saw_the_long_look_tells(step, sleeper):
    def read(share, turn):
        return weights(step(gpu(0, utilization=0, processes=f"{sleeper.pid}:1:{share}"), turn=turn))

    read(0, 0)
    assert [read(30, turn) for turn in (2, 4, 8, 9)] == [[(0, None)], [(0, None)], [(0, 30)], [(0, None)]]


MOST_MEMORY = 6 << 10  # kB of the agent's own, of which the bare interpreter has 2.3 to 2.8


def test_it_stays_small(nvml, watch, sleeper):
    nvml.write(HEADER + "".join(gpu(index, processes=f"{sleeper.pid}:4096:1") for index in range(8)))
    watched = watch(nvml.env, interval=0.05)
    for _ in range(40):  # the kernel's log and names have been read
        watched.reading()
    rollup = Path(f"/proc/{watched.child.pid}/smaps_rollup").read_text()
    assert int(re.search(r"^Anonymous: +(\d+) kB", rollup, re.MULTILINE)[1]) < MOST_MEMORY
