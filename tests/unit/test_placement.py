from dataclasses import replace

from gpuws.model.gpu import Gpu, Holder
from gpuws.model.placement import choose, tenancy
from gpuws.model.profile import GpuWish

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
