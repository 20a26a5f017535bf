"""Which profile is meant before anything is said."""

from dataclasses import replace

import pytest

from gpuws.model.gpu import cuda
from gpuws.model.profile.preselect import Used, preselected, used
from gpuws.model.profile.profile import ProfileSummary
from tests.factories import NOW, container, gpu, snapshot

BASE = ProfileSummary("base", image="python:3.12-slim-trixie")
OLD = ProfileSummary("pytorch-2.7-cu118", image="pytorch/pytorch:2.7.1-cuda11.8-cudnn9-runtime", gpus="1")
NEW = ProfileSummary("pytorch-2.8-cu128", image="pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime", gpus="1")
SSH = ProfileSummary("pytorch-ssh", image="pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime", gpus="1")
NEWER = ProfileSummary("torch", image="pytorch/pytorch:2.10.0-cuda12.8-cudnn9-runtime", gpus="1")
BROKEN = ProfileSummary("aaa", error="aaa.yaml:1:1: imge: unknown key", gpus="1")
ALL = (BROKEN, BASE, OLD, NEW, SSH)


def host(driver, **more):
    return snapshot(driver=driver, gpus=(gpu(0),), **more)


@pytest.mark.parametrize(
    ("driver", "told", "meant"),
    [
        ("580.65.06", "13.0", NEW),
        ("570.26", None, NEW),
        ("535.54.03", "12.2", NEW),  # its family runs all of CUDA 12
        ("520.61.05", "11.8", OLD),
        ("470.82", "11.4", OLD),
        ("418.39", "10.1", OLD),  # runs none of them
        (None, None, NEW),
    ],
)
def test_the_newest_that_the_driver_runs(driver, told, meant):
    assert preselected(ALL, host(driver, cuda=told), (), gpus=False) == meant.name


def test_of_equal_cuda_the_newest_framework():
    assert preselected((*ALL, NEWER), host("580.65"), (), gpus=True) == "torch"


def test_one_of_mine_comes_before_those_that_come_with_gpuws():
    built_in = replace(NEW, owner="built-in")
    own, ours = ProfileSummary("lab", image="lab/torch:3", gpus="1"), replace(OLD, owner="shared")
    assert preselected((built_in, ours, own), host("580.65"), (), gpus=True) == "lab"
    assert preselected((built_in, ours), host("580.65"), (), gpus=True) == OLD.name
    mine = replace(NEWER, owner="mine")
    assert preselected((ours, mine), host("470.82"), (), gpus=True) == OLD.name  # mine does not run there


def test_on_a_gpu_a_profile_that_wants_one_and_without_any_one_that_wants_none():
    assert preselected((BASE, ProfileSummary("mine", gpus="2")), host("580.65"), (), gpus=True) == "mine"
    assert preselected(ALL, snapshot(), (), gpus=False) == "base"
    assert preselected((BASE,), host("580.65"), (), gpus=True) == "base"
    launches = (Used("alpha", "base", NOW),)
    assert preselected(ALL, host("580.65"), launches, gpus=False) == "base"
    assert preselected(ALL, host("580.65"), launches, gpus=True) == NEW.name
    assert preselected((BROKEN,), host("580.65"), (), gpus=True) is None


def test_what_was_launched_there_last_comes_first():
    launches = used([], [Used("alpha", "pytorch-ssh", NOW - 60), Used("bravo", OLD.name, NOW)])
    assert preselected(ALL, host("580.65"), launches, gpus=True) == "pytorch-ssh"
    assert preselected(ALL, None, launches, gpus=True) == OLD.name
    assert preselected((BASE, NEW), host("580.65"), launches, gpus=True) == NEW.name  # it is gone


def test_containers_of_mine_tell_what_was_launched_from_the_shell():
    there = host("580.65", workspaces=(
        container("old", profile="base", id="a"), container("bobs", mine=False, profile=OLD.name, id="b"),
        container("unlabelled", id="c"),
    ))  # fmt: skip
    assert used([there]) == (Used("alpha", "base", NOW - 7200),)
    assert used([there], [Used("alpha", "x", NOW)])[0].profile == "x"


@pytest.mark.parametrize(
    ("name", "version"),
    [("pytorch/pytorch:2.8.0-cuda12.8-cudnn9", (12, 8)), ("train-cu118", (11, 8)), ("cutlass:4", None), ("", None)],
)
def test_the_cuda_that_a_name_tells_of(name, version):
    assert cuda.named(name) == version
