"""Since when a holder rests: never without evidence, and never while it works."""

import time
from dataclasses import replace

import pytest

from gpuws.fleet.local.host.idle import idles, observe_all
from gpuws.fleet.local.host.parts import Parts
from gpuws.model.gpu import idle
from gpuws.model.gpu.idle import Idle, Rest, observe, works
from gpuws.model.gpu.reading import GpuReading, HostReading, ProcessReading
from gpuws.model.session.notebook import Notebook
from gpuws.model.session.session import Session
from tests import factories

GPU = GpuReading(0, "GPU-0", "NVIDIA A100", utilization=0.0)
PROCESS = ProcessReading(7, "GPU-0", utilization=0.0, started_at=1.0, cpu_seconds=10.0)


@pytest.mark.parametrize(
    ("changes", "gpu_load", "expected"),
    [
        ({}, 0.0, False),
        ({"utilization": 5.0}, 5.0, False),
        ({"utilization": 6.0}, 6.0, True),
        ({"lately": 6.0}, 0.0, True),  # between two readings
        ({"cpu_percent": 51.0}, 0.0, True),
        ({"cpu_percent": 50.0}, 0.0, False),
        ({"utilization": None}, 5.0, False),
        ({"utilization": None}, 40.0, True),  # nobody else is there
        ({"utilization": None}, None, None),
        ({"utilization": None, "cpu_percent": 5.0}, None, False),
        ({"utilization": None, "cpu_percent": 6.0}, None, True),
        ({"utilization": 0.0}, 40.0, None),  # whose load it is comes with the next list of processes
        ({"utilization": None, "mig_uuid": "MIG-0", "cpu_percent": 1.0}, 90.0, False),  # the load is of all instances
    ],
)
def test_what_counts_as_work(changes, gpu_load, expected):
    process = replace(PROCESS, **changes)
    assert works(process, replace(GPU, utilization=gpu_load), [process]) is expected


def test_of_several_nobody_tells_apart_none_is_blamed():
    both = [replace(PROCESS, pid=pid, utilization=None) for pid in (7, 8)]
    assert works(both[0], replace(GPU, utilization=40.0), both) is None


def test_a_load_that_another_process_explains_is_not_its():
    other = replace(PROCESS, pid=8, utilization=90.0)
    assert works(PROCESS, replace(GPU, utilization=90.0), [PROCESS, other]) is False


def test_a_kernel_that_runs_a_cell_works():
    assert works(PROCESS, GPU, [PROCESS], Notebook("k", "a.ipynb", 1, state="busy")) is True
    assert works(PROCESS, GPU, [PROCESS], Notebook("k", "a.ipynb", 1, state="idle")) is False


def watched(*looks):
    rest = None
    for at, working in looks:
        rest = observe(rest, at, working, 10.0)
    return rest


def test_rest_that_was_never_seen_otherwise_is_known_since_watching_began():
    assert idle.idle(watched((100, False), (160, False))) == Idle(100, "watched")


def test_rest_after_work_began_with_the_last_look_at_work():
    assert idle.idle(watched((100, False), (110, True), (112, False), (150, False))) == Idle(110, "worked")


def test_who_works_is_not_idle():
    at_work = watched((100, False), (4000, True))
    assert idle.seconds(idle.idle(at_work), 4000) is None


def test_a_look_that_tells_nothing_ends_nothing_until_it_lasts():
    assert watched((100, None)) is None
    assert idle.idle(watched((100, False), (102, None), (104, False))) == Idle(100, "watched")
    assert watched((100, False), (102, None), (161, None)) is None


def test_a_gap_ends_what_was_watched_unless_cpu_time_stood_still():
    before = Rest(100, 200, worked=True, cpu_seconds=10.0)
    assert observe(before, 7200, False, None) == Rest(7200, 7200, False, None)
    assert observe(before, 7200, False, 800.0) == Rest(7200, 7200, False, 800.0)
    assert observe(before, 7200, False, 12.0) == Rest(100, 7200, True, 12.0)
    assert observe(before, 150, False, 10.0).began == 150  # the clock was put back


@pytest.mark.parametrize(
    ("rest", "kernel", "session", "expected"),
    [
        (Rest(1000, 2000), 500, None, Idle(500, "kernel")),
        (Rest(1000, 2000), 1500, None, Idle(1500, "kernel")),  # it ran a cell without the GPU
        (Rest(1000, 2000, worked=True), 500, None, Idle(1000, "worked")),  # what was seen counts more
        (Rest(1000, 2000, worked=True), 1500, None, Idle(1500, "kernel")),
        (Rest(1000, 2000), 9999, None, Idle(2000, "kernel")),  # a host's clock that is ahead
        (Rest(1000, 2000), None, 500, Idle(500, "session")),
        (Rest(1000, 2000), None, 1500, Idle(1000, "watched")),  # output is no work on a GPU
        (Rest(1000, 2000, worked=True), None, 500, Idle(1000, "worked")),
        (Rest(1000, 2000), 500, 300, Idle(500, "kernel")),
    ],
)
def test_what_else_tells_of_rest(rest, kernel, session, expected):
    assert idle.idle(rest, kernel, session) == expected


def test_of_several_the_last_at_work_counts_and_unknown_is_unknown():
    both = [Idle(1, "watched"), Idle(5, "worked")]
    assert idle.together(both) == Idle(5, "worked")
    assert idle.together([*both, None]) is None
    assert idle.together([]) is None


def test_idle_time_is_told_in_whole_minutes():
    assert [idle.seconds(Idle(0, "watched"), now) for now in (-5, 0, 59.9, 60, 3599)] == [None, None, None, 60, 3540]


def test_evidence_says_what_shows_it_and_when():
    now = time.mktime((2026, 11, 21, 12, 0, 0, 0, 0, -1))
    assert idle.evidence(Idle(now - 3600, "worked"), now) == "worked until 11:00"
    assert idle.evidence(Idle(now - 86400, "kernel"), now) == "kernel's last activity 20 Nov 12:00"
    assert idle.evidence(Idle(now - 60, "worked"), now, process=False) == "no process since 11:59"


# over readings of a host

KERNEL = replace(PROCESS, kernel="k-1", session="lab")
BOX = factories.workspace("alpha", "a" * 64, "torch", "image", "running", gpus=("GPU-0",))


def parts(at, *processes, **changes):
    reading = HostReading(at, "nvml", gpus=(GPU,), processes=processes)
    return replace(Parts(reading=reading), **changes)


def test_processes_are_followed_by_pid_and_start():
    rests = observe_all({}, parts(100, PROCESS))
    rests = observe_all(rests, parts(150, PROCESS))
    assert idles(rests, parts(150, PROCESS)) == {("GPU-0", "7@1.0"): Idle(100, "watched")}
    assert observe_all(rests, parts(152, replace(PROCESS, started_at=140.0))).keys() == {("GPU-0", "7@140.0")}
    assert observe_all(rests, parts(152)) == {}


def test_a_reading_without_gpus_changes_nothing():
    rests = observe_all({}, parts(100, PROCESS))
    hung = Parts(reading=HostReading(110, None, "NVML not responding for 8 s"))
    assert observe_all(rests, hung) == rests


def test_a_reservation_rests_since_its_last_process_ended():
    inside = replace(PROCESS, container_ids=(BOX.id,))
    rests = observe_all({}, parts(100, inside, workspaces=(BOX,)))
    rests = observe_all(rests, parts(130, workspaces=(BOX,)))
    assert idles(rests, parts(130)) == {("GPU-0", BOX.id): Idle(100, "worked")}
    assert idles(observe_all({}, parts(130, workspaces=(BOX,))), parts(130)) == {
        ("GPU-0", BOX.id): Idle(130, "watched")
    }


def test_notebooks_and_sessions_are_asked_while_they_are_fresh():
    books = (Notebook("k-1", "a.ipynb", 8888, state="idle", last_activity=40.0),)
    fresh = parts(100, KERNEL, notebooks=books, notebooks_at=90.0, sessions=(Session("lab", activity=30.0),))
    rests = observe_all({}, fresh)
    assert list(idles(rests, fresh).values()) == [Idle(40.0, "kernel")]
    old = replace(fresh, notebooks_at=30.0)
    assert list(idles(rests, old).values()) == [Idle(30.0, "session")]
