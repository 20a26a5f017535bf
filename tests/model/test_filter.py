"""The language of filters, and what its words mean of GPUs and containers."""

from __future__ import annotations

import contextlib
import re
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.model.errors import UsageError
from gpuws.model.gpu.gpu import Gpu, GpuProcess, Holder, MigInstance
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.query.expression import LONGEST
from gpuws.model.query.filter import compile_container_filter, compile_filter, compile_host_filter
from tests import factories

NOW = 1_800_000_000.0
GIB = 1 << 30


def gpu(index: int, used: int = 0, **more) -> Gpu:
    given_ = {"memory_used": used * GIB, "memory_total": 80 * GIB, "utilization": 0.0, "temperature": 40.0} | more
    return Gpu(index, f"GPU-{index}", given_.pop("name", "NVIDIA A100-SXM4-80GB"), **given_)


TRAINS = GpuProcess(1, "alice", "python train.py --name 'my run'", container="torch-dev", session="main")
KERNEL = GpuProcess(2, "bob", "ipykernel", container="jup", notebook="exp7.ipynb")
ALPHA = HostSnapshot(
    "alpha",
    HostState.UP,
    updated_at=NOW - 3,
    tags=("room-3", "a100"),
    workspaces=(
        factories.workspace("alpha", "a" * 64, "torch-dev", "gpuws/torch:2.8", "running", NOW - 90000, owner="alice",
                             mine=True, gpus=("GPU-0",), gpu_memory=74 * GIB, profile="torch-2.8"),
        factories.workspace("alpha", "b" * 64, "old", "nginx", "exited", owner="bob"),
    ),
    gpus=(
        gpu(0, 74, utilization=98.0, temperature=81.0, power=398.0, processes=(TRAINS,),
            held_by=(Holder("container", "torch-dev", "alice", mine=True),)),
        gpu(1, 61, processes=(KERNEL,), held_by=(Holder("container", "jup", "bob", 9 * 3600.0),)),
        gpu(2),
        gpu(3, name="NVIDIA H200", health="lost", memory_used=None, utilization=None, temperature=None),
        gpu(4, 10, held_by=(Holder("process", "eval.py", "carol"),), mig_instances=(
            MigInstance("MIG-1", 0, "1g.10gb", processes=(GpuProcess(3, "dave", "python sweep.py", job="slurm 42"),)),
        )),
    ),
)  # fmt: skip


def found(text: str) -> list[int]:
    test = compile_filter(text, clock=lambda: NOW)
    return [one.index for one in ALPHA.gpus if test(ALPHA, one)]


def test_the_maker_of_a_gpu():
    amd = replace(ALPHA, gpus=(gpu(0), gpu(1, name="Strix Halo", vendor="amd")))
    test = compile_filter("vendor=amd", clock=lambda: NOW)
    assert [one.index for one in amd.gpus if test(amd, one)] == [1]


@pytest.mark.parametrize(
    ("text", "indices"),
    [
        ("", [0, 1, 2, 3, 4]), ("   ", [0, 1, 2, 3, 4]),
        # states
        ("free", [2]), ("busy", [0, 1, 3, 4]), ("held", [0, 1, 4]), ("unknown", [3]),
        ("idle", [1]), ("mine", [0]), ("lost", [3]),
        ("FREE", [2]),
        # names
        ("alice", [0]), ("Bob", [1]), ("h200", [3]), ("alpha", [0, 1, 2, 3, 4]), ("room-3", [0, 1, 2, 3, 4]),
        ("torch-dev", [0]), ("train.py", [0]), ("exp7", [1]), ("dave", [4]),
        ("1g.10gb", [4]), ("mig", [4]), ("slurm", [4]),
        ("nobody", []), ("'my run'", [0]), ('"my run"', [0]), ("my run", [0]), ("'run my'", []), ("'free'", []),
        # figures
        ("free>40g", [2, 4]), ("mem>50%", [0, 1]), ("mem>40g", [0, 1]), ("mem>40", [0, 1]),
        ("mem>60000m", [0, 1]), ("mem<0.01t", [2, 4]), ("free>50%", [2, 4]), ("util<10", [1, 2, 4]), ("util>=98%", [0]),
        ("temp>=80", [0]), ("temp > 80°C", [0]), ("power>300", [0]), ("power<1kw", [0]),
        ("age>2", [0, 1, 2, 3, 4]), ("age>10", []), ("idle>2h", [1]), ("idle>10h", []), ("gpu=3", [3]),
        ("gpu!=3", [0, 1, 2, 4]), ("gpu==3", [3]), ("util>10 , gpu=2", [0, 2]),
        # unknown never matches, not even negated
        ("util>=0", [0, 1, 2, 4]), ("util<0", []), ("!util>10", [1, 2, 4]), ("util!=5", [0, 1, 2, 4]),
        ("mem>=0%", [0, 1, 2, 4]),
        # texts
        ("name=*H200*", [3]), ("name!=*H200*", [0, 1, 2, 4]), ("name=h200", []), ("user=CAROL", [4]),
        ("user!=alice", [1, 2, 3, 4]), ("user=*", [0, 1, 4]), ("holder=*.py", [4]), ("health!=ok", [3]),
        ("host=alpha held", [0, 1, 4]), ("host='alpha'", [0, 1, 2, 3, 4]), ("tag=a100", [0, 1, 2, 3, 4]),
        ("state=up", [0, 1, 2, 3, 4]), ("state!=up", []),
        # combined
        ("alice | bob", [0, 1]), ("alice or bob", [0, 1]), ("alice,bob", [0, 1]), ("alice , bob", [0, 1]),
        ("alice bob", []), ("alice and mine", [0]), ("!free", [0, 1, 3, 4]), ("not free", [0, 1, 3, 4]),
        ("!!free", [2]), ("not !free", [2]), ("!alice,bob", [2, 3, 4]), ("alice,!held", [0, 2, 3]),
        ("free | mine util>90", [0, 2]), ("a100,h200 !free", [0, 1, 3, 4]), ("free>40g !held | lost", [2, 3]),
    ],
)  # fmt: skip
def test_what_an_expression_means(text, indices):
    assert found(text) == indices


@pytest.mark.parametrize("state", [HostState.STALE, HostState.DOWN])
def test_of_a_host_that_is_not_up_nothing_is_known_to_be_free(state):
    away = replace(ALPHA, state=state)
    states = {word: [one.index for one in away.gpus if compile_filter(word)(away, one)] for word in ("free", "unknown")}
    assert states == {"free": [], "unknown": [2, 3]}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("colour=red", "write host="), ("utl>10", "did you mean util"),
        ("fre>10g", "did you mean free"), ("usr=bob", "did you mean user"), ("free>", "a value is missing after free>"),
        ("free>lots", "free>40g"), ("util>10g", "util<10"), ("mem>9e9", "mem>50%"), ("temp>80%", "temp>=80"),
        ("user>bob", "write user=… or user!=…"), ("'open", "a quote is not closed"), ("alice |", "missing at its end"),
        ("| alice", "'|' is out of place"), ("alice,", "missing at its end"), (", alice", "',' is out of place"),
        ("!", "missing at its end"), ("not", "missing at its end"), ("alice ||  bob", "'|' is out of place"),
        (">40g", "'>' is out of place"), ("user='bob", "a value is missing"), ("x" * (LONGEST + 1), "longer than"),
    ],
)  # fmt: skip
def test_what_is_no_expression_is_said_with_what_would_be(text, says):
    with pytest.raises(UsageError, match=re.escape(says)) as caught:
        found(text)
    assert "\n" not in str(caught.value)
    assert caught.value.remedy


def test_a_host_is_meant_by_its_name_and_what_lives_there_but_not_by_what_only_gpus_have():
    def host(text: str) -> bool:
        return compile_host_filter(text, clock=lambda: NOW)(ALPHA)

    assert all(map(host, ("", "alpha", "room-3", "up", "torch-dev", "old", "mine", "tag=a100", "!nobody", "age<10")))
    assert not any(map(host, ("bravo", "free", "!free", "busy", "util>0", "!util>0", "user!=x", "health!=ok", "h200")))


def test_containers_speak_the_same_language():
    def names(text: str) -> list[str]:
        test = compile_container_filter(text, clock=lambda: NOW)
        return [one.name for one in ALPHA.workspaces if test(ALPHA, one)]

    assert names("mine") == names("running") == names("gpus>0") == names("mem>40g") == names("age>1d") == ["torch-dev"]
    for text in ("state=exited", "!mine", "nginx", "bob", "mem<9g,image=ngi*", "profile!=*"):
        assert names(text) == ["old"]
    with pytest.raises(UsageError, match="state="):
        names("phase=x")


WORDS = st.sampled_from([
    *("free", "mine", "alice", "not", "or", "and", "user", "util", "mem", "name", "idle", "'a b'", '"', "'", "\\"),
    *("|", ",", "!", "=", "!=", ">", "<=", "==", " ", "40g", "50%", "9" * 30, "*" * 30, "[", "]", "[!a-", "?", "é"),
    *("\0", "\ud800"),
])  # fmt: skip


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=60).map("".join)))
def test_any_text_is_a_filter_or_a_usage_error(text):
    try:
        tests = compile_filter(text), compile_host_filter(text), compile_container_filter(text)
    except UsageError:
        return
    assert isinstance(tests[0](ALPHA, ALPHA.gpus[0]), bool)
    assert isinstance(tests[1](ALPHA), bool)
    assert isinstance(tests[2](ALPHA, ALPHA.workspaces[0]), bool)


@pytest.mark.parametrize("part", ["*a", "*?", "!", "a,", "a|", "[a", "name=*a*a*a ", "not ", "''", "a ", "(", "user!="])
def test_no_expression_is_slow(part):
    """Against a name made to make patterns backtrack."""
    hostile = gpu(0, name="a" * 2000 + "b", held_by=(Holder("process", "a" * 2000, "a" * 2000),))
    for text in (part * (LONGEST // len(part)), "name=" + part * 300, "holder=" + part * 300 + "c"):
        began = time.process_time()
        with contextlib.suppress(UsageError):
            compile_filter(text)(ALPHA, hostile)
        assert time.process_time() - began < 1.0
