from dataclasses import replace

from gpuws.model.container import Container
from gpuws.model.gpu import Holder
from gpuws.model.join import container_of, join_containers, join_gpus
from gpuws.model.reading import GpuReading, ProcessReading

A, B = "a" * 64, "b" * 64
GPU = GpuReading(0, "GPU-0", "NVIDIA A100", memory_used=80 << 30, memory_total=80 << 30, utilization=97.0)


def torch(**changes):
    return replace(
        Container(
            "alpha", A, "torch", "image", "running", owner="alice", owner_is_label=True, mine=True, gpus=("GPU-0",)
        ),
        **changes,
    )


def process(**changes):
    return replace(
        ProcessReading(
            7, "GPU-0", 1 << 30, user="root", uid=0, command="/usr/bin/python3 -u train.py --lr 1", container_ids=(A,)
        ),
        **changes,
    )


def gpu(processes, containers, mine=("alice",)):
    return join_gpus([GPU], processes, containers, mine)[0]


def test_a_root_process_in_a_container_belongs_to_the_containers_owner():
    row = gpu([process()], [torch()])
    assert row.held_by == (Holder("container", "torch", "alice", mine=True),)
    assert (row.processes[0].user, row.processes[0].container, row.mine) == ("alice", "torch", True)


def test_a_process_on_the_host_is_named_by_its_program():
    row = gpu([process(user="bob", container_ids=())], [])
    assert row.held_by == (Holder("process", "train.py", "bob"),)


def test_a_process_of_my_login_is_mine():
    assert gpu([process(user="alice", container_ids=())], []).mine


def test_of_nested_engines_the_innermost_listed_one_counts():
    assert container_of(process(container_ids=(B, A)), {A: torch()}) == torch()
    assert container_of(process(container_ids=(A, B)), {A: torch()}) == torch()


def test_a_container_nobody_lists_is_shown_by_its_short_id():
    row = gpu([process(container_ids=(B,), user="bob")], [])
    assert row.held_by == (Holder("container", B[:12], "bob"),)


def test_a_container_that_holds_a_gpu_without_a_process_is_a_reservation():
    assert gpu([], [torch()]).held_by == (Holder("reservation", "torch", "alice", mine=True),)
    assert gpu([], [torch(gpus=("0",))]).held_by
    assert gpu([], [torch(gpus=("all",))]).held_by
    assert gpu([], [torch(state="created")]).held_by


def test_a_stopped_container_holds_nothing():
    assert gpu([], [torch(state="exited")]).held_by == ()


def test_memory_without_a_visible_process_is_not_free():
    assert not gpu([], []).free
    assert join_gpus([replace(GPU, memory_used=600 << 20)], [], [], ())[0].free
    assert not join_gpus([replace(GPU, memory_used=0, health="lost")], [], [], ())[0].free


def test_gpu_memory_of_a_container_is_the_sum_of_its_processes():
    two = [process(), process(pid=8, memory=2 << 30)]
    assert join_containers([torch()], two, [GPU])[0].gpu_memory == 3 << 30


def test_one_unknown_makes_the_sum_unknown_not_smaller():
    assert join_containers([torch()], [process(), process(pid=8, memory=None)], [GPU])[0].gpu_memory is None


def test_a_container_without_gpus_says_nothing_of_gpu_memory():
    assert join_containers([torch(gpus=())], [], [GPU])[0].gpu_memory is None
    assert join_containers([torch()], [], [GPU])[0].gpu_memory == 0


def test_containers_name_their_gpus_by_uuid_where_it_is_known():
    def gpus(*names, readings=(GPU,)):
        return join_containers([torch(gpus=names)], [], readings)[0].gpus

    assert gpus("0") == gpus("all") == gpus("GPU-0") == ("GPU-0",)
    assert gpus("7") == ("7",)
    assert gpus("all", readings=()) == ("all",)
