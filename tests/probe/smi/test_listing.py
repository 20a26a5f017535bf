"""Lists of processes from a loop that does not say where they end."""

import pytest

from gpuws.probe.smi.listing import Listing

GIB = 1 << 30
PERIOD = 4.0


def process(pid, memory=GIB, gpu="GPU-1"):
    return {"pid": pid, "gpu_uuid": gpu, "memory": memory}


def gpus(used, **more):
    return {"GPU-1": {"memory_used": used, **more}}


def pids(listing):
    return [row["pid"] for row in listing.rows]


@pytest.fixture
def listing():
    """Two processes with a GiB each, by a list that had an end."""
    made = Listing(PERIOD)
    assert not made.known
    for pid in (1, 2):
        made.take(process(pid), gpus(2 * GIB), 0.0)
    assert (pids(made), made.settle(gpus(2 * GIB), 1.0)) == ([], False)  # it may have more
    made.end("0", gpus(2 * GIB), 1.0)
    return made


def test_a_list_with_an_end(listing):
    assert (pids(listing), listing.failed) == ([1, 2], "")


def test_one_that_came_is_there_at_once_and_one_that_ended_when_the_list_is_over(listing):
    for pid in (2, 3):
        listing.take(process(pid), gpus(2 * GIB), 4.0)
    assert sorted(pids(listing)) == [1, 2, 3]
    assert not listing.settle(gpus(2 * GIB), 4.1)
    assert listing.settle(gpus(2 * GIB), 4.5)
    assert pids(listing) == [2, 3]


def test_the_next_list_ends_the_one_before(listing):
    listing.take(process(1), gpus(2 * GIB), 4.0)
    listing.take(process(2), gpus(2 * GIB), 8.0)
    listing.take(process(3), gpus(2 * GIB), 8.0)
    assert sorted(pids(listing)) == [1, 2, 3]
    assert listing.settle(gpus(2 * GIB), 8.5)
    assert pids(listing) == [2, 3]


@pytest.mark.parametrize(
    ("told", "had", "left"),
    [
        (gpus(0), GIB, []),  # what they had is free
        (gpus(2 * GIB), GIB, [1, 2]),  # they are there, and who lists them hangs
        (gpus(2 * GIB), None, []),  # how much they have is not known
        (gpus(None), GIB, []),
        ({}, GIB, []),
    ],
)
def test_silence_is_an_empty_list_where_the_memory_agrees(told, had, left):
    listing = Listing(PERIOD)
    for pid in (1, 2):
        listing.take(process(pid, had), gpus(2 * GIB), 0.0)
    listing.end("0", gpus(2 * GIB), 0.0)
    assert not listing.settle(told, PERIOD)
    assert listing.settle(told, PERIOD + 1.1) == (not left)
    assert pids(listing) == left
    assert not listing.settle(told, PERIOD + 1.2)


def test_memory_that_is_the_machines_tells_nothing():
    listing = Listing(PERIOD)
    listing.take(process(1), gpus(50 * GIB, unified=True), 0.0)
    listing.end("0", gpus(50 * GIB, unified=True), 0.0)
    assert listing.settle(gpus(50 * GIB, unified=True), PERIOD + 1.1)
    assert pids(listing) == []


def test_a_list_that_fails_tells_of_none_and_says_so(listing):
    listing.end("9", gpus(2 * GIB), 4.0)
    assert (pids(listing), listing.failed) == ([], "nvidia-smi fails to list them (status 9)")
    assert not listing.settle(gpus(0), 60.0)
    listing.end("0", gpus(0), 64.0)
    assert listing.failed == ""
