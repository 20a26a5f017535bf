from dataclasses import replace

import pytest

from gpuws.model.gpu.gpu import SOMEBODY, Holder
from gpuws.model.gpu.idle import Idle, process_key
from gpuws.model.gpu.reading import NOT_YET, GpuReading, MigReading, ProcessReading
from gpuws.model.ownership.identity import Me
from gpuws.model.ownership.join import Past, container_of, join_containers, join_gpus, watched
from gpuws.model.session.notebook import Notebook
from tests import factories

ME = Me("alice", frozenset({"alice"}))
A, B = "a" * 64, "b" * 64
GPU = GpuReading(0, "GPU-0", "NVIDIA A100", memory_used=80 << 30, memory_total=80 << 30, utilization=97.0)


def torch(**changes):
    told = {"owner": "alice", "owner_is_label": True, "mine": True, "gpus": ("GPU-0",)}
    return factories.workspace("alpha", A, "torch", **{**told, **changes})


def process(**changes):
    return replace(
        ProcessReading(
            7, "GPU-0", 1 << 30, user="root", uid=0, command="/usr/bin/python3 -u train.py --lr 1", container_ids=(A,)
        ),
        **changes,
    )


def gpu(processes, containers):
    return join_gpus([GPU], processes, containers, ME)[0]


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
    row = gpu([process(container_ids=(B,), user="bob", uid=1001)], [])
    assert row.held_by == (Holder("container", B[:12], "bob"),)


def test_a_container_that_holds_a_gpu_without_a_process_is_a_reservation():
    assert gpu([], [torch()]).held_by == (Holder("reservation", "torch", "alice", mine=True),)
    assert gpu([], [torch(gpus=("0",))]).held_by
    assert gpu([], [torch(gpus=("all",))]).held_by
    assert gpu([], [torch(word="created")]).held_by


def test_a_stopped_container_holds_nothing():
    row = join_gpus([replace(GPU, memory_used=0)], [], [torch(word="exited")], ME)[0]
    assert row.held_by == ()


def test_memory_without_a_visible_process_is_held_by_somebody_unseen():
    assert gpu([], []).held_by == (SOMEBODY,)
    assert SOMEBODY not in gpu([process()], []).held_by
    assert gpu([], [torch()]).held_by[0].kind == "reservation"


def test_somebody_unseen_in_an_instance_holds_its_gpu():
    used = replace(MIG[1], memory_used=4 << 30)
    row = join_gpus([replace(DIVIDED, mig=(MIG[0], used))], [process(mig_uuid="MIG-0")], [], ME)[0]
    assert [one.held_by for one in row.mig_instances][1] == (SOMEBODY,)
    assert [holder.kind for holder in row.held_by] == ["container", "unseen"]


def test_since_when_it_is_so_is_remembered_until_it_changes():
    at_rest = replace(GPU, memory_used=0, utilization=0.0)

    def seen(now, before, reading, processes=()):
        [row] = join_gpus([reading], processes, [], ME, past=Past({}, {}, now, watched(before)))
        return row

    first = seen(1000.0, (), at_rest)
    again = seen(1002.0, (first,), at_rest)
    assert (first.since, again.since, again.availability.since) == (1000.0, 1000.0, 1000.0)
    held = seen(1004.0, (again,), GPU, [process(started_at=900.0)])
    assert (held.since, held.availability.since) == (1004.0, 900.0)  # since its program began
    assert seen(1006.0, (held,), at_rest).since == 1006.0


def test_containers_that_are_not_all_listed_leave_a_gap_in_each_place():
    row = join_gpus([replace(DIVIDED, mig=MIG)], [], [], ME, unlisted=NOT_YET)[0]
    assert {one.availability.reason for one in (row, *row.mig_instances)} == {"reservations not read yet"}


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


@pytest.mark.parametrize(
    ("label_or_mount", "user", "uid", "said"),
    [
        ("alice", "root", 0, "alice"),
        ("alice", "bob", 1001, "alice"),
        (None, "bob", 1001, "bob"),
        (None, "root", 0, None),
    ],
)
def test_the_owner_is_the_label_then_the_home_then_a_uid_that_is_not_root(label_or_mount, user, uid, said):
    row = gpu([process(user=user, uid=uid)], [torch(owner=label_or_mount, owner_is_label=False, mine=False)])
    assert (row.processes[0].user, row.held_by[0].user) == (said, said)


def test_root_outside_a_container_is_root():
    assert gpu([process(container_ids=(), user="root", uid=0)], []).processes[0].user == "root"


def test_a_container_of_another_manager_goes_by_its_name_not_by_a_piece_of_it():
    row = gpu([process(container_ids=("research-gpu-box",))], [])
    assert row.held_by[0].name == "research-gpu-box"


def test_a_process_carries_what_the_screen_and_a_signal_need():
    reading = process(cpu_percent=98.0, inner_pid=7, job="slurm 42", session="main")
    one = gpu([reading], [torch()]).processes[0]
    assert (one.container_id, one.cpu_percent, one.inner_pid, one.job, one.session) == (A, 98.0, 7, "slurm 42", "main")


def test_a_pid_of_a_container_further_in_is_none_of_the_listed_one():
    """Its number there means another process in the container that the engine can enter."""
    assert gpu([process(container_ids=(A, B), inner_pid=3)], [torch()]).processes[0].inner_pid is None
    assert gpu([process(container_ids=(B, A), inner_pid=3)], [torch()]).processes[0].inner_pid == 3
    assert gpu([process(container_ids=(), inner_pid=3)], []).processes[0].inner_pid is None


def test_a_kernel_is_named_by_its_notebook():
    books = [Notebook("k-1", "exp7.ipynb", 8888)]
    row = join_gpus([GPU], [process(kernel="k-1"), process(pid=8, kernel="k-2"), process(pid=9)], [], ME, books)[0]
    assert [one.notebook for one in row.processes] == ["exp7.ipynb", None, None]


INSIDE = [factories.session("main", container="torch", layout=factories.layout(20, 40)),
          factories.session("notes", container="torch", layout=factories.layout(25))]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "session"),
    [
        ({"lineage": (31, 30, 20, 1)}, "main"),  # a program of the pane's shell
        ({"lineage": (25, 20, 1)}, "notes"),  # the nearest counts
        ({"lineage": (40,)}, "main"),  # the pane's own program
        ({"lineage": (33, 1)}, None),  # of the container itself, or of a shell beside tmux
        ({"lineage": ()}, None),  # not told
        ({"lineage": (20,), "container_ids": (B,)}, None),  # another container
        ({"lineage": (20,), "container_ids": (A, B)}, "main"),  # an engine inside the listed one
        ({"lineage": (), "container_ids": (), "session": "train"}, "train"),  # of the host
    ],
)
def test_a_process_in_a_container_is_known_by_the_session_it_was_started_in(changes, session):
    row = join_gpus([GPU], [process(**changes)], [torch()], ME, sessions=INSIDE)[0]
    assert row.processes[0].session == session


def test_a_session_of_the_host_has_no_panes_in_a_container():
    row = join_gpus(
        [GPU],
        [process(lineage=(20,))],
        [torch()],
        ME,
        sessions=[factories.session("main", layout=factories.layout(20))],
    )[0]
    assert row.processes[0].session is None


MIG = tuple(MigReading(f"MIG-{n}", n, "1g.10gb", gpu_instance=n + 7, compute_instance=0) for n in range(3))
DIVIDED = replace(GPU, memory_used=100 << 20, mig=MIG)


def divided(processes, containers=()):
    return join_gpus([DIVIDED], processes, containers, ME)[0]


def test_an_instance_is_held_by_whoever_runs_on_it_and_so_is_its_gpu():
    row = divided([process(mig_uuid="MIG-1", user="bob", uid=1001, container_ids=())])
    assert [one.free for one in row.mig_instances] == [True, False, True]
    assert row.mig_instances[1].held_by == row.held_by == (Holder("process", "train.py", "bob"),)
    assert [p.pid for p in row.mig_instances[1].processes] == [7]
    assert not row.free


def test_a_divided_gpu_is_free_only_where_no_instance_is_held():
    assert divided([]).free
    assert not divided([], [torch(gpus=("MIG-2",))]).free
    assert divided([], [torch(gpus=("MIG-2",), word="exited")]).free


@pytest.mark.parametrize("name", ["MIG-2", "0:2", "MIG-GPU-0/9/0"])
def test_an_instance_is_reserved_by_any_of_its_names(name):
    row = divided([], [torch(gpus=(name,))])
    assert [one.free for one in row.mig_instances] == [True, True, False]
    assert row.mig_instances[2].held_by == row.held_by == (Holder("reservation", "torch", "alice", mine=True),)
    assert join_containers([torch(gpus=(name,))], [], [DIVIDED])[0].gpus == ("MIG-2",)


def test_whoever_was_given_the_gpu_was_given_its_instances():
    assert all(not one.free for one in divided([], [torch(gpus=("all",))]).mig_instances)


def test_a_container_that_works_on_one_instance_and_keeps_another_holds_the_gpu_once():
    row = divided([process(mig_uuid="MIG-0")], [torch(gpus=("MIG-0", "MIG-1"))])
    assert [holder.kind for holder in row.held_by] == ["container"]
    assert [[h.kind for h in one.held_by] for one in row.mig_instances] == [["container"], ["reservation"], []]


def test_a_uuid_may_be_begun():
    long = replace(GPU, uuid="GPU-765cb81b-2b05-5532", memory_used=0, utilization=0.0)
    row = join_gpus([long], [], [torch(gpus=("GPU-765cb81b",))], ME)[0]
    assert row.held_by[0].kind == "reservation"
    assert join_gpus([long], [], [torch(gpus=("GPU-",))], ME)[0].free


def gpu_of(reading, processes=()):
    return join_gpus([reading], processes, [], ME)[0]


def test_trends_and_idle_time_come_from_the_past():
    resting = process(user="bob", uid=1001, container_ids=())
    past = Past({"GPU-0": (1, None, 3)}, {process_key(resting): Idle(1000.0, "worked")}, now=1000.0 + 200)
    row = join_gpus([GPU], [resting], [], ME, past=past)[0]
    assert row.trend == (1, None, 3)
    assert row.held_by[0].idle_seconds == 180.0
    assert row.held_by[0].idle_evidence.startswith("worked until ")


def test_a_holder_is_idle_only_where_all_its_processes_are():
    ranks = [process(), process(pid=8)]
    past = Past({}, {process_key(ranks[0]): Idle(0.0, "watched")}, now=7200.0)
    assert join_gpus([GPU], ranks, [torch()], ME, past=past)[0].held_by[0].idle_seconds is None
    both = Past({}, {**past.idle, process_key(ranks[1]): Idle(3600.0, "worked")}, now=7200.0)
    assert join_gpus([GPU], ranks, [torch()], ME, past=both)[0].held_by[0].idle_seconds == 3600.0


def test_a_reservation_tells_since_when_nothing_runs():
    past = Past({}, {("GPU-0", A): Idle(0.0, "watched")}, now=7200.0)
    holder = join_gpus([GPU], [], [torch()], ME, past=past)[0].held_by[0]
    assert holder.idle_seconds == 7200.0
    assert holder.idle_evidence.startswith("no process, watched since ")
