"""What loads a host: whose processes are, what they are known as, which are one row."""

import pytest

from gpuws.model.host.busiest import LoadReading, LoadTold, StalledMount, busiest
from gpuws.model.host.programs import kind_of
from gpuws.model.ownership.identity import Me
from tests.factories import GIB, NOW, container, gpu, snapshot

ID = "a" * 64
TRAIN = "python train.py"
MINE = Me("alice", frozenset({"alice"}))


def told(*processes, **more):
    return busiest(LoadTold(processes, **more), LAB, NOW).processes


def process(pid, command=TRAIN, **more):
    more = {"parent": 900, "user": "bob", "uid": 1001, "name": "python", "memory": GIB, **more}
    return LoadReading(pid, command=command, **more)


LAB = snapshot(
    gpus=(gpu(0, user="alice", name="train.py", used=70, mine=True),),
    workspaces=(container("torch-dev", owner="alice", id=ID),),
    me=MINE,
)
ON_GPU = LAB.gpus[0].processes[0].pid


@pytest.mark.parametrize(
    ("name", "command", "kind"),
    [
        ("node", "/home/a/.vscode-server/bin/4949/node /home/a/.vscode-server/out/server-main.js", "VS Code server"),
        ("node", "/home/a/.vscode-server/cli/node --type=extensionHost --x", "VS Code server: extensions"),
        ("node", "/home/a/.cursor-server/bin/x/node --type=fileWatcher", "Cursor server: file watcher"),
        ("java", "/home/a/.cache/JetBrains/RemoteDev/dist/x/jbr/bin/java -Xmx2g", "JetBrains server"),
        ("claude", "claude", "coding agent (claude)"),
        ("python3", "python3 -ISuc import sys;exec(1) gpuws-probe 99423d332cba4939 1536", "gpuws' agent"),
        ("node", "node /usr/lib/node_modules/@openai/codex/cli.js", "coding agent (codex)"),
        ("aider", "/usr/bin/python3 /home/a/.local/bin/aider --model x", "coding agent (aider)"),
        ("python", "python -m ipykernel_launcher -f /run/kernel-1.json", "Jupyter kernel"),
        ("jupyter-lab", "/opt/conda/bin/python /opt/conda/bin/jupyter-lab --no-browser", "Jupyter server"),
        ("dockerd", "/usr/bin/dockerd -H fd://", "Docker engine"),
        ("pt_data_worker", TRAIN, "data loader"),
        ("python", "python -c from multiprocessing.spawn import spawn_main; spawn_main(x) --multiprocessing-fork",
         "worker"),
        ("python", TRAIN, ""),
        ("bash", "-bash", ""),
        ("x", "", ""),
        ("claudette", "claudette", ""),
    ],
)  # fmt: skip
def test_what_a_program_is_known_as(name, command, kind):
    assert kind_of(process(7, command, name=name), None, ()) == kind


def test_what_is_forked_by_a_program_on_a_gpu_loads_its_data():
    main, child = process(ON_GPU), process(51, parent=ON_GPU)
    assert kind_of(child, main, {ON_GPU}) == "data loader"
    assert kind_of(child, main, ()) == "worker"
    assert kind_of(child, main, {ON_GPU, 51}) == ""  # a rank of its own
    assert kind_of(process(51, "python eval.py", parent=ON_GPU), main, {ON_GPU}) == ""


def test_workers_alike_are_one_row_whose_shared_memory_counts_once():
    main = process(ON_GPU, cpu_percent=99.0)
    loaders = [process(p, parent=ON_GPU, cpu_percent=50.0, memory=3 * GIB, shared=2 * GIB) for p in (51, 52, 53)]
    first, second = told(main, *loaders)
    assert (first.pids, first.kind, first.cpu_percent, first.memory) == ((51, 52, 53), "data loader", 150.0, 5 * GIB)
    assert (second.pids, second.gpus) == ((ON_GPU,), (0,))


def test_others_are_rows_of_their_own():
    """Daemons are all children of the first process, and one that waits in vain is looked at alone."""
    assert len(told(process(51, parent=1), process(52, parent=1))) == 2
    assert len(told(process(51, waits=12.0), process(52), process(53))) == 2
    assert len(told(process(51, user="carol", uid=1002), process(52))) == 2


def test_a_container_s_process_is_its_owner_s():
    inside, outside = told(
        process(51, user="root", uid=0, container_ids=(ID,), cpu_percent=9.0),
        process(52, user="root", uid=0, container_ids=("b" * 64,), parent=901),
    )
    assert (inside.user, inside.container, inside.mine) == ("alice", "torch-dev", True)
    assert (outside.user, outside.container) == (None, "b" * 12)


def test_what_is_not_known_is_not_zero():
    (one,) = told(process(51, memory=None, cpu_percent=None))
    assert (one.cpu_percent, one.memory, one.started_at) == (None, None, None)


def test_what_else_was_told_goes_with_it():
    mount = StalledMount("nas", ("/data",), (51,))
    found = busiest(LoadTold((), 2.0, 380, True, (mount,)), LAB, NOW)
    assert (found.host, found.seconds, found.count, found.hidden, found.stalled) == (
        LAB.name, 2.0, 380, True, (mount,),
    )  # fmt: skip
