"""The one rule: when a GPU, or an instance of one, is free, held or unknown."""

from dataclasses import replace

import pytest

from gpuws.model.gpu.gpu import GHOST, MUTE, RESERVATIONS_UNSEEN, SOMEBODY, UNSEEN, Gpu, GpuProcess, Holder, MigInstance
from gpuws.model.gpu.reading import NO_PERMISSION, NOT_SUPPORTED, NOT_YET, Gap

GIB = 1 << 30
GPU = Gpu(0, "GPU-0", "NVIDIA H200", memory_used=4 << 20, memory_total=140 * GIB, utilization=0.0)
SHARED = replace(GPU, unified=True, memory_used=60 * GIB, memory_total=120 * GIB)
ALICE = Holder("process", "train.py", "alice")
KEPT = Holder("reservation", "eval", "carol")
FAULT = "Unknown Error"


def gaps(why, *parts):
    return tuple(Gap(part, why) for part in parts)


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({}, "free", ""),
        ({"memory_used": 600 << 20}, "free", ""),  # the driver's own
        ({"utilization": 1.0}, "free", ""),
        # somebody holds it
        ({"held_by": (ALICE,), "memory_used": 61 * GIB}, "held", "in use"),
        ({"held_by": (KEPT,)}, "held", "reserved"),
        ({"held_by": (KEPT, ALICE)}, "held", "in use"),
        ({"held_by": (ALICE,), "gaps": gaps(NO_PERMISSION, "memory", "utilization")}, "held", "in use"),
        # memory in use by nobody visible
        ({"memory_used": GIB}, "held", UNSEEN),
        ({"memory_used": GIB, "held_by": (SOMEBODY,)}, "held", UNSEEN),
        ({"memory_used": 60 * GIB, "gaps": gaps(NOT_YET, "processes")}, "held", UNSEEN),
        # utilization without a process
        ({"utilization": 100.0}, "unknown", GHOST),
        ({"utilization": 2.0}, "unknown", GHOST),
        # what could not be read
        *(
            ({"gaps": gaps(why, part)}, "unknown", f"{part} {words}")
            for part in ("memory", "processes", "utilization")
            for why, words in (
                (NO_PERMISSION, "can't be read: no permission"),
                (NOT_YET, "not read yet"),
                (FAULT, "can't be read: Unknown Error"),
            )
        ),
        (
            {
                "memory_used": None,
                "utilization": None,
                "gaps": gaps(NO_PERMISSION, "memory", "processes", "utilization"),
            },
            "unknown",
            "memory, processes and utilization can't be read: no permission",
        ),
        (
            {"gaps": gaps(NO_PERMISSION, "memory") + gaps(NOT_YET, "processes")},
            "unknown",
            "memory can't be read: no permission; processes not read yet",
        ),
        # what it does not have is an answer
        ({"utilization": None, "gaps": gaps(NOT_SUPPORTED, "utilization")}, "free", ""),
        ({"gaps": gaps(NOT_SUPPORTED, "processes")}, "free", ""),
        ({"memory_used": None, "gaps": gaps(NOT_SUPPORTED, "memory")}, "free", ""),
        ({"memory_used": None, "gaps": gaps(NOT_SUPPORTED, "memory", "processes")}, "unknown", MUTE),
        ({"memory_used": None, "gaps": gaps(NOT_SUPPORTED, "memory", "utilization")}, "unknown", MUTE),
        # the engine's word
        ({"gaps": gaps(NOT_YET, "reservations")}, "unknown", "reservations not read yet"),
        ({"gaps": gaps("it timed out", "reservations")}, "unknown", "reservations can't be read: it timed out"),
        ({"gaps": gaps(NO_PERMISSION, "reservations")}, "free", RESERVATIONS_UNSEEN),
        ({"gaps": gaps(NO_PERMISSION, "reservations", "memory")}, "unknown", "memory can't be read: no permission"),
        ({"gaps": gaps(NO_PERMISSION, "reservations"), "memory_used": 2 * GIB}, "held", UNSEEN),
        # something is wrong with it
        ({"health": "lost", "error": "fell off the bus"}, "unknown", "fell off the bus"),
        ({"health": "reset-required"}, "unknown", "reset required"),
        ({"health": "lost", "held_by": (KEPT,)}, "held", "lost"),
    ],
)
def test_a_gpu(changes, state, reason):
    found = replace(GPU, **changes)
    assert (found.availability.state, found.availability.reason) == (state, reason)
    assert found.free is (state == "free")


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "free"),
        ({"held_by": (ALICE,)}, "held"),
        ({"utilization": 40.0}, "unknown"),
        ({"gaps": gaps(NOT_YET, "processes")}, "unknown"),
    ],
)
def test_memory_that_is_the_machines_says_nothing_and_processes_decide(changes, state):
    assert replace(SHARED, **changes).availability.state == state


ONE = MigInstance("MIG-0", 0, "1g.18gb", memory_used=0, memory_total=18 * GIB)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "free"),
        ({"held_by": (ALICE,)}, "held"),
        ({"memory_used": 2 * GIB}, "held"),
        ({"memory_used": None, "gaps": gaps(NO_PERMISSION, "memory")}, "unknown"),
        ({"gaps": gaps(NOT_YET, "processes")}, "unknown"),
        ({"gaps": gaps(NO_PERMISSION, "reservations")}, "free"),
    ],
)
def test_an_instance_and_the_gpu_that_it_is_a_part_of(changes, state):
    """The divided GPU's own memory, which only administrators may read, does not matter."""
    one = replace(ONE, **changes)
    secret = gaps(NO_PERMISSION, "memory", "processes") + gaps(NOT_SUPPORTED, "utilization")
    whole = replace(GPU, mig=(), mig_instances=(ONE, one), memory_used=None, utilization=None, gaps=secret)
    assert (one.availability.state, whole.availability.state) == (state, state)
    assert replace(whole, mig_instances=()).availability.state == "unknown"


def test_held_since_the_first_of_its_programs_began_else_as_watched():
    began = (GpuProcess(1, started_at=50.0), GpuProcess(2, started_at=40.0), GpuProcess(3))
    assert replace(GPU, held_by=(ALICE,), processes=began, since=60.0).availability.since == 40.0
    assert replace(GPU, held_by=(KEPT,), since=60.0).availability.since == 60.0
    assert replace(GPU, since=60.0).availability.since == 60.0
    assert GPU.availability.since is None
