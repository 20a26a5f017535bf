import time
from dataclasses import replace

import pytest

from gpuws.model.gpu.gpu import Gpu, GpuProcess, Holder, MigInstance
from gpuws.model.gpu.reading import Gap, GpuLink
from gpuws.model.gpu.slot import Slot
from gpuws.model.ownership.others import others_on
from gpuws.model.ownership.tenancy import tenancy
from gpuws.model.placement.placement import choose, claims, lost, reserved
from gpuws.model.placement.plan import Check, ContainerSpec, Device, Plan
from gpuws.model.placement.ranking import rank
from gpuws.model.profile.profile import GpuWish, Profile
from tests import factories

FREE = [Gpu(i, f"GPU-{i}", "NVIDIA H100 80GB HBM3", memory_used=0, memory_total=80 << 30) for i in range(4)]
BUSY = replace(FREE[0], memory_used=74 << 30, held_by=(Holder("container", "torch-dev", "alice"),))
GPUS = [BUSY, *FREE[1:]]


def chosen(wish, gpus=GPUS):
    return [gpu.index for gpu in choose(wish, gpus).gpus]


def statuses(wish, gpus=GPUS):
    return [check.status for check in choose(wish, gpus).checks]


def test_count_takes_free_gpus_only():
    assert chosen(GpuWish(count=2)) == [1, 2]
    assert statuses(GpuWish(count=2)) == ["ok"]


def test_too_few_says_why_of_every_rejected_gpu():
    check = choose(GpuWish(count=4), GPUS).checks[0]
    assert check.status == "fail"
    assert check.detail == "4 wanted, 3 fit: 0 alice: torch-dev 74G"


def test_amds_gpus_are_not_given():
    gpus = [replace(FREE[0], vendor="amd"), *FREE[1:]]
    assert chosen(GpuWish(count=1), gpus) == [1]
    [check] = choose(GpuWish(count=4), gpus).checks
    assert "0 is AMD's: containers are given NVIDIA's only" in check.detail
    assert statuses(GpuWish(indices=(0,)), gpus) == ["fail"]


def test_model_and_memory_are_conditions():
    assert chosen(GpuWish(count=1, model="h100")) == [1]
    assert statuses(GpuWish(count=1, model="A100")) == ["fail"]
    assert statuses(GpuWish(count=1, memory=81 << 30)) == ["fail"]
    unknown = [replace(FREE[0], memory_used=None)]
    assert statuses(GpuWish(count=1, memory=1 << 30), unknown) == ["fail"]


def test_a_named_gpu_is_taken_with_a_warning_when_somebody_lives_there():
    assert chosen(GpuWish(indices=(0, 1))) == [0, 1]
    assert statuses(GpuWish(indices=(0, 1))) == ["warn"]
    assert chosen(GpuWish(uuids=("GPU-3", "GPU-3"))) == [3]


def test_a_gpu_that_does_not_exist_fails_and_names_those_that_do():
    check = choose(GpuWish(indices=(9,)), GPUS).checks[0]
    assert (check.status, check.detail, check.remedy) == ("fail", "no GPU 9 on this host", "it has 0, 1, 2, 3")


def test_none_needs_no_gpu_and_a_host_without_gpus_can_say_so():
    assert choose(GpuWish(), []).checks == ()
    assert statuses(GpuWish(count=1), []) == ["fail"]


SHUT = replace(FREE[1], memory_used=None, gaps=(Gap("memory", "no permission"),))
BLIND = replace(FREE[1], gaps=(Gap("reservations", "no permission"),))


def test_what_could_not_be_read_is_not_given_away_unnamed_and_named_with_a_warning():
    check = choose(GpuWish(count=1), [BUSY, SHUT]).checks[0]
    assert check.detail.endswith("1 unknown: memory can't be read: no permission")
    named = choose(GpuWish(indices=(1,)), [BUSY, SHUT])
    assert (named.checks[0].status, named.devices[0].shared) == ("warn", True)


def test_what_is_free_as_far_as_can_be_seen_is_given_with_a_word():
    for wish in (GpuWish(count=1), GpuWish(indices=(1,))):
        [check] = choose(wish, [BUSY, BLIND]).checks
        assert check.status == "warn"
        assert check.detail.endswith("; reservations can't be seen here")
    assert tenancy(BLIND) == "free, reservations can't be seen here"


def test_what_the_engine_lists_itself_is_no_longer_missing():
    late = replace(FREE[1], gaps=(Gap("reservations", "not read yet"),))
    assert [gpu.free for gpu in (late, *reserved([late], []))] == [False, True]
    assert not reserved([late], [container(gpus=("1",))])[0].free


def test_a_lost_gpu_is_never_given_away():
    lost = [replace(FREE[0], health="lost", error="fell off the bus")]
    assert statuses(GpuWish(count=1), lost) == ["fail"]
    assert statuses(GpuWish(all=True), lost) == ["fail"]


def test_tenancy_in_a_few_words():
    assert tenancy(BUSY) == "alice: torch-dev 74G"
    assert tenancy(FREE[0]) == "free"
    reserved = replace(FREE[0], held_by=(Holder("reservation", "idle", "carol"), Holder("process", "x", None)))
    assert tenancy(reserved) == "carol: idle reserved, unused and 1 more"
    assert tenancy(replace(FREE[0], memory_used=9 << 30)) == "held by somebody unseen, 9.0G"


# Neighbours


def linked(gpus, *pairs, kind="NVLINK", lanes=4):
    """`gpus` with links of that kind between the pairs of indices, SYS between all others."""
    near = {frozenset(pair) for pair in pairs}

    def links(one):
        return tuple(
            GpuLink(other.uuid, kind, lanes) if {one.index, other.index} in near else GpuLink(other.uuid, "SYS")
            for other in gpus
            if other is not one
        )

    return [replace(one, links=links(one)) for one in gpus]


def on_nodes(*nodes):
    return [replace(FREE[0], index=i, uuid=f"GPU-{i}", numa_node=node) for i, node in enumerate(nodes)]


def test_nvlink_neighbours_come_first():
    assert chosen(GpuWish(count=2), linked(FREE, (1, 3))) == [1, 3]
    assert chosen(GpuWish(count=3), linked(FREE, (1, 3), (1, 2), (2, 3))) == [1, 2, 3]
    assert "NVLink" in choose(GpuWish(count=2), linked(FREE, (1, 3))).checks[0].detail
    assert chosen(GpuWish(count=2), linked(FREE, (2, 3), kind="PIX", lanes=None)) == [2, 3]


def test_more_lanes_are_nearer():
    few = linked(FREE, (0, 1), lanes=1)
    both = [replace(g, links=tuple(replace(x, kind="NVLINK", lanes=4) if {g.index, int(x.peer[4:])} == {2, 3} else x
                                   for x in g.links)) for g in few]  # fmt: skip
    assert chosen(GpuWish(count=2), both) == [2, 3]


def test_without_links_the_numa_node_counts():
    gpus = on_nodes(0, 1, 1, 0)
    assert chosen(GpuWish(count=2), gpus) == [0, 3]
    assert choose(GpuWish(count=2), gpus).checks[0].detail.endswith("NUMA node 0")
    assert choose(GpuWish(count=3), gpus).checks[0].detail.endswith("across NUMA nodes")
    assert chosen(GpuWish(count=2), on_nodes(None, None, None)) == [0, 1]


@pytest.mark.alone
def test_many_gpus_are_chosen_quickly_and_well():
    gpus = on_nodes(*[number % 2 for number in range(24)])
    began = time.perf_counter()
    assert chosen(GpuWish(count=12), gpus) == list(range(0, 24, 2))
    assert time.perf_counter() - began < 1


def test_policies():
    gpus = on_nodes(0, 0, 1, 1)
    gpus[2] = replace(gpus[2], held_by=(Holder("process", "x", "bob"),))
    assert chosen(GpuWish(count=1), gpus) == [0]
    assert chosen(GpuWish(count=1, policy="pack"), gpus) == [3]  # the node that is in use already
    assert chosen(GpuWish(count=1, policy="spread"), list(reversed(gpus))) == [1]


# Instances of divided GPUs


SLICES = tuple(MigInstance(f"MIG-{n}", n, "3g.40gb", memory_used=0, memory_total=40 << 30) for n in range(2))
DIVIDED = replace(FREE[1], mig=SLICES, mig_instances=SLICES)


def test_a_divided_gpu_is_not_given_as_a_whole():
    placed = choose(GpuWish(count=1), [DIVIDED, FREE[2]])
    assert placed.uuids == ("GPU-2",)
    assert placed.rejected[0].reason.startswith("is divided (MIG)")
    assert statuses(GpuWish(indices=(1,)), [DIVIDED]) == ["warn"]


def test_an_instance_by_its_uuid_or_its_kind():
    placed = choose(GpuWish(uuids=("MIG-1",)), [FREE[0], DIVIDED])
    assert (placed.uuids, [gpu.index for gpu in placed.gpus]) == (("MIG-1",), [1])
    assert [device.memory for device in placed.devices] == [40 << 30]
    assert choose(GpuWish(count=2, model="3g.40gb"), [FREE[0], DIVIDED]).uuids == ("MIG-0", "MIG-1")
    assert choose(GpuWish(count=1, model="1g"), [FREE[0], DIVIDED]).checks[0].status == "fail"
    held = replace(SLICES[0], held_by=(Holder("container", "nb", "carol"),), memory_used=9 << 30)
    some = replace(DIVIDED, mig_instances=(held, SLICES[1]), held_by=held.held_by)
    assert choose(GpuWish(count=1, model="MIG"), [some]).uuids == ("MIG-1",)
    assert "1:0 carol: nb 9.0G" in choose(GpuWish(count=2, model="MIG"), [some]).checks[0].detail
    assert choose(GpuWish(all=True), [FREE[0], DIVIDED]).uuids == ("GPU-0", "MIG-0", "MIG-1")


# What happens between the plan and the creation


def container(name="c", state="running", gpus=(), **fields):
    return factories.workspace("alpha", name * 8, name, "image", state, owner="bob", gpus=gpus, **fields)


@pytest.mark.parametrize(
    ("claim", "taken"),
    [
        (container(gpus=("GPU-1",)), True),
        (container(gpus=("1",)), True),
        (container(gpus=("all",)), True),
        (container(gpus=("1:0",)), True),
        (container(labels={"gpuws.gpus": "GPU-0,GPU-1"}), True),
        (container(state="created", gpus=("GPU-1",)), True),
        (container(state="exited", gpus=("GPU-1",)), False),
        (container(gpus=("GPU-2", "2")), False),
    ],
)
def test_a_container_that_came_meanwhile(claim, taken):
    devices = choose(GpuWish(indices=(1,)), FREE).devices
    assert claims(devices, [claim]) == (["GPU 1: bob's c"] if taken else [])
    assert [gpu.free for gpu in reserved(FREE, [claim])][1] is not taken


def test_what_was_shared_knowingly_is_no_claim():
    devices = choose(GpuWish(indices=(0, 1)), GPUS).devices
    assert [device.shared for device in devices] == [True, False]
    assert claims(devices, [container(gpus=("0",))]) == []
    spec = ContainerSpec("n", "i", None, (), "hook", None, {}, frozenset(), {}, Profile("p"))
    plan = Plan("alpha", spec, (), "", True, devices, others=others_on([Slot(BUSY)], "alpha"))
    assert lost(plan, GPUS) == []
    gone = [GPUS[0], replace(GPUS[1], held_by=(Holder("process", "x.py", "bob"),), memory_used=2 << 30), *GPUS[2:]]
    assert lost(plan, gone) == ["GPU 1: bob: x.py 2.0G"]
    came = [replace(BUSY, held_by=(*BUSY.held_by, Holder("process", "x.py", "bob"))), *GPUS[1:]]
    assert lost(plan, came) == ["GPU 0: alice: torch-dev 74G and 1 more"]


def test_known_holders_stay_when_the_engine_lists_them_again():
    assert reserved(GPUS, [container(gpus=("0",))])[0] is not GPUS[0]
    assert reserved(GPUS, [container(gpus=("0",))])[0].held_by == GPUS[0].held_by


# Words


def test_tenancy_tells_the_command_its_memory_and_since_when():
    process = GpuProcess(7, "alice", "/usr/bin/python -u /home/alice/train.py --lr 1", 61 << 30, started_at=1000.0)
    busy = replace(
        FREE[0], held_by=(Holder("process", "train.py", "alice"),), processes=(process,), memory_used=74 << 30
    )
    assert tenancy(busy, now=1000.0 + 3 * 3600) == "alice: python train.py 61G, 3h00"
    idle = replace(busy, held_by=(Holder("process", "train.py", "alice", idle_seconds=7200, idle_evidence="watched"),))
    assert tenancy(idle, now=1000.0 + 3 * 3600) == "alice: python train.py 61G, 3h00, idle 2h00"
    reservation = Holder("reservation", "eval", "carol", idle_seconds=2 * 86400, idle_evidence="watched since …")
    assert tenancy(replace(FREE[0], held_by=(reservation,))) == "carol: eval reserved, unused 2d"


# Hosts


def plan(host, *checks, free=4, wish=GpuWish(count=1), present=True, devices=()):  # noqa: B008
    spec = ContainerSpec("n", "i", None, (), "hook", None, {}, frozenset(), {}, Profile("p", image="i", gpus=wish))
    rows = tuple(Check("x", status, f"{status} {host}") for status in checks)
    return Plan(host, spec, rows, "", present, devices, (), free)


def order(*plans):
    return [one.plan.host for one in rank(plans)]


def test_hosts_are_ranked():
    assert order(plan("a", "fail"), plan("b", "warn"), plan("c", "ok")) == ["c", "b", "a"]
    assert order(plan("a", present=False), plan("b")) == ["b", "a"]
    assert order(plan("a", free=1), plan("b", free=3)) == ["b", "a"]
    assert order(plan("a"), plan("b")) == ["a", "b"]
    shared = (Device("u", "u", 0, "0", "n", shared=True),)
    assert order(plan("a", devices=shared), plan("b", "warn")) == ["b", "a"]


@pytest.mark.parametrize(("policy", "first"), [("pack", "few"), ("spread", "many")])
def test_a_policy_ranks_hosts_too(policy, first):
    wish = GpuWish(count=1, policy=policy)
    assert order(plan("few", "warn", free=1, wish=wish), plan("many", "warn", free=7, wish=wish))[0] == first


def test_every_host_says_why():
    found = rank([plan("a", "fail"), plan("b", "ok", free=2), plan("c", "ok", "warn"), plan("d", present=False)])
    assert {one.plan.host: one.why for one in found} == {
        "b": "2 free GPUs, the image is there",
        "d": "the image must be fetched",
        "c": "1 warning",
        "a": "fail a",
    }


@pytest.mark.parametrize(
    ("key", "taken"), [("1:1", True), ("1", True), ("GPU-1", True), ("MIG-1", True), ("1:0", False)]
)
def test_an_instance_and_its_gpu_exclude_each_other(key, taken):
    devices = choose(GpuWish(uuids=("MIG-1",)), [FREE[0], DIVIDED]).devices
    assert bool(claims(devices, [container(gpus=(key,))])) is taken
    instances = reserved([FREE[0], DIVIDED], [container(gpus=(key,))])[1].mig_instances
    assert instances[1].free is not taken
