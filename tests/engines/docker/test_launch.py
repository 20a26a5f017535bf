"""From a profile to a running container on a real engine, and back to nothing when it fails."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from gpuws.engines.docker.launch.user_name import with_line
from gpuws.model.errors import Cancelled, GpuwsError, Refused
from gpuws.model.placement.plan import Want
from gpuws.model.profile.profile import GpuWish, JupyterWish, PortWish, Profile, TmuxWish, Ulimit, Volume
from tests.engines.docker.conftest import IMAGE, UUIDS
from tests.engines.docker.inside import until

pytestmark = pytest.mark.lab

FULL = Profile(
    "full",
    image=IMAGE,
    command=("sleep", "infinity"),
    gpus=GpuWish(indices=(0, 2)),
    mem_limit=256 << 20,
    cpus=0.5,
    pids_limit=500,
    shm_size=64 << 20,
    ipc="private",
    ulimits=(Ulimit("nofile", 1000, 2000), Ulimit("stack", 8 << 20, 8 << 20)),
    working_dir="/data",
    volumes=(
        Volume("/data", "~/with, comma", check="create"),
        Volume("/ro", "/etc", read_only=True),
        Volume("/scratch", None, type="tmpfs"),
        Volume("/cache", "gpuws-test-cache", type="volume"),
    ),
    ports=(PortWish(8000), PortWish(6006, 16007)),
    environment={"PLAIN": 'two "words" $HOME', "WANDB_API_KEY": None},
    jupyter=JupyterWish(8888),
    tmux=TmuxWish("main"),
    restart="on-failure:3",
    stop_grace_period=3.0,
    labels={"team": "vision, night"},
)


def test_the_printed_line_makes_the_same_container(clean):
    plan = clean.engine.plan(FULL, Want(), clean.site)
    assert plan.problems == ()
    identity = clean.engine.launch(plan, lambda progress: None, threading.Event()).ref.id
    ours = clean.engine.inspect(identity)
    clean.engine.act(identity, "remove", force=True)
    secrets = {name: plan.spec.environment[name] for name in plan.spec.secret_names}
    assert set(secrets) == {"WANDB_API_KEY"}
    assert not any(value in plan.command for value in secrets.values())
    words = shlex.split(plan.command)
    assert words[:3] == ["docker", "run", "-d"]
    theirs = clean.engine.inspect(clean.daemon.cli(*words[1:], env=secrets))
    assert comparable(ours) == comparable(theirs)


def comparable(inspected):
    """What was asked for, without what differs between two containers or two clients by chance."""
    config, host = dict(inspected["Config"]), dict(inspected["HostConfig"])
    for key in ("Hostname", "AttachStdout", "AttachStderr", "OpenStdin", "StdinOnce"):
        config.pop(key)
    config["Env"] = sorted(config["Env"])
    host["Mounts"] = sorted(json.dumps(mount, sort_keys=True) for mount in host["Mounts"])
    host["Ulimits"] = sorted(host["Ulimits"], key=lambda one: one["Name"])
    host["DeviceRequests"] = [{**one, "Options": one["Options"] or {}} for one in host["DeviceRequests"]]
    nothing = (None, [], {}, "", False, 0)
    noise = {"ConsoleSize", "NetworkMode", "CgroupnsMode"}
    return config, {key: value for key, value in host.items() if key not in noise and value not in nothing}


def test_what_the_workspace_sees(clean):
    work = Path(clean.site.facts.home, "with, comma")
    work.mkdir(exist_ok=True)
    os.chown(work, 1000, 1000)
    identity = clean.launch(FULL)
    place = clean.engine.place(identity)

    def env():
        lines = place.run(["env"]).stdout.decode().splitlines()
        return dict(line.split("=", 1) for line in lines)

    seen = env()
    assert seen["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"
    assert (seen["USER"], seen["LOGNAME"], seen["HOME"]) == ("alice", "alice", "/tmp")
    assert seen["WANDB_API_KEY"] == "very-secret"
    assert place.run(["bash", "-c", "id -u; id -g"]).stdout == b"1000\n1000\n"
    init = place.run(["bash", "-c", "tr=$(</proc/1/environ); echo ${tr}"]).stdout.decode(errors="replace")
    assert f"NVIDIA_VISIBLE_DEVICES={UUIDS[0]},{UUIDS[2]}" in init or "GPU" not in init
    assert place.run(["touch", "/data/mine"]).ok
    until(lambda: b"main:" in place.run(["tmux", "ls"]).stdout, "no tmux session")
    clean.engine.act(identity, "restart", grace=0)
    until(lambda: b"main:" in place.run(["tmux", "ls"]).stdout, "no tmux session after the restart")
    logs = clean.daemon.cli("logs", identity)
    assert "jupyter: not found" in subprocess.run(
        ["/usr/bin/docker", "-H", f"unix://{clean.daemon.socket}", "logs", identity],
        capture_output=True, text=True, check=True,
    ).stderr + logs  # fmt: skip


def test_labels_carry_no_secret(clean):
    identity = clean.launch(FULL)
    labels = clean.engine.inspect(identity)["Config"]["Labels"]
    assert labels["gpuws.profile"] == "full"
    assert (labels["gpuws.owner"], labels["gpuws.from"], labels["team"]) == ("alice", "desk", "vision, night")
    assert labels["gpuws.gpus"] == f"{UUIDS[0]},{UUIDS[2]}"
    assert "very-secret" not in json.dumps(labels)


def test_without_gpus_none_is_seen(clean):
    identity = clean.launch(Profile("cpu", image=IMAGE, command=("sleep", "infinity")))
    inspected = clean.engine.inspect(identity)
    assert "NVIDIA_VISIBLE_DEVICES=void" in inspected["Config"]["Env"]
    assert not inspected["HostConfig"]["DeviceRequests"]


def test_names_are_counted_on(clean):
    profile = Profile("twice", image=IMAGE, command=("sleep", "infinity"))
    names = [clean.engine.inspect(clean.launch(profile))["Name"] for _ in range(2)]
    assert names == ["/twice-alice", "/twice-alice-2"]


def problems(bench, profile, want=None):
    return {check.detail: check.remedy for check in bench.engine.plan(profile, want or Want(), bench.site).problems}


def test_problems_are_found_before_anything_is_made(clean):
    profile = Profile("base", image=IMAGE, command=("sleep", "infinity"))
    clean.launch(profile, Want(name="taken"))
    home = clean.site.facts.home
    assert "here has a container taken already" in problems(clean, profile, Want(name="taken"))
    assert "'no/name' is no name for a container" in problems(clean, profile, Want(name="no/name"))
    assert "no GPU 9 on this host" in problems(clean, replace(profile, gpus=GpuWish(indices=(9,))))
    assert "/no/such does not exist on here" in problems(clean, replace(profile, volumes=(Volume("/x", "/no/such"),)))
    unmounted = Volume("/x", home, check="mounted")
    assert f"nothing is mounted at {home} on here" in problems(clean, replace(profile, volumes=(unmounted,)))
    never = replace(profile, image="not/there:1", pull_policy="never")
    assert "here has no image not/there:1" in problems(clean, never)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert f"port {port} of here is taken" in problems(clean, replace(profile, ports=(PortWish(80, port),)))
    readonly = replace(clean.site, host=replace(clean.host, readonly=True))
    assert [check.name for check in clean.engine.plan(profile, Want(), readonly).problems] == ["host"]


def failing(bench, profile, want=None, spec=None):
    """Launch in spite of failing checks; what it says."""
    plan = bench.engine.plan(profile, want or Want(), bench.site)
    plan = replace(plan, spec=replace(plan.spec, **spec)) if spec else plan
    before = bench.ids()
    with pytest.raises(GpuwsError) as caught:
        bench.engine.launch(plan, lambda progress: None, threading.Event())
    assert bench.ids() == before, "something was left behind"
    assert caught.value.remedy, caught.value.message
    return caught.value.message


def test_failures_of_the_engine_become_sentences(clean):
    profile = Profile("base", image=IMAGE, command=("sleep", "infinity"))
    clean.launch(profile, Want(name="taken"))
    assert failing(clean, profile, Want(name="taken")) == "the name taken is in use on here"
    assert failing(clean, replace(profile, command=("no-such",), init=False)) == "the container has no program no-such"
    missing = replace(profile, volumes=(Volume("/x", "/no/such"),))
    assert failing(clean, missing) == "/no/such does not exist on here"
    over = replace(profile, ulimits=(Ulimit("memlock", 1 << 50, 1 << 50),))
    assert "rlimit type 8" in failing(clean, over)
    assert failing(clean, replace(profile, user="nobody-here")) == "the image does not know the user nobody-here"
    assert "image not/there:1" in failing(clean, replace(profile, image="not/there:1", pull_policy="never"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert failing(clean, replace(profile, ports=(PortWish(80, port),))) == f"port {port} of here is taken"


def test_a_launch_without_its_driver(clean):
    """What every newcomer meets: the engine knows no GPU driver."""
    with_gpu = Profile("base", image=IMAGE, command=("sleep", "infinity"), gpus=GpuWish(count=1))
    assert failing(clean, with_gpu, spec={"gpu_mode": "cdi"}) == "Docker on here can't hand out GPUs"


def test_a_read_only_host_refuses(clean):
    plan = clean.engine.plan(Profile("base", image=IMAGE), Want(), clean.site)
    clean.engine._host = replace(clean.host, readonly=True)
    try:
        with pytest.raises(Refused):
            clean.engine.launch(plan, lambda progress: None, threading.Event())
    finally:
        clean.engine._host = clean.host


@pytest.mark.parametrize("stage", ["checking", "creating", "starting"])
def test_cancelling_leaves_nothing_behind(clean, stage):
    plan = clean.engine.plan(Profile("base", image=IMAGE, command=("sleep", "infinity")), Want(), clean.site)
    cancel, before = threading.Event(), clean.ids()
    with pytest.raises(Cancelled):
        clean.engine.launch(plan, lambda progress: cancel.set() if progress.stage == stage else None, cancel)
    assert clean.ids() == before


SAVING = "trap 'sleep 1; echo saved >/data/state; exit' TERM; echo ready >/data/state; while :; do sleep 0.1; done"


def test_a_stop_lets_work_in_tmux_finish(clean):
    """SIGTERM reaches what a person started in the session, and it is waited for."""
    work = Path(clean.site.facts.home, "saving")
    work.mkdir(exist_ok=True)
    os.chown(work, 1000, 1000)
    (work / "train.sh").write_text(SAVING)
    profile = Profile(
        "saving", image=IMAGE, volumes=(Volume("/data", "~/saving"),), tmux=TmuxWish(), stop_grace_period=20.0
    )
    identity = clean.launch(profile)
    place = clean.engine.place(identity)
    until(lambda: b"main:" in place.run(["tmux", "ls"]).stdout, "no tmux session")
    assert place.run(["tmux", "send-keys", "-t", "main", "bash /data/train.sh", "Enter"]).ok
    until(lambda: (work / "state").exists() and "ready" in (work / "state").read_text(), "it never ran")
    clean.engine.act(identity, "stop")
    assert (work / "state").read_text() == "saved\n"


def test_a_stop_of_an_idle_workspace_takes_no_time(clean):
    identity = clean.launch(Profile("idle", image=IMAGE, tmux=TmuxWish()))
    place = clean.engine.place(identity)
    until(lambda: b"main:" in place.run(["tmux", "ls"]).stdout, "no tmux session")
    began = time.monotonic()
    clean.engine.act(identity, "stop")
    assert time.monotonic() - began < 5
    assert clean.engine.inspect(identity)["State"]["ExitCode"] == 143


def test_the_exit_status_is_the_main_programs(clean):
    identity = clean.launch(Profile("status", image=IMAGE, tmux=TmuxWish(), command=("sh", "-c", "exit 7")))
    until(lambda: not clean.engine.inspect(identity)["State"]["Running"], "it never ended")
    assert clean.engine.inspect(identity)["State"]["ExitCode"] == 7


def test_i_have_a_name_inside_and_my_groups(clean):
    """Lines in the container's own files: nothing is mounted, and the image's people stay."""
    mine = replace(clean.site, facts=replace(clean.site.facts, gids=(27, 1000, 4242)))
    profile = Profile("name", image=IMAGE, command=("sleep", "infinity"))
    plan = clean.engine.plan(profile, Want(), mine)
    identity = clean.engine.launch(plan, lambda progress: None, threading.Event()).ref.id
    place = clean.engine.place(identity)
    lines = place.run(["cat", "/etc/passwd"]).stdout.decode().splitlines()
    assert lines == ["root:x:0:0:root:/root:/bin/bash", "alice:x:1000:1000::/tmp:/bin/sh"]
    assert place.run(["id", "-un"]).stdout == b"alice\n"
    assert set(place.run(["id", "-G"]).stdout.split()) == {b"27", b"1000", b"4242"}
    clean.engine.act(identity, "restart", grace=0)
    assert clean.engine.place(identity).run(["id", "-un"]).stdout == b"alice\n"


def test_who_is_known_already_is_left_alone():
    passwd = "root:x:0:0::/root:/bin/sh\nubuntu:x:1000:1000::/home/ubuntu:/bin/bash"
    assert with_line(passwd, "alice:x:1000:1000::/tmp:/bin/sh", "1000") is None
    assert with_line(passwd, "ubuntu:x:7:7::/tmp:/bin/sh", "7") is None
    assert with_line(passwd, "alice:x:7:7::/tmp:/bin/sh", "7") == f"{passwd}\nalice:x:7:7::/tmp:/bin/sh\n"
    assert with_line(passwd, "a\nb:x:7:7::/tmp:/bin/sh", "7") is None
