"""What a checkup asks of a host: recorded answers of hosts of many kinds, and this machine's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.model.checkup.facts import MachineFacts
from gpuws.model.errors import GpuwsError, Unreachable
from gpuws.model.gpu.reading import Disk
from gpuws.probe.examine import examine, parse
from tests.probe.local_place import LocalPlace

BEGAN, ENDED = 1_700_000_000.0, 1_700_000_000.2
SERVER = """\
Welcome to the cluster
now 1700000000.123456789
ids 1000 1000 27 998
mount proc /proc proc rw,nosuid,nodev,noexec,relatime,hidepid=invisible,gid=990 0 0
shm tmpfs 131072000 65536000 65536000 50% /dev/shm
MemAvailable:   400000000 kB
SwapTotal:       8388604 kB
SwapFree:        8000000 kB
tmux tmux 3.2a
cards 8
module 580.95.05
KillUserProcesses=yes
Linger=no
"""


def test_a_gpu_server():
    assert parse(SERVER, BEGAN, ENDED) == MachineFacts(
        ahead=0.0,
        hidepid="invisible",
        shm=Disk("/dev/shm", 65536000 << 10, 131072000 << 10),
        memory_available=400000000 << 10,
        swap_used=388604 << 10,
        swap_total=8388604 << 10,
        tmux="tmux 3.2a",
        cards=8,
        module="580.95.05",
        kills=True,
        lingers=False,
    )


@pytest.mark.parametrize(
    ("said", "ahead"),
    [("1700000000.1", 0.0), ("1700000012.2", 12.0), ("1699999990.0", -10.0), ("1700000000", 0.0), ("%N", None)],
)
def test_the_clock_is_off_only_by_what_the_way_there_does_not_explain(said, ahead):
    found = parse(f"now {said}\n", BEGAN, ENDED).ahead
    assert found == (None if ahead is None else pytest.approx(ahead, abs=1e-3))


@pytest.mark.parametrize(
    ("ids", "options", "hidden"),
    [
        ("1000 1000", "rw,relatime", ""),
        ("1000 1000", "rw,hidepid=2", "2"),
        ("1000 1000", "rw,hidepid=off", ""),
        ("1000 1000 990", "rw,hidepid=2,gid=990", ""),
        ("1000 1000", "rw,hidepid=2,gid=990", "2"),
        ("0 0", "rw,hidepid=2", ""),
    ],
)
def test_who_is_kept_from_seeing_processes(ids, options, hidden):
    assert parse(f"ids {ids}\nmount proc /proc proc {options} 0 0\n", BEGAN, ENDED).hidepid == hidden


@pytest.mark.parametrize(
    "text", ["", "command not found\n", "now \x1b[31m\nshm\ncards 99999\nmodule ../..\n", "\0" * 99]
)
def test_an_answer_that_says_nothing_is_nothing_known(text):
    assert parse(text, BEGAN, ENDED) == MachineFacts()


@given(st.lists(st.one_of(st.sampled_from(SERVER.splitlines()), st.text(max_size=60)), max_size=20))
def test_no_answer_makes_it_fail(lines):
    parse("\n".join(lines), BEGAN, ENDED)


def test_this_machine_answers():
    found = examine(LocalPlace())
    assert found.ahead == 0.0
    assert found.memory_available > 1 << 20
    assert found.hidepid is not None


@pytest.mark.parametrize(("error", "raised"), [(GpuwsError("no shell"), False), (Unreachable("lost"), True)])
def test_only_a_lost_link_is_an_error(error, raised):
    class Broken(LocalPlace):
        def run(self, argv, **more):
            raise error

    if raised:
        with pytest.raises(Unreachable):
            examine(Broken())
    else:
        assert examine(Broken()) == MachineFacts()
