"""Where a container differs from what its profile says now."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from gpuws.engines.docker.build import builder
from gpuws.engines.docker.existing import drift
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.placement.plan import Want
from gpuws.model.profile.captured import Difference
from gpuws.model.profile.profile import (
    Build,
    GpuMemoryCap,
    GpuWish,
    JupyterWish,
    PortWish,
    Profile,
    TmuxWish,
    Ulimit,
    Volume,
)
from tests.engines.docker.conftest import IMAGE, UUIDS

PROFILE = Profile(
    "drifting",
    image=IMAGE,
    command=("sleep", "infinity"),
    gpus=GpuWish(count=2),
    gpu_memory=GpuMemoryCap(20 << 30),
    mem_limit=256 << 20,
    cpus=0.5,
    shm_size=64 << 20,
    ipc="private",
    ulimits=(Ulimit("nofile", 1000, 2000),),
    working_dir="/data",
    volumes=(
        Volume("/data", "~/data", check="create"),
        Volume("/scratch", None, "tmpfs"),
        Volume("/x", None, "volume"),
    ),
    ports=(PortWish(8000), PortWish(6006, 16011)),
    environment={"PLAIN": "x", "WANDB_API_KEY": None, "NOT_SET_ANYWHERE": None},
    jupyter=JupyterWish(8899),
    tmux=TmuxWish("main"),
    stop_grace_period=3.0,
    labels={"team": "vision"},
)


def found(bench, identity, profile):
    return {one.key: (one.profile, one.container) for one in bench.engine.recipes.drift(identity, profile, bench.site)}


@pytest.mark.lab
def test_as_launched_there_is_none(clean):
    identity = clean.launch(PROFILE, Want(environ={"WANDB_API_KEY": "hunter2"}))
    assert clean.engine.recipes.drift(identity, PROFILE, clean.site) == ()
    for change in (
        {"gpus": GpuWish(uuids=UUIDS[:2])},
        {"gpus": GpuWish(indices=(0, 1))},
        {"ulimits": ()},
        {"memswap_limit": 256 << 20},
        {"shm_size": None},
        {"ipc": None},
        {"description": "another", "env_file": ()},
    ):
        assert clean.engine.recipes.drift(identity, replace(PROFILE, **change), clean.site) == (), change


@pytest.mark.lab
def test_each_key_that_changed_is_named(clean):
    identity = clean.launch(PROFILE, Want(environ={"WANDB_API_KEY": "hunter2"}))
    changed = replace(
        PROFILE,
        command=("sleep", "1000"),
        gpus=GpuWish(count=3),
        gpu_memory=GpuMemoryCap(40 << 30, "stop"),
        mem_limit=1 << 30,
        cpus=2.0,
        shm_size=1 << 30,
        ulimits=(Ulimit("nofile", 1000, 4000),),
        user="root",
        volumes=(Volume("/data", "~/data", read_only=True), Volume("/scratch", None, "tmpfs"), Volume("/new", "/etc")),
        ports=(PortWish(8000), PortWish(6006, 16012)),
        environment={"PLAIN": "y", "API_TOKEN": "s3cret"},
        restart="always",
        stop_grace_period=None,
        labels={"team": "speech"},
    )
    home = clean.site.facts.home
    told = found(clean, identity, changed)
    assert "sleep 1000" in told.pop("command")[0]
    told.pop("environment.HOME", None)
    assert told == {
        "gpus": ("3", ", ".join(UUIDS[:2])),
        "gpu_memory": ("40G stop", "20G warn"),
        "mem_limit": ("1.0G", "256M"),
        "cpus": ("2", "0.5"),
        "shm_size": ("1.0G", None),
        "user": ("root", "1000:1000"),
        "restart": ("always", "no"),
        "stop_grace_period": (None, "3.0s"),
        "ulimits.nofile": ("1000:4000", "1000:2000"),
        "volumes./data": (f"{home}/data read-only", f"{home}/data"),
        "volumes./new": ("/etc", None),
        "volumes./x": (None, "(volume)"),
        "ports.6006": ("127.0.0.1:16012", "127.0.0.1:16011"),
        "environment.PLAIN": ("y", "x"),
        "environment.API_TOKEN": ("set", None),
        "environment.WANDB_API_KEY": (None, "set"),
        "environment.LOGNAME": (None, "alice"),
        "environment.USER": (None, "alice"),
        "labels.team": ("speech", "vision"),
    }
    assert "hunter2" not in repr(told)


@pytest.mark.lab
def test_a_limit_changed_by_hand_shows(clean):
    identity = clean.launch(PROFILE, Want())
    clean.daemon.cli("update", "--cpus", "0.25", identity)
    assert found(clean, identity, PROFILE) == {"cpus": ("0.5", "0.25")}


@pytest.mark.lab
def test_a_name_that_means_another_image_by_now(clean):
    for number in (1, 2):
        build = Build(dockerfile_inline=f"FROM {IMAGE}\nENV NUMBER={number}\n")
        builder.build(clean.engine._client, build, "gpuws-test:moves", lambda progress: None, threading.Event())
        if number == 1:
            identity = clean.launch(replace(PROFILE, image="gpuws-test:moves"), Want())
    told = found(clean, identity, replace(PROFILE, image="gpuws-test:moves"))
    assert set(told) == {"image"}
    assert told["image"][1].startswith("an older one")
    assert found(clean, identity, PROFILE)["image"] == (IMAGE, "gpuws-test:moves")
    notes = clean.engine.recipes.capture(identity, clean.site).notes
    assert any("means a newer one by now" in note for note in notes)


HOST = tuple(Gpu(index, uuid, "H200") for index, uuid in enumerate(UUIDS))


@pytest.mark.parametrize(
    ("wish", "held", "same"),
    [
        (GpuWish(), (), True),
        (GpuWish(), (UUIDS[0],), False),
        (GpuWish(count=1), ("3",), True),
        (GpuWish(count=2), ("all",), False),
        (GpuWish(count=4), ("all",), True),
        (GpuWish(all=True), ("all",), True),
        (GpuWish(all=True), UUIDS, True),
        (GpuWish(all=True), UUIDS[:3], False),
        (GpuWish(indices=(1,)), (UUIDS[1],), True),
        (GpuWish(uuids=(UUIDS[1],)), ("1",), True),
        (GpuWish(uuids=(UUIDS[1],)), ("2",), False),
    ],
)
def test_gpus(wish, held, same):
    assert (drift.gpus(wish, held, HOST) is None) is same


def test_secrets_are_set_or_not_set():
    wanted = Profile("x", environment={"A_TOKEN": "1", "ODD": "1", "B": "1"})
    actual = Profile("x", environment={"A_TOKEN": "2", "ODD": "2", "B": "2", "C_KEY": "3"})
    assert drift.differences(wanted, actual, {"ODD"}) == (
        Difference("environment.B", "1", "2"),
        Difference("environment.C_KEY", None, "set"),
    )


def test_a_secret_on_a_command_line_or_in_a_label_is_not_shown():
    wanted = Profile("x", command=("serve", "--api-key", "one"), labels={"api_key": "one"})
    actual = Profile("x", command=("serve", "--api-key", "two"), labels={"api_key": "two"})
    (found,) = drift.differences(wanted, actual, ())
    assert (found.profile, found.container) == ("serve --api-key ***", "serve --api-key ***")
