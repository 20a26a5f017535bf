"""How well a GPU is used: the figures of loads planted on H200s, each with its word."""

from dataclasses import replace

import pytest

from gpuws.model.gpu.gpu import Gpu, GpuProcess, Holder, MigInstance
from gpuws.model.gpu.reading import GpuCounters
from gpuws.model.gpu.verdict import Around, Verdict, how_well, verdict
from tests.factories import snapshot

BF16 = GpuCounters(2.0, 99.5, 96.0, 14.2, 93.2, 16.3, 0.0, 0.0, 0.0)
FP32 = GpuCounters(2.0, 99.5, 96.2, 12.0, 0.0, 2.8, 0.0, 76.8, 0.0)
COPY = GpuCounters(2.0, 99.2, 98.3, 79.3, 0.0, 88.0, 0.0, 0.0, 0.0)
PAUSING = GpuCounters(2.0, 19.0, 15.6, 2.3, 15.1, 3.7, 0.0, 0.0, 0.0)
SPINNING = GpuCounters(2.0, 99.9, 25.6, 5.7, 8.8, 2.1, 0.0, 0.0, 0.0)
SMALL_BATCH = GpuCounters(2.0, 99.7, 28.9, 6.1, 12.9, 3.3, 0.0, 0.0, 0.0)
SLEEPING = GpuCounters(2.0, 11.4, 9.1, 1.4, 8.8, 2.2, 0.0, 0.0, 0.0)
AT_REST = GpuCounters(2.0, *([0.0] * 8))


def gpu(counters, index=0, user="alice", **more):
    holder = Holder("process", "train.py", user)
    process = GpuProcess(7 + index, user, "train.py", cpu_percent=more.pop("core", 40.0))
    return Gpu(
        index, f"GPU-{index}", "NVIDIA H200", counters=counters, processes=(process,), held_by=(holder,), **more
    )  # fmt: skip


@pytest.mark.parametrize(
    ("counters", "expected"),
    [
        (BF16, Verdict("well used", "96% of its SMs work, tensor cores 93%")),
        (FP32, Verdict("tensor cores idle", "FP32 77%, tensor cores 0%")),
        (replace(FP32, fp32=0.0), Verdict("tensor cores idle", "96% of its SMs work, tensor cores 0%")),
        (COPY, Verdict("memory-bound", "its memory's traffic is at 88%, tensor cores 0%")),
        (SPINNING, Verdict("few SMs", "26% of its SMs work, it seems busy all the time")),
        (replace(BF16, tensor=None), Verdict("well used", "96% of its SMs work, tensor cores not told")),
        (AT_REST, None),
        (replace(BF16, active=None), None),
        (replace(BF16, sm_active=None), None),
        (None, None),
    ],
)
def test_each_load_has_its_word(counters, expected):
    assert verdict(gpu(counters), Around(20.0)) == expected


@pytest.mark.parametrize(
    ("cpu", "core", "why"),
    [
        (95.0, 100.0, "the host's CPUs are at 95%"),
        (20.0, 310.0, "its program takes 3.1 cores"),
        (20.0, 10.0, "its program waits for something else than CPUs"),
        (None, None, "what for is not seen"),
    ],
)
def test_one_that_pauses_is_starved_with_what_is_seen_of_why(cpu, core, why):
    assert verdict(gpu(PAUSING, core=core), Around(cpu)) == Verdict("starved", f"works 19% of the time: {why}")


@pytest.mark.parametrize(
    ("own", "hosts", "cpu", "why"),
    [
        (45.0, 80.0, 20.0, "its programs wait for disks 45% of the time"),
        (0.0, 80.0, 20.0, "its program waits for something else than CPUs or disks"),  # others do
        (None, 80.0, 20.0, "programs of the host wait for disks 80% of the time"),
        (None, 10.0, 20.0, "its program waits for something else than CPUs or disks"),
        (45.0, 80.0, 95.0, "the host's CPUs are at 95%"),
    ],
)
def test_waiting_for_disks_is_evidence(own, hosts, cpu, why):
    one = gpu(PAUSING)
    one = replace(one, processes=(replace(one.processes[0], io_wait=own),))
    found = verdict(one, Around(cpu, io_wait=hosts))
    assert found == Verdict("starved", f"works 19% of the time: {why}")


@pytest.mark.parametrize(
    ("trend", "io_wait", "evidence"),
    [
        ((90, 40, 50, 30, 40), 60.0, "works 40% of the time: programs of the host wait for disks 60% of the time"),
        ((40, 50, 30, 40), 0.0, None),  # by what is not seen
        ((40, None, 30, 40), 60.0, None),
        ((95, 90, 99, 97), 60.0, None),
        ((0, 0, 1, 0), 60.0, None),
    ],
)
def test_without_counters_only_what_is_beyond_doubt_is_said(trend, io_wait, evidence):
    found = verdict(gpu(None, utilization=99.0, trend=trend), Around(20.0, io_wait=io_wait))
    assert (found and found.evidence) == evidence


def test_an_instance_is_judged_by_its_own_counters():
    whole = gpu(BF16)
    instance = MigInstance("MIG-1", 0, counters=FP32, processes=whole.processes)
    divided = replace(whole, counters=None, mig=(instance,), mig_instances=(instance,))
    assert how_well(snapshot(gpus=(divided,)), instance).kind == "tensor cores idle"
    assert how_well(snapshot(gpus=(divided,)), replace(instance, counters=None)) is None


@pytest.mark.parametrize(
    ("waiting", "slow", "said"),
    [
        (SPINNING, SLEEPING, "26% of its SMs work while GPU 1 works 11% of the time"),
        (SPINNING, BF16, "26% of its SMs work while GPU 1 works with 96%"),
        (SMALL_BATCH, BF16, "29% of its SMs work while GPU 1 works with 96%"),
    ],
)
def test_a_rank_that_waits_names_the_one_that_is_slow(waiting, slow, said):
    both = (gpu(waiting), gpu(slow, 1))
    assert verdict(both[0], Around(20.0, both[1:])) == Verdict("waiting for peers", said)
    assert verdict(both[1], Around(20.0, both[:1])).kind == ("starved" if slow is SLEEPING else "well used")


@pytest.mark.parametrize(
    ("seconds", "age", "word"),
    [
        (16.0, 5.0, None),  # most of the means is of a time before it
        (16.0, 20.0, None),  # they begin while it was loading
        (16.0, 26.5, "starved"),
        (2.0, 11.0, None),
        (2.0, 12.5, "starved"),
        (2.0, -3600.0, "starved"),  # a clock that is an hour ahead
        (2.0, None, "starved"),
    ],
)
def test_a_program_that_just_began_is_not_judged(seconds, age, word):
    counters = replace(PAUSING, seconds=seconds)
    began = gpu(counters)
    process = replace(began.processes[0], started_at=None if age is None else 1000.0 - age)
    old = replace(process, pid=99, started_at=1.0)
    found = verdict(replace(began, processes=(process, old)), Around(20.0, at=1000.0))
    assert (found and found.kind) == word


def test_nobody_waits_for_a_stranger_nor_for_one_that_waits_too():
    for other in (gpu(BF16, 1, user="bob"), gpu(SPINNING, 1), gpu(None, 1)):
        assert verdict(gpu(SPINNING), Around(20.0, (other,))).kind == "few SMs"


def test_without_a_program_or_on_a_broken_gpu_nothing_is_said():
    assert verdict(replace(gpu(BF16), processes=()), Around()) is None
    assert verdict(gpu(BF16, health="lost"), Around()) is None
