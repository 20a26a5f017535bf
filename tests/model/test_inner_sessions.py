"""What a process's tmux session inside its container leads to, and how it is said."""

import pytest

from gpuws.model.gpu.gpu import Gpu, GpuProcess, Holder
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.tenancy import tenancy
from gpuws.model.session.session import Session
from gpuws.tui.selection import Selection
from gpuws.tui.sessions.doors import doors
from tests import factories

BOX = factories.workspace("alpha", "a" * 64, "torch-dev", "image", "running", mine=True, gpus=("GPU-0",))
MAIN, NOTES, HOSTS = Session("main", container="torch-dev"), Session("notes", container="torch-dev"), Session("main")


def process(session, pid=7):
    return GpuProcess(
        pid, "alice", "python train.py", 20 << 30, container="torch-dev", session=session, container_id=BOX.id
    )


def snapshot(*processes):
    gpu = Gpu(0, "GPU-0", "H200", held_by=(Holder("container", "torch-dev", "alice"),), processes=processes)
    return HostSnapshot("alpha", gpus=(gpu,), workspaces=(BOX,), sessions=(HOSTS, MAIN, NOTES))


@pytest.mark.parametrize(
    ("sessions", "led_to"),
    [
        (["notes"], ["notes"]),
        (["main", "notes"], ["main", "notes"]),
        (["main", None], ["main"]),
        ([None], ["main", "notes"]),
    ],
)
def test_a_row_leads_to_the_sessions_in_which_its_programs_run(sessions, led_to):
    alpha = snapshot(*map(process, sessions))
    found = doors(Selection(alpha, gpu=alpha.gpus[0]))
    assert [(door.place.workspace, door.session) for door in found] == [(BOX.id, name) for name in led_to]


def test_a_process_leads_to_its_own_session_and_its_container_to_any():
    alpha = snapshot(process("main"), process("notes", 8))
    [door] = doors(Selection(alpha, gpu=alpha.gpus[0], process=alpha.gpus[0].processes[1]))
    assert (door.place, door.session) == (BOX.place, "notes")
    assert len(doors(Selection(alpha, gpu=alpha.gpus[0], container=BOX))) == 2


@pytest.mark.parametrize(
    ("sessions", "said"),
    [
        (["main"], "alice: torch-dev:main 20G"),
        (["main", "main"], "alice: torch-dev:main 40G"),
        (["main", "notes"], "alice: torch-dev 40G"),
        ([None], "alice: torch-dev 20G"),
    ],
)
def test_who_holds_a_gpu_is_said_with_the_session(sessions, said):
    assert tenancy(snapshot(*map(process, sessions)).gpus[0]) == said
