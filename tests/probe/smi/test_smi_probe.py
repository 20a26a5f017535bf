"""nvidia-smi instead of the agent, on a program that behaves as nvidia-smi does."""

import os
import signal
import time

import pytest

from gpuws.model.gpu.reading import HostFacts
from gpuws.probe.smi import client, picture
from tests.probe.conftest import ended
from tests.probe.smi.conftest import REASON

GIB = 1 << 30


def gpu(index, **fields):
    return {
        "uuid": f"GPU-{index:08d}-0000-0000-0000-000000000000",
        "name": "NVIDIA A100",
        "pci.bus_id": f"00000000:{index + 1:02X}:00.0",
        "driver_version": "470.1",
        "memory.used": "1024",
        "memory.total": "40960",
        "utilization.gpu": "55",
        "temperature.gpu": "44",
        "power.draw": "123.45",
        "power.limit": "400.00",
        "persistence_mode": "Enabled",
        **fields,
    }


def test_gpus_and_the_reason_for_it(machine, watch):
    machine.write(gpus=[gpu(0), gpu(1, **{"memory.used": "0"})])
    watched = watch()
    assert isinstance(watched.messages.get(timeout=20), HostFacts)
    reading = watched.reading()
    assert abs(reading.taken_at - time.time()) < 60
    assert (reading.source, reading.error, reading.driver) == ("nvidia-smi", REASON, "470.1")
    first, second = reading.gpus
    assert (first.index, first.name, first.health, first.bus_id) == (0, "NVIDIA A100", "ok", "0000:01:00.0")
    assert (first.memory_used, first.memory_total, second.memory_used) == (GIB, 40 * GIB, 0)
    assert (first.utilization, first.temperature, first.power, first.power_limit) == (55.0, 44.0, 123.45, 400.0)
    assert (first.fan, first.persistence, first.mig) == (None, True, None)
    reading = watched.reading(lambda reading: reading.cpu_percent is not None)
    assert 0 < reading.memory_used < reading.memory_total
    assert reading.load is not None


def test_processes_with_their_people(machine, watch, sleeper):
    machine.write(gpus=[gpu(0)], processes=[{"gpu_uuid": gpu(0)["uuid"], "pid": sleeper.pid, "used_memory": "512"}])
    watched = watch()
    [process] = watched.reading(lambda reading: reading.processes and reading.processes[0].user).processes
    assert (process.pid, process.memory, process.uid) == (sleeper.pid, GIB // 2, os.getuid())
    assert process.command.endswith("train.py")
    assert process.inner_pid == sleeper.pid


def test_processes_that_ended_are_gone(machine, watch, sleeper):
    rows = [{"gpu_uuid": gpu(0)["uuid"], "pid": sleeper.pid}]
    machine.write(gpus=[gpu(0)], processes=rows)
    watched = watch()
    [process] = watched.reading(lambda reading: reading.processes).processes
    assert process.memory is None
    machine.write(gpus=[gpu(0)])
    assert watched.reading(lambda reading: not reading.processes).gpus


def test_a_field_that_this_version_does_not_know(machine, watch):
    machine.write(gpus=[gpu(0)], unknown=["fan.speed"])
    reading = watch().reading()
    assert (reading.gpus[0].memory_used, reading.gpus[0].utilization) == (GIB, 55.0)
    assert reading.gpus[0].temperature is None


def test_a_lost_gpu_ends_the_list_and_not_the_others(machine, watch):
    for index in range(3):
        machine.list_gpu(f"0000:{index + 1:02x}:00.0", gpu(index)["uuid"], "NVIDIA A100")
    buses = [{"pci.bus_id": f"0000:{index + 1:02x}:00.0"} for index in range(3)]
    machine.write(gpus=[gpu(index, **bus) for index, bus in enumerate(buses)], lost=1)
    watched = watch()
    rows = watched.reading(lambda reading: len(reading.gpus) == 3).gpus
    assert [(row.index, row.health) for row in rows] == [(0, "ok"), (1, "lost"), (2, "ok")]
    assert (rows[1].uuid, rows[1].name) == (gpu(1)["uuid"], "NVIDIA A100")
    assert rows[2].utilization == 55.0


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ("Failed to initialize NVML: Driver/library version mismatch", "reboot pending; running jobs unaffected"),
        ("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure", "not loaded"),
        ("No devices were found", "sees no GPU"),
    ],
)
def test_a_driver_that_does_not_work_says_why(machine, watch, says, words):
    machine.write(fails=says)
    reading = watch().reading(lambda reading: reading.error and words in reading.error.text)
    assert (reading.source, reading.gpus) == (None, ())
    assert REASON in reading.warnings
    assert reading.memory_total


def test_no_nvidia_smi_leaves_the_machine(watch):
    reading = watch().reading(lambda reading: reading.memory_total)
    assert (reading.source, reading.coverage, reading.error, reading.gpus) == (None, "none", REASON, ())


def test_a_driver_without_nvidia_smi_may_have_gpus(machine, watch):
    machine.list_gpu("0000:01:00.0", gpu(0)["uuid"], "NVIDIA A100")
    assert watch().reading(lambda reading: reading.memory_total).coverage == "failed"


def test_a_slow_program_is_waited_for(machine, watch, monkeypatch):
    monkeypatch.setattr(picture, "FIRST_WAIT", 0.5)
    machine.write(gpus=[gpu(0)], slow=1.5)
    watched = watch()
    waiting = watched.reading(lambda reading: True)
    assert (waiting.error, waiting.coverage) == (picture.WAITING, "waiting")
    assert watched.reading(lambda reading: reading.coverage == "read").gpus


def test_a_hung_program_stops_neither_the_machine_nor_the_end(machine, watch, monkeypatch):
    monkeypatch.setattr(picture, "HUNG_AFTER", 1.0)
    machine.write(gpus=[gpu(0)])
    watched = watch()
    watched.probe._picture._patience = 1.5
    assert watched.reading().gpus
    machine.write(gpus=[gpu(0)], hang=True)
    reading = watched.reading(lambda reading: reading.source is None)
    assert reading.error.kind == "hung"
    assert "not responding" in reading.error.text
    assert [(row.health, row.memory_used) for row in reading.gpus] == [("error", None)]
    assert reading.memory_total
    pids = machine.processes()
    assert pids
    watched.probe.close()
    assert all(ended(pid, 5) for pid in pids)


def test_what_start_files_print_is_skipped(machine, watch):
    machine.write(gpus=[gpu(0)])
    assert watch(noise="Welcome to alpha\\nGPU-1, 2, 3, 4\\n").reading().gpus


def test_instances_of_a_divided_gpu(machine, watch):
    uuid = gpu(0)["uuid"]
    listing = f"GPU 0: NVIDIA A100 (UUID: {uuid})\n  MIG 1g.5gb     Device  0: (UUID: MIG-aaaa-1)\n"
    machine.write(gpus=[gpu(0, **{"mig.mode.current": "Enabled", "memory.total": "[N/A]"})], listing=listing)
    [row] = watch().reading(lambda reading: reading.gpus and reading.gpus[0].mig).gpus
    assert [(one.uuid, one.profile, one.index) for one in row.mig] == [("MIG-aaaa-1", "1g.5gb", 0)]
    assert not row.unified


def test_nothing_stays_when_it_is_closed(machine, watch):
    machine.write(gpus=[gpu(0)])
    watched = watch()
    watched.reading()
    pids = machine.processes()
    watched.probe.close()
    assert pids
    assert all(ended(pid, 5) for pid in pids)
    assert watched.end.empty()


def test_nothing_stays_when_the_client_hangs(machine, watch, monkeypatch):
    monkeypatch.setattr(client, "HEARTBEAT", 1000.0)
    machine.write(gpus=[gpu(0)])
    watched = watch(lease=2)
    watched.reading()
    pids = machine.processes()
    assert pids
    assert all(ended(pid, 10) for pid in pids)
    assert watched.end.get(timeout=10)


def test_a_shell_that_is_killed_is_an_end(machine, watch, monkeypatch):
    monkeypatch.setattr(client, "HEARTBEAT", 0.5)  # it hears of its end with the next
    machine.write(gpus=[gpu(0)])
    watched = watch()
    watched.reading()
    watched.place.started[-1]._child.send_signal(signal.SIGTERM)
    assert watched.end.get(timeout=10)
