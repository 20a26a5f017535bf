"""An agent that runs and can't read the GPUs, supplement an nvidia-smi that can."""

import time

import pytest

from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.reading import HostReading
from gpuws.model.host.host import Host
from gpuws.probe.agent.nvml import NO_LIBRARY
from gpuws.probe.smi.supplement import SmiSupplement
from tests.probe.conftest import ended
from tests.probe.local_place import LocalPlace
from tests.probe.smi.test_smi_probe import gpu

UNABLE = Fault("no-library", NO_LIBRARY)


@pytest.fixture
def supplement(machine):
    place = LocalPlace(machine.env)
    supplement = SmiSupplement(place, Host("local", telemetry_interval=1.0))
    yield supplement
    supplement.close()
    place.close()


def wait_for(supplement, wanted):
    until = time.monotonic() + 20
    while not wanted(found := supplement.joined(HostReading(1.0, error=UNABLE, cpu_percent=7.0))):
        assert time.monotonic() < until, found
        time.sleep(0.05)  # as a supervisor gets a reading now and then
    return found


def test_gpus_of_one_and_the_machine_of_the_other(machine, supplement):
    machine.write(gpus=[gpu(0)])
    assert supplement.joined(HostReading(1.0, error=UNABLE, coverage="failed")).coverage == "waiting"
    reading = wait_for(supplement, lambda reading: reading.coverage == "read" and reading.gpus)
    assert (reading.source, reading.error, reading.cpu_percent) == ("nvidia-smi", UNABLE, 7.0)
    pids = machine.processes()
    healthy = HostReading(2.0, source="nvml")
    assert supplement.joined(healthy) is healthy
    assert pids
    assert all(ended(pid, 5) for pid in pids)


def test_what_it_can_not_do_either_is_told(machine, supplement):
    machine.write(fails="No devices were found")
    reading = wait_for(supplement, lambda reading: reading.warnings)
    assert (reading.source, reading.error, reading.coverage) == (None, UNABLE, "none")
    assert "sees no GPU" in reading.warnings[0].text
