"""One machine under several names: shown once, obeyed by its strictest name, entered by each."""

from dataclasses import replace

import pytest

from gpuws.fleet.background.gpu_wait import Wait
from gpuws.model.consent.confirm import writable
from gpuws.model.errors import Refused, TargetError
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.reading import HostFacts
from gpuws.model.host.completeness import HOLDERS
from gpuws.model.host.host import HostState
from gpuws.model.host.machine import acquainted, one_each
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.usage import totals
from gpuws.model.profile.profile import GpuWish
from gpuws.model.query.filter import compile_host_filter
from gpuws.model.query.target import parse, resolve
from tests import factories


def host(name, boot="b-1", table=4026, **changes):
    facts = HostFacts("ann", 1, 1, (), "/", "box", boot_id=boot, pid_namespace=table)
    torch = factories.workspace(name, "c" * 64, "torch", "image", "running", mine=True)
    gpus = (Gpu(0, "GPU-0", "A100", memory_used=0, memory_total=80 << 30),)
    told = {
        "state": HostState.UP,
        "updated_at": 1.0,
        "telemetry": "nvml",
        "complete": HOLDERS,
        "gpus": gpus,
        "workspaces": (torch,),
    }
    return HostSnapshot(name, facts=facts, **{**told, **changes})


def seen(*snapshots):
    return tuple(acquainted(one, snapshots) for one in snapshots)


def names(snapshots):
    return [(one.name, one.aliases) for one in snapshots]


def test_the_first_name_is_the_row_and_the_others_stay_readable():
    every = seen(host("alpha"), host("bravo", "b-2"), host("alpha-again"), host("local"))
    shown = one_each(every)
    assert names(shown) == [("alpha", ("alpha-again", "local")), ("bravo", ())]
    assert [one.aliases for one in every][2] == ("alpha", "local")
    assert totals(shown).gpus == 2
    for text in "host=alpha-again", "again", "host!=bravo":
        assert [compile_host_filter(text)(one) for one in shown] == [True, False]


@pytest.mark.parametrize(
    "other", [host("b", table=7), host("b", boot="b-2"), host("b", table=None), host("b", boot=None), HostSnapshot("b")]
)
def test_containers_that_share_a_kernel_and_hosts_that_tell_nothing_stay_apart(other):
    assert len(one_each(seen(host("a"), other))) == 2


def test_a_machine_is_shown_by_a_name_that_is_up_while_there_is_one():
    lost = host("alpha", state=HostState.STALE)
    assert names(one_each(seen(lost, host("again")))) == [("again", ("alpha",))]
    assert names(one_each(seen(lost, host("again", state=HostState.DOWN)))) == [("alpha", ("again",))]


def test_read_only_by_one_name_is_read_only_by_all():
    every = seen(host("alpha"), host("safe", readonly=True), host("bravo", "b-2"))
    assert [one.readonly for one in every] == [True, True, False]
    with pytest.raises(Refused, match=r"alpha is read-only.*safe: the same machine"):
        writable(every[0])


def test_every_name_stays_a_target_and_a_containers_name_alone_is_not_ambiguous():
    every = seen(host("alpha"), host("again"))
    found = {
        word: resolve(parse(word), every).label for word in ("again/torch", "again", "torch", "/torch", "alpha/torch")
    }
    assert found == {
        "again/torch": "again/torch",
        "again": "again",
        "torch": "alpha/torch",
        "/torch": "alpha/torch",
        "alpha/torch": "alpha/torch",
    }
    with pytest.raises(TargetError):
        resolve(parse("torch"), seen(host("alpha"), host("bravo", "b-2")))


def test_a_wait_anywhere_looks_at_it_once():
    every = seen(host("alpha"), host("again"))
    wait = Wait(GpuWish(count=1), [one.name for one in every])
    looks = [wait.look(tuple(replace(one, updated_at=float(at)) for one in every)) for at in range(1, 9)]
    assert [fit.host for fit in looks[-1]] == ["alpha"]
    assert "again" not in wait.standing(every)
    with pytest.raises(TargetError, match=r"alpha: 1 × A100$"):
        Wait(GpuWish(count=2), ["alpha", "again"]).look(every)
