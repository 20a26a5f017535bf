"""What programs of mine leave behind, on this machine: real files in /dev/shm, real processes without their parent."""

import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from gpuws.model.checkup.facts import Leftovers, Opener
from gpuws.probe.leftovers import REAPERS, leftovers, parse
from tests.probe.local_place import LocalPlace

SHM = Path("/dev/shm")
LATER = 900  # seconds


@pytest.fixture
def left():
    """A file that somebody made a quarter of an hour ago."""
    path = SHM / f"gpuws-test-{uuid.uuid4().hex}"
    path.write_bytes(b"x" * 4096)
    os.utime(path, (time.time() - LATER,) * 2)
    yield path
    path.unlink()


def told():
    found = leftovers(LocalPlace())
    assert found is not None
    return found


def test_memory_that_nobody_has_open_is_told_and_what_is_open_or_new_is_not(left):
    assert (str(left), 4096) in told().shm
    with left.open("rb"):
        assert str(left) not in dict(told().shm)
    os.utime(left)
    assert str(left) not in dict(told().shm)


@pytest.fixture
def folder(tmp_path):
    """Where `-m ipykernel_launcher` is a program that waits for the end of its input."""
    (tmp_path / "ipykernel_launcher.py").write_text("import sys; print('up', flush=True); sys.stdin.read()")
    return tmp_path


def test_a_kernel_with_a_parent_is_none_that_lost_its_server(folder):
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "kernel.json"]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        assert child.pid not in told().kernels
        child.stdin.close()


def test_a_kernel_whose_server_is_gone_is_told(folder):
    script = 'exec 3<&0; "$0" -m ipykernel_launcher -f kernel.json <&3 & echo $!'
    ours, theirs = os.pipe()
    words = ["sh", "-c", script, sys.executable]
    with subprocess.Popen(words, cwd=folder, stdin=ours, stdout=subprocess.PIPE) as shell:
        os.close(ours)
        pid = int(shell.stdout.readline())
        assert shell.stdout.readline() == b"up\n"
        assert shell.wait(20) == 0
        parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
        assert (pid in told().kernels) == (parent == "1" or Path(f"/proc/{parent}/comm").read_text().strip() in REAPERS)
        os.close(theirs)  # its end


@pytest.mark.parametrize(
    ("line", "kernels"),
    [
        ("kernel 12 1 tini", (12,)),
        ("kernel 12 900 systemd", (12,)),
        ("kernel 12 900 jupyter-lab", ()),
        ("kernel 12 900 ", ()),
        ("kernel 12", ()),
        ("kernel x 1 systemd", ()),
    ],
)
def test_whose_parent_is_who_takes_orphans_has_lost_its_own(line, kernels):
    assert parse(f"{line}\nend\n") == Leftovers(kernels=kernels)


def test_what_does_not_reach_its_end_tells_nothing():
    assert parse("shm 8 /dev/shm/a\n") is None
    assert parse("shm 8 /dev/shm/a\nshm 1 /dev/shm/a b\nshm 1 /dev/shm/../b\nend\n") == Leftovers(
        (("/dev/shm/a", 4096),)
    )


def test_who_has_a_gpu_open_what_a_manager_ends_and_what_is_large_are_told():
    told = (
        "device 77 3 4242 python3", "device 78 x 1 y", "device 79 0 7", "managed tmux: server", "managed tmux: server",
        "large /dev/shm bob 2048", "large /home bob 2048", "kernel 12 1 tini", "began 12 99", "began 13 98", "end",
    )  # fmt: skip
    found = parse("\n".join(told))
    assert found == Leftovers(
        kernels=(12,),
        began=((12, 99),),
        openers=(Opener(77, 3, 4242, "python3"), Opener(79, 0, 7)),
        managed=("tmux: server",),
        large=(("/dev/shm", "bob", 1 << 20),),
    )
