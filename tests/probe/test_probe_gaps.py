"""What the agent could not read of who uses a GPU, and that one reading does not contradict itself."""

import json
import os
import subprocess
import sys

import pytest

from gpuws.model.gpu.reading import NO_PERMISSION, NOT_SUPPORTED, Gap
from gpuws.model.ownership.identity import Me
from gpuws.model.ownership.join import join_gpus
from gpuws.probe.agent import processes
from tests.probe.drivers import GIB, HEADER, gpu

IDLE = {"memory_used": 0, "utilization": 0}
LISTS = {"processes": "GetComputeRunningProcesses_v3:{0}, GetComputeRunningProcesses_v2:{0}"}
CALLS = {"memory": "GetMemoryInfo_v2:{0}, GetMemoryInfo:{0}", "utilization": "GetUtilizationRates:{0}", **LISTS}
OTHERS = "GetMPSComputeRunningProcesses_v3:{0}, GetGraphicsRunningProcesses_v3:{0}"


def joined(reading):
    return join_gpus(reading.gpus, reading.processes, [], Me("alice"))


WHYS = {"NoPermission": NO_PERMISSION, "Timeout": "Timeout", "NotSupported": NOT_SUPPORTED, "NoData": "No data"}


def test_each_part_says_why_it_is_not_there(nvml, watch):
    cases = [(part, error) for part in CALLS for error in WHYS]
    nvml.write(
        HEADER + "".join(gpu(i, error=CALLS[part].format(error), **IDLE) for i, (part, error) in enumerate(cases))
    )
    for row, (part, error) in zip(joined(watch(nvml.env).reading()), cases, strict=True):
        assert row.gaps == (Gap(part, WHYS[error]),), (part, error)
        assert row.free is (WHYS[error] == NOT_SUPPORTED), (part, error)


def test_a_gpu_that_tells_nothing_is_unknown(nvml, watch):
    nvml.write(HEADER + gpu(0, error=", ".join(CALLS.values()).format("NoPermission")))
    [row] = joined(watch(nvml.env).reading())
    assert row.availability.state == "unknown"
    assert row.availability.reason == "memory, processes and utilization can't be read: no permission"


def test_kinds_of_processes_that_it_does_not_have_are_no_gap(nvml, watch):
    errors = OTHERS.format("NotSupported"), OTHERS.format("NoPermission")
    nvml.write(HEADER + "".join(gpu(index, error=error, **IDLE) for index, error in enumerate(errors)))
    assert [row.gaps for row in watch(nvml.env).reading().gpus] == [(), (Gap("processes", NO_PERMISSION),)]


def test_a_failure_that_passes_leaves_no_gap(step):
    row = step(gpu(0, error="GetUtilizationRates:Timeout"))[1]["gpus"][0]
    assert row["gaps"] == {"utilization": "Timeout"}
    assert step(gpu(0))[1]["gpus"][0]["gaps"] == {}


def test_instances_say_it_too(nvml, watch):
    """A divided GPU keeps its own figures from people like us; its instances decide."""
    errors = "", *(CALLS[part].format("NoPermission") for part in ("memory", "processes"))
    places = [f"0:MIG-{index:04d}:1g.18gb:7:0:0:{18 * GIB}" for index in range(3)]
    shown = [gpu(i, mig=1, instances=places[i], error=error, **IDLE) for i, error in enumerate(errors)]
    nvml.write(HEADER + "".join(shown))
    for row, state in zip(joined(watch(nvml.env).reading()), ("free", "unknown", "unknown"), strict=True):
        assert [one.availability.state for one in row.mig_instances] == [state]
        assert row.availability.state == state


def test_memory_that_is_as_large_as_the_machines_is_the_machines(nvml, watch):
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    nvml.write(HEADER + gpu(0, memory_total=pages * size, memory_used=20 * GIB, utilization=0))
    [row] = joined(watch(nvml.env).reading())
    assert row.unified
    assert row.free


ENDS = """
import json, os, subprocess, sys
from gpuws.probe.agent import main
table, texts = sys.argv[1], sys.argv[2:]
agent = main.Agent(2.0, ())
child = subprocess.Popen(["sleep", "100"])
def write(text):
    with open(table + ".partial", "w") as file:
        file.write(text.replace("PID", str(child.pid)))
    os.replace(table + ".partial", table)
write(texts[0])
first = agent._read_gpus()
describe = agent.processes.describe
def ends(pids, panes):
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it stays a zombie
    write(texts[1])
    return describe(pids, panes)
agent.processes.describe = ends
found = [first, agent._read_gpus()]
print(json.dumps([[one["gpus"][0]["memory_used"], len(one["processes"])] for one in found]), flush=True)
os._exit(0)
"""


def test_a_process_that_ends_while_it_is_read_takes_its_memory_along(nvml):
    """NVML still names it, and its parent has not looked: both in one sample."""
    texts = [HEADER + gpu(0, processes="PID:1:1", memory_used=used) for used in (28 * GIB, 0)]
    command = [sys.executable, "-c", ENDS, str(nvml.table), *texts]
    done = subprocess.run(command, env={**os.environ, **nvml.env}, stdout=subprocess.PIPE, check=True, timeout=20)
    assert json.loads(done.stdout) == [[28 * GIB, 1], [0, 0]]


def test_who_begins_between_two_lists_is_seen_with_the_memory(step, sleeper):
    step(gpu(0, **IDLE))
    found = step(gpu(0, memory_used=28 * GIB, utilization=0, processes=f"{sleeper.pid}:1:1"))[1]
    assert (found["gpus"][0]["memory_used"], len(found["processes"])) == (28 * GIB, 1)


STRANGER = 4194304  # the largest pid there may be


def test_a_pid_that_we_can_not_see_has_not_ended_unless_we_saw_it(sleeper):
    """/proc hides what others run, or a container has numbers of its own."""
    known = processes.Processes()
    known.hidden = True
    assert set(known.describe({STRANGER, sleeper.pid, STRANGER + 1}, {})) == {STRANGER, sleeper.pid}
    sleeper.kill()
    sleeper.wait()
    assert set(known.describe({STRANGER, sleeper.pid}, {})) == {STRANGER}
    assert set(known.describe({STRANGER, sleeper.pid}, {})) == {STRANGER}


def test_numbers_of_another_namespace_are_kept_until_one_is_seen(sleeper):
    known = processes.Processes()
    known.ours = False
    assert set(known.describe({STRANGER}, {})) == {STRANGER}
    known.describe({sleeper.pid}, {})
    assert set(known.describe({STRANGER, sleeper.pid}, {})) == {sleeper.pid}


@pytest.mark.parametrize(
    ("state", "threads", "dead"), [("Z", 1, True), ("X", 0, True), ("Z", 4, False), ("S", 1, False)]
)
def test_a_process_is_dead_when_its_last_thread_is(state, threads, dead, monkeypatch):
    fields = [state, "1", *"0" * 15, str(threads), "0", "77"]
    monkeypatch.setattr(processes, "read", lambda path, limit=0: f"7 (a (b) {' '.join(fields)}")
    assert (processes.stat_fields(7) is None) is dead
