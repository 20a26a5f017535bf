from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.model.errors import UsageError
from gpuws.model.profile.gpu_spec import describe, parse_gpus, spec
from gpuws.model.profile.profile import GpuWish

UUID = "GPU-3f12c0de-0000-1111-2222-333344445555"


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("all", GpuWish(all=True)),
        ("none", GpuWish()),
        ("0", GpuWish()),
        ("2", GpuWish(count=2)),
        ("device=0,1", GpuWish(indices=(0, 1))),
        ("device=3", GpuWish(indices=(3,))),
        (f"device={UUID}", GpuWish(uuids=(UUID,))),
        (f"device={UUID},MIG-{UUID[4:]}", GpuWish(uuids=(UUID, f"MIG-{UUID[4:]}"))),
        (f"device={UUID[4:]}", GpuWish(uuids=(UUID[4:],))),  # a Jetson's
        ("count=2,memory=40GiB,model=H200", GpuWish(count=2, memory=40 << 30, model="H200")),
        ("count=4,policy=spread", GpuWish(count=4, policy="spread")),
        ("model=H100|H200", GpuWish(count=1, model="H100|H200")),
        (" 2 ", GpuWish(count=2)),
    ],
)
def test_every_spec(text, wish):
    assert parse_gpus(text) == wish


@pytest.mark.parametrize(
    "text",
    [
        "",
        "two",
        "-1",
        "1.5",
        "99999",
        "device=",
        "device=0,0",
        f"device=0,{UUID}",
        "device=x",
        "count=x",
        "cuont=2",
        "count=1,count=2",
        "memory=lots",
        "model=",
        "model=(",
        "model=" + "x" * 200,
        "count",
        "²",
    ],
)
def test_every_other_spec_is_a_usage_error_with_the_forms(text):
    with pytest.raises(UsageError, match="write all"):
        parse_gpus(text)


def test_a_misspelt_word_is_named_with_the_nearest():
    with pytest.raises(UsageError, match=r"unknown word 'modle' \(did you mean model\?\)"):
        parse_gpus("modle=H100")


@given(st.text())
def test_no_text_breaks_it(text):
    with contextlib.suppress(UsageError):
        assert isinstance(parse_gpus(text), GpuWish)


def test_a_wish_in_a_few_words():
    assert describe(GpuWish()) == "none"
    assert describe(GpuWish(all=True)) == "all"
    assert describe(GpuWish(indices=(0, 2))) == "0, 2"
    assert describe(GpuWish(count=2, memory=40 << 30, model="H100")) == "2 × H100, 40G"
    assert describe(GpuWish(count=2, policy="spread")) == "2, spread"


def test_a_misspelt_policy_is_told_with_those_there_are():
    with pytest.raises(UsageError, match="expected policy free, pack, spread"):
        parse_gpus("count=2,policy=any")


@given(
    st.one_of(
        st.just(GpuWish(all=True)),
        st.builds(
            GpuWish,
            count=st.integers(1, 64),
            memory=st.none() | st.integers(1, 1 << 40),
            model=st.sampled_from((None, "H100|H200")),
            policy=st.sampled_from(("free", "pack", "spread")),
        ),
        st.builds(GpuWish, indices=st.lists(st.integers(0, 9), min_size=1, unique=True).map(tuple)),
        st.just(GpuWish(uuids=(UUID,))),
        st.just(GpuWish()),
    )
)
def test_a_wish_is_written_as_it_is_read(wish):
    assert parse_gpus(spec(wish)) == wish
