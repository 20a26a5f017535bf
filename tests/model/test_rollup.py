"""Who holds how much: nothing counted twice, nothing unknown counted as zero."""

from dataclasses import replace

from gpuws.model.gpu.gpu import SOMEBODY, Gpu, GpuProcess, Holder
from gpuws.model.gpu.reading import Gap
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.identity import Me
from gpuws.model.ownership.programs import programs
from gpuws.model.ownership.usage import Share, by_container, by_person, goes_to, rests, totals
from gpuws.present.tables import people
from gpuws.present.tables.gpus import summary

GIB = 1 << 30


def gpu(index, *holders, processes=(), host="alpha", **changes):
    values = {"memory_used": 10 * GIB, "memory_total": 80 * GIB, "power": 100.0, **changes}
    return Gpu(index, f"GPU-{host}-{index}", "A100", held_by=holders, processes=tuple(processes), **values)


def train(user, memory, pid=1, container=None):
    return GpuProcess(pid, user, "python train.py", memory, container=container)


def host(name, *gpus, state=HostState.UP):
    return HostSnapshot(name, state, gpus=gpus)


ALICE = Holder("process", "train.py", "alice", mine=True)
BOB = Holder("container", "jup", "bob", idle_seconds=9 * 3600.0, idle_evidence="kernel's last activity 05:12")
CAROL = Holder("reservation", "eval", "carol", idle_seconds=3600.0, idle_evidence="no process since 11:00")

LAB = (
    host(
        "alpha",
        gpu(0, ALICE, processes=[train("alice", 60 * GIB)]),
        gpu(1, ALICE, BOB, processes=[train("alice", 10 * GIB), train("bob", 5 * GIB, 2, "jup")]),
        gpu(2, CAROL),
    ),
    host("bravo", gpu(0, BOB, processes=[train("bob", None, 3, "jup")], host="bravo")),
)


def test_people_by_what_they_hold():
    assert [str(share) for share in by_person(LAB)] == [
        "alice: 2 GPUs, 70G",
        "bob: 2 GPUs, 5.0G+?, 2 of them idle",
        "carol: 1 GPU, idle",
    ]
    assert by_person(LAB)[0] == Share("alice", gpus=2, shared=1, memory=70 * GIB, mine=True)


def test_i_am_one_person_whatever_i_am_called():
    """Root's own processes on a machine that several people use as root are another's."""
    labelled = Holder("container", "t1", "root", mine=True)
    mounts_my_home = Holder("container", "old", "alice")
    alpha = replace(
        host("alpha", gpu(0, ALICE), gpu(1, labelled, ALICE), gpu(2, mounts_my_home)),
        me=Me("alice", frozenset({"alice"})),
    )
    roots = host("bravo", gpu(0, Holder("process", "x", "root"), host="bravo"), gpu(1, labelled, host="bravo"))
    mine, others = by_person([alpha, roots])
    assert (mine.user, mine.aliases, mine.gpus, mine.mine) == ("alice", ("root",), 4, True)
    assert (others.user, others.gpus, others.mine) == ("root", 1, False)
    assert [goes_to(mine, roots.me, h) for h in (labelled, roots.gpus[0].held_by[0])] == [True, False]
    keys = [row.key for row in people.with_all([alpha, roots], 1800, 0.0).rows if not (row.level or row.sum)]
    assert keys == ["mine", '!mine user="root"']


def test_a_gpu_that_somebody_holds_twice_counts_once():
    twice = gpu(0, ALICE, replace(ALICE, name="eval.py", idle_seconds=7200.0))
    [share] = by_person([host("alpha", twice)])
    assert (share.gpus, share.idle) == (1, 0)


def test_who_is_not_known_is_somebody():
    assert str(by_person([host("alpha", gpu(0, Holder("process", "x", None)))])[0]) == "somebody: 1 GPU"


def test_containers_by_host_and_name():
    assert [str(share) for share in by_container(LAB)] == [
        "alpha/eval: 1 GPU, idle",
        "alpha/jup: 1 GPU, 5.0G, idle",
        "bravo/jup: 1 GPU, idle",
    ]


def test_idle_means_as_long_as_the_user_says():
    assert by_person(LAB, idle_after=10 * 3600)[1].idle == 0
    assert rests(gpu(0, CAROL))
    assert not rests(gpu(0, ALICE, CAROL))
    assert not rests(gpu(0))


def test_totals_count_what_can_be_had_now():
    free = gpu(3, memory_used=0)
    blind = gpu(4, memory_used=None, power=None)
    away = host("golf", gpu(0, memory_used=0), state=HostState.STALE)
    found = totals([host("alpha", *LAB[0].gpus, free, blind, gpu(5, health="lost")), away, HostSnapshot("dead")])
    assert (found.hosts, found.hosts_up, found.gpus, found.unseen, found.faulty) == (3, 1, 7, 1, 1)
    assert (found.free, found.held, found.idle) == (2, 3, 1)
    assert (found.memory_total, found.memory_free, found.memory_unknown) == (5 * 80 * GIB, 360 * GIB, 1)
    assert (found.power, found.power_unknown) == (500.0, 1)


def test_free_held_and_unknown_are_counted_apart():
    shut = gpu(1, memory_used=None, gaps=(Gap("memory", "no permission"),))
    gpus = gpu(0, memory_used=0), shut, gpu(2, SOMEBODY), gpu(3, health="lost"), gpu(4, CAROL, health="lost")
    found = totals([host("alpha", *gpus)])
    assert (found.free, found.held, found.unknown, found.faulty) == (1, 2, 1, 2)
    assert summary(found).startswith("5 GPUs · 1 free · 2 held · 1 unknown · ")


def test_somebody_unseen_holds_all_that_is_in_use_and_is_no_container():
    unseen = host("alpha", gpu(0, SOMEBODY, memory_used=60 * GIB))
    assert [str(share) for share in by_person([unseen])] == ["somebody: 1 GPU, 60G"]
    assert by_container([unseen]) == ()


def test_reserved_and_shared_gpus_are_told():
    alice, bob, carol = by_person(LAB)
    assert [(share.shared, share.reserved) for share in (alice, bob, carol)] == [(1, 0), (1, 0), (0, 1)]


def test_each_process_is_told_once_with_all_its_gpus():
    both = [train("alice", 10 * GIB), train("alice", 20 * GIB)]
    alpha = host("alpha", *(gpu(index, ALICE, processes=[one]) for index, one in enumerate(both)))
    [found] = programs([alpha])
    assert ([each.index for each in found.gpus], found.memory) == ([0, 1], 30 * GIB)
    [mute] = programs([host("alpha", gpu(0, ALICE, processes=[train("alice", None)]))])
    assert mute.memory is None


def test_an_empty_fleet_has_nothing():
    assert by_person(()) == by_container(()) == ()
    assert totals(()).gpus == 0
