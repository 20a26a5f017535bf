"""Which GPUs a wait takes: free in two samples in a row, on a host that shows all it has."""

from dataclasses import replace

import pytest

from gpuws.model.gpu.gpu import Gpu, Holder, MigInstance
from gpuws.model.gpu.reading import Gap
from gpuws.model.host.completeness import HOLDERS
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.wait import Fit, Observed, best_first, fitting, in_the_way, observed, possible
from gpuws.model.profile.profile import GpuWish

FREE = [Gpu(i, f"GPU-{i}", "NVIDIA H100 80GB HBM3", memory_used=0, memory_total=80 << 30) for i in range(3)]
HELD = (Holder("container", "torch-dev", "alice"),)
ONE, TWO = GpuWish(count=1), GpuWish(count=2)


def busy(gpu):
    return replace(gpu, held_by=HELD, memory_used=74 << 30)


def at(when, *gpus, **changes):
    told = {"state": HostState.UP, "updated_at": when, "complete": HOLDERS, **changes}
    return HostSnapshot("alpha", gpus=gpus, **told)


def watched(*snapshots):
    seen = Observed()
    for snapshot in snapshots:
        seen = observed(seen, snapshot)
    return seen


def fit_of(wish, *snapshots):
    return fitting(wish, snapshots[-1], watched(*snapshots))


def test_once_is_not_enough_and_twice_is():
    assert fit_of(ONE, at(1.0, FREE[0])) is None
    assert fit_of(ONE, at(1.0, FREE[0]), at(3.0, FREE[0])).devices[0].uuid == "GPU-0"


def test_the_same_sample_seen_again_is_one():
    assert fit_of(ONE, at(1.0, FREE[0]), at(1.0, FREE[0])) is None


def test_held_in_between_starts_anew():
    """Also where no new sample says it but the engine's list."""
    one, held = at(1.0, FREE[0]), busy(FREE[0])
    assert fit_of(ONE, one, at(3.0, held), at(5.0, FREE[0])) is None
    assert fit_of(ONE, one, at(3.0, FREE[0]), at(3.0, held), at(3.0, FREE[0])) is None


def test_what_can_not_be_read_is_never_taken_and_is_in_the_way():
    shut = replace(FREE[0], gaps=(Gap("processes", "no permission"),))
    assert fit_of(ONE, at(1.0, shut), at(3.0, shut)) is None
    assert fit_of(GpuWish(indices=(0,)), at(1.0, shut), at(3.0, shut)) is None
    assert possible(ONE, [shut])
    assert in_the_way(ONE, [shut]) == (0, ("0 unknown: processes can't be read: no permission",))


def test_reservations_that_can_not_be_seen_are_said_of_what_is_taken():
    blind = replace(FREE[0], gaps=(Gap("reservations", "no permission"),))
    assert fit_of(ONE, at(1.0, blind), at(3.0, blind)).detail.endswith("; reservations can't be seen here")


@pytest.mark.parametrize(
    "hidden", [{"state": HostState.STALE}, {"complete": frozenset({"telemetry"})}, {"updated_at": None}]
)
def test_a_host_that_does_not_show_all_proves_nothing(hidden):
    shown = at(1.0, FREE[0]), at(3.0, FREE[0])
    assert watched(*shown, at(5.0, FREE[0], **hidden)) == Observed()
    assert fit_of(ONE, *shown, replace(at(5.0, FREE[0]), **hidden), at(7.0, FREE[0])) is None


def test_those_that_were_free_longer_are_taken_although_others_come_first():
    fit = fit_of(ONE, at(1.0, busy(FREE[0]), FREE[1]), at(3.0, *FREE[:2]))
    assert [one.uuid for one in fit.devices] == ["GPU-1"]
    assert (fit.detail, fit.free) == ("GPU 1 (NVIDIA H100 80GB HBM3)", 2)


def test_count_model_and_memory_must_all_come_true():
    twice = at(1.0, busy(FREE[0]), *FREE[1:]), at(3.0, busy(FREE[0]), *FREE[1:])
    assert fit_of(TWO, *twice)
    for wish in (GpuWish(count=3), GpuWish(count=1, model="A100"), GpuWish(count=1, memory=90 << 30)):
        assert fit_of(wish, *twice) is None


@pytest.mark.parametrize("wish", [GpuWish(indices=(0, 1)), GpuWish(uuids=("GPU-0", "GPU-1")), GpuWish(all=True)])
def test_named_ones_are_waited_for_and_never_taken_from_somebody(wish):
    held, free = [busy(FREE[0]), FREE[1]], FREE[:2]
    assert fit_of(wish, at(1.0, *held), at(3.0, *held)) is None
    assert fit_of(wish, at(1.0, *held), at(3.0, *free)) is None
    assert len(fit_of(wish, at(1.0, *free), at(3.0, *free)).devices) == 2


def divided(*held):
    instances = [
        MigInstance(f"MIG-{n}", n, "1g.10gb", n, 0, 0, 10 << 30, held_by=HELD if n in held else ()) for n in range(2)
    ]
    return replace(FREE[0], mig=(), mig_instances=tuple(instances), held_by=HELD if held else ())


def test_an_instance_of_a_divided_gpu():
    mig = GpuWish(count=1, model="MIG 1g")
    assert fit_of(mig, at(1.0, divided(0)), at(3.0, divided(0))).devices[0].uuid == "MIG-1"
    assert fit_of(mig, at(1.0, divided(0, 1)), at(3.0, divided(0))) is None
    assert not possible(ONE, [divided()])
    assert in_the_way(mig, [divided(0)]) == (1, ("0:0 alice: torch-dev 0B",))


def test_what_no_emptying_would_bring():
    lost = replace(FREE[1], health="lost")
    assert possible(TWO, [busy(FREE[0]), lost])
    assert not possible(GpuWish(count=3), [busy(FREE[0]), lost])
    assert not possible(GpuWish(count=1, model="A100"), FREE)
    assert not possible(GpuWish(count=1, memory=81 << 30), FREE)
    assert not possible(GpuWish(indices=(7,)), FREE)
    assert not possible(ONE, [])


def test_who_is_in_the_way_among_those_that_would_do():
    other = replace(busy(FREE[2]), name="NVIDIA T4")
    gpus = [busy(FREE[0]), FREE[1], other]
    assert in_the_way(GpuWish(count=2, model="H100"), gpus) == (1, ("0 alice: torch-dev 74G",))
    assert in_the_way(GpuWish(indices=(0,)), gpus) == (0, ("0 alice: torch-dev 74G",))


def test_the_emptiest_host_first_and_for_pack_the_fullest():
    one, two, three = (Fit(name, (), "", free) for name, free in (("a", 1), ("b", 4), ("c", 4)))
    assert [fit.host for fit in best_first(ONE, [one, two, three])] == ["b", "c", "a"]
    assert best_first(replace(ONE, policy="pack"), [two, one, three])[0].host == "a"
