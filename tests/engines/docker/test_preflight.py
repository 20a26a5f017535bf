"""Every row of a preflight: what makes it fail, or warn, and what makes it pass."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.engines.docker import checks
from gpuws.engines.docker.api.server import Server
from gpuws.engines.docker.build import context
from gpuws.engines.docker.checks import gpus
from gpuws.engines.docker.checks import rows as table
from gpuws.engines.docker.checks.evidence import Evidence
from gpuws.engines.docker.checks.rows import rows
from gpuws.engines.docker.engine import DockerEngine
from gpuws.engines.docker.launch import gpu_mode, volumes
from gpuws.engines.docker.launch.gpu_mode import Mode
from gpuws.engines.docker.launch.host_look import Look, parse
from gpuws.engines.docker.launch.spec import make_spec
from gpuws.link.local.local import LocalLink
from gpuws.model.errors import GpuwsError
from gpuws.model.gpu.gpu import Holder
from gpuws.model.placement.plan import Want
from gpuws.model.profile.profile import (
    AcceptedContext,
    Build,
    GpuMemoryCap,
    GpuWish,
    Healthcheck,
    HostDevice,
    JupyterWish,
    Logging,
    PortWish,
    Profile,
    Ulimit,
    Volume,
)
from gpuws.model.workspace.workspace import Ref, Workspace
from tests import factories
from tests.engines.docker.conftest import GPUS, IMAGE, UUIDS, Bench, Site
from tests.engines.docker.test_spec import SITE
from tests.rules import written

GIB = 1 << 30
GOOD = Profile(
    "good",
    image="torch:2.8",
    command=("sleep", "infinity"),
    gpus=GpuWish(count=1),
    mem_limit=8 * GIB,
    shm_size=GIB,
    volumes=(Volume("/workspace", "~/work"),),
    jupyter=JupyterWish(),
)
SERVER = Server("26.1.5", "1.45")
SAFE = Mode("hook", memory=64 * GIB, toolkit="1.17.8", cgroup_driver="cgroupfs")
CALM: dict[str, Any] = {"Size": 8 * GIB, "Config": {"Env": ["CUDA_VERSION=12.8.1"], "User": "me"}}
HERE = replace(SITE, driver="580.95.05", cuda="13.0", facts=replace(SITE.facts, python="3.11"))
ROOMY = Look(memory=60 * GIB, disk=500 * GIB)


def judged(
    name: str,
    profile: Profile = GOOD,
    *,
    site: Site = HERE,
    how: Mode = SAFE,
    server: str = "28.1.0",
    image: dict[str, Any] | None = CALM,
    look: Look = ROOMY,
    others: tuple[Workspace, ...] = (),
    want: Want | None = None,
    platforms: tuple[str, ...] = (),
    platform: str = "",
    ready: str = "",
) -> list[tuple[str, str]]:
    """The rows of that name: status and detail. What is not said is as it should be."""
    want = want or Want()
    spec, placement, making = make_spec(profile, want, site, how, {}, {one.name for one in others})
    there = Server(server, "1.45", platform)
    evidence = Evidence(
        site, there, how, spec, placement.devices, image, others, look, platforms=platforms, ready=ready
    )
    found = rows(evidence, making, [])
    assert all(check.remedy for check in found if check.status != "ok"), found
    return [(check.status, check.detail) for check in found if check.name == name]


def statuses(name: str, profile: Profile = GOOD, **about: Any) -> list[str]:
    return [status for status, _ in judged(name, profile, **about)]


def test_as_it_should_be_nothing_is_complained_about():
    spec, placement, making = make_spec(GOOD, Want(), HERE, SAFE, {}, ())
    evidence = Evidence(HERE, Server("28.1.0", "1.45"), SAFE, spec, placement.devices, CALM, (), ROOMY)
    found = rows(evidence, making, [])
    assert [check for check in found if check.status != "ok"] == []
    assert {check.name for check in found} == {
        "host", "engine", "toolkit", "cgroup", "gpus", "driver", "image", "name", "user", "jupyter", "memory", "shm",
    }  # fmt: skip


def test_host():
    assert judged("host") == [("ok", "alpha, as alice, labelled as as1204's")]
    readonly = replace(HERE, host=replace(HERE.host, readonly=True))
    assert judged("host", site=readonly) == [("fail", "alpha is read-only")]


def test_engine():
    assert judged("engine") == [("ok", "Docker 28.1.0, API 1.45, GPUs through NVIDIA's hook")]
    assert judged("engine", how=Mode(None)) == [("fail", "Docker on alpha can't hand out GPUs")]
    assert statuses("engine", replace(GOOD, gpus=GpuWish()), how=Mode(None)) == ["ok"]


@pytest.mark.parametrize(
    ("toolkit", "status", "holes"),
    [
        ("1.14.0", "warn", "CVE-2024-0132, CVE-2025-23359, CVE-2025-23266"),
        ("1.16.2", "warn", "CVE-2025-23359, CVE-2025-23266"),
        ("1.17.7", "warn", "CVE-2025-23266"),
        ("1.17.8", "ok", ""),
        ("1.18.0", "ok", ""),
        (None, "warn", "can't be told"),
    ],
)
def test_toolkit(toolkit, status, holes):
    ((found, detail),) = judged("toolkit", how=replace(SAFE, toolkit=toolkit))
    assert found == status
    assert holes in detail
    assert judged("toolkit", replace(GOOD, gpus=GpuWish()), how=replace(SAFE, toolkit=toolkit)) == []


def test_cgroup_driver():
    assert statuses("cgroup", how=replace(SAFE, cgroup_driver="systemd")) == ["warn"]
    assert statuses("cgroup") == ["ok"]
    cdi = Mode("cdi", frozenset(UUIDS), toolkit="1.17.8", cgroup_driver="systemd")
    assert statuses("cgroup", how=cdi) == []


def test_lock():
    bare = replace(HERE, facts=replace(HERE.facts, python=None))
    assert statuses("lock", site=bare) == ["warn"]
    assert statuses("lock") == []
    assert statuses("lock", site=replace(bare, host=replace(HERE.host, python="/opt/python"))) == []


REQUIRE = (
    "cuda>=12.8 brand=unknown,driver>=470,driver<471 brand=tesla,driver>=470,driver<471 "
    "brand=geforce,driver>=470,driver<471 brand=tesla,driver>=535,driver<536 brand=nvidia,driver>=535,driver<536"
)


@pytest.mark.parametrize(
    ("driver", "cuda", "env", "status"),
    [
        ("580.95.05", "13.0", "CUDA_VERSION=12.8.1", "ok"),
        ("570.26", None, "CUDA_VERSION=12.8.0", "ok"),
        ("535.183.01", "12.2", "CUDA_VERSION=12.8.1", "ok"),  # minor-version compatibility
        ("520.61.05", "11.8", "CUDA_VERSION=11.8.0", "ok"),
        ("515.65.01", "11.7", "CUDA_VERSION=12.8.1", "warn"),  # only with cuda-compat
        ("570.26", "12.8", "CUDA_VERSION=13.0.0", "warn"),
        ("440.33", "10.2", "CUDA_VERSION=11.8.0", "warn"),
        ("580.95.05", "13.0", "PATH=/bin", "ok"),  # it says nothing
        ("535.183.01", "12.2", f"NVIDIA_REQUIRE_CUDA={REQUIRE}", "ok"),  # named for data centres
        ("550.54.15", "12.4", f"NVIDIA_REQUIRE_CUDA={REQUIRE}", "fail"),
        ("570.26", "12.8", f"NVIDIA_REQUIRE_CUDA={REQUIRE}", "ok"),
        ("570.26", "12.8", "NVIDIA_REQUIRE_CUDA=arch>=9.0", "ok"),  # can't be told: the hook will
        (None, None, "CUDA_VERSION=12.8.1", "warn"),
    ],
)
def test_driver(driver, cuda, env, status):
    site = replace(HERE, driver=driver, cuda=cuda)
    assert statuses("driver", site=site, image={"Config": {"Env": [env]}}) == [status]


def test_driver_of_a_gpu_without_forward_compatibility():
    geforce = replace(HERE, driver="515.65.01", cuda="11.7", gpus=(replace(GPUS[0], name="NVIDIA GeForce RTX 4090"),))
    assert statuses("driver", site=geforce) == ["fail"]
    assert judged("driver", site=geforce)[0][1].endswith("too old for the image's CUDA 12.8: that needs R570")
    newer = replace(geforce, driver="550.54.15", cuda="12.4")
    require = {"Config": {"Env": [f"NVIDIA_REQUIRE_CUDA={REQUIRE}"]}}
    assert statuses("driver", site=newer, image=require) == ["fail"]
    skipped = replace(GOOD, environment={"NVIDIA_DISABLE_REQUIRE": "1"})
    assert statuses("driver", skipped, site=newer, image=require) == ["ok"]


def test_driver_of_an_image_that_is_not_there_yet():
    """Its name, or what it is built from, must do."""
    old = replace(HERE, driver="470.57.02", cuda="11.4")
    for image in ("pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime", "nvidia/cuda:12.4.1-base", "me/torch:cu128"):
        assert statuses("driver", replace(GOOD, image=image), site=old, image=None) == ["fail"], image
        assert statuses("driver", replace(GOOD, image=image), image=None) == ["ok"]
    assert statuses("driver", replace(GOOD, image="python:3.12"), site=old, image=None) == ["ok"]


def test_the_label_of_older_images_counts():
    old = replace(HERE, driver="440.33", cuda="10.2")
    image = {"Config": {"Labels": {"com.nvidia.cuda.version": "11.8.0"}}}
    assert statuses("driver", site=old, image=image) == ["warn"]
    assert statuses("driver", image=image) == ["ok"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON, JSON, st.text(max_size=40))
def test_no_answer_of_an_engine_breaks_a_row(env, user, labels, require):
    config = {"Env": [env, f"NVIDIA_REQUIRE_CUDA={require}"], "User": user, "Labels": labels}
    judged("driver", image={"Size": labels, "Config": config})
    judged("user", replace(GOOD, user="image"), image={"Config": {**config, "Env": env}})
    judged("driver", image={"Config": {**config, "Env": env}}, site=replace(HERE, driver=str(user), cuda=require))


def test_gpus():
    assert judged("gpus") == [("ok", "GPU 0 (NVIDIA H200)")]
    assert statuses("gpus", replace(GOOD, gpus=GpuWish(count=5))) == ["fail"]
    unknown = Mode("cdi", frozenset(UUIDS[1:]))
    assert [status for status, _ in judged("gpus", how=unknown)] == ["ok", "fail"]


def test_gpus_that_only_a_variable_names():
    sly = replace(GOOD, environment={"NVIDIA_VISIBLE_DEVICES": "all"})
    assert judged("gpus", sly)[-1] == (
        "warn", "NVIDIA_VISIBLE_DEVICES lets its programs use GPU 1, 2, 3, too",
    )  # fmt: skip
    assert statuses("gpus", sly, how=replace(SAFE, name="cdi")) == ["ok"]  # void stands there instead
    assert statuses("gpus", replace(GOOD, environment={"NVIDIA_VISIBLE_DEVICES": "0"})) == ["ok"]


def test_gpu_memory_is_only_watched():
    capped = replace(GOOD, gpu_memory=GpuMemoryCap(40 * GIB, "stop", "jax"))
    ((status, detail),) = judged("gpu_memory", capped)
    assert status == "ok"
    assert detail.startswith("Docker can't cap GPU memory: gpuws' keeper watches for more than 40G, and jax is told")
    assert statuses("gpu_memory", replace(GOOD, gpu_memory=GpuMemoryCap(200 * GIB))) == ["warn"]
    assert statuses("gpu_memory") == []
    busy = replace(HERE, gpus=(replace(GPUS[0], held_by=(Holder("process", "x", "bob"),)), *GPUS[1:]))
    together = replace(GOOD, gpus=GpuWish(indices=(0,)))
    assert statuses("gpu_memory", together, site=busy) == ["warn"]
    assert statuses("gpu_memory", replace(together, gpu_memory=GpuMemoryCap(40 * GIB)), site=busy) == ["ok"]


def test_image():
    assert judged("image") == [("ok", "torch:2.8 is there, 8.0G")]
    assert judged("image", image=None) == [("ok", "torch:2.8 will be pulled, 500G free for Docker on alpha")]
    assert statuses("image", image=None, look=replace(ROOMY, disk=20 * GIB)) == ["warn"]
    assert statuses("image", image=None, look=replace(ROOMY, disk=GIB)) == ["fail"]
    assert statuses("image", look=replace(ROOMY, disk=20 * GIB)) == ["ok"]
    assert statuses("image", replace(GOOD, pull_policy="never"), image=None) == ["fail"]


def test_name():
    taken = (factories.workspace("alpha", "1" * 64, "mine", "x", "exited"),)
    assert statuses("name", want=Want(name="mine"), others=taken) == ["fail"]
    assert statuses("name", want=Want(name="no/name")) == ["fail"]
    assert judged("name", want=Want(name="mine")) == [("ok", "mine")]


def test_user():
    assert judged("user") == [("ok", "runs as 1000:1001, which is you")]
    assert statuses("user", replace(GOOD, user="root")) == ["warn"]
    assert statuses("user", replace(GOOD, user="root"), how=replace(SAFE, rootless=True)) == ["ok"]
    assert statuses("user", replace(GOOD, user="image"), image={"Config": {"User": ""}}) == ["warn"]
    assert statuses("user", replace(GOOD, user="image")) == ["ok"]


def test_ports():
    published = replace(GOOD, ports=(PortWish(80, 18080),))
    assert judged("ports", replace(GOOD, ports=(PortWish(80),))) == [
        ("ok", "nothing is published: tunnels lead inside")
    ]
    assert judged("ports", published) == [("warn", "127.0.0.1:18080 can be reached by any user of alpha")]
    assert statuses("ports", published, look=replace(ROOMY, listening=frozenset({18080}))) == ["fail"]
    ((status, detail),) = judged("ports", replace(GOOD, ports=(PortWish(80, 18080, "0.0.0.0"),)))
    assert status == "warn"
    assert "by the network" in detail
    assert statuses("ports", replace(GOOD, network_mode="host")) == ["warn"]


def test_jupyter():
    assert statuses("jupyter") == ["ok"]
    assert statuses("jupyter", replace(GOOD, environment={"JUPYTER_TOKEN": ""})) == ["fail"]
    ((_, reached),) = judged("jupyter", GOOD)
    assert "users and containers of alpha reach its port" in reached
    ((_, relayed),) = judged("jupyter", replace(GOOD, jupyter=JupyterWish(bind="loopback")))
    assert "a relay inside" in relayed
    assert statuses("jupyter", replace(GOOD, jupyter=None)) == []
    far = replace(GOOD, ports=(PortWish(8888, 18888, "0.0.0.0"),))
    assert statuses("jupyter", far) == ["warn"]
    assert statuses("jupyter", replace(far, ports=(PortWish(8888, 18888),))) == ["ok"]


def test_no_volume_to_write_to():
    assert statuses("volumes") == []
    for kept in ((), (Volume("/d", "/data", read_only=True),), (Volume("/t", type="tmpfs"),)):
        assert statuses("volumes", replace(GOOD, volumes=kept)) == ["warn"]


def caps(*limits: int) -> tuple[Workspace, ...]:
    return tuple(
        factories.workspace("alpha", str(number), f"n{number}", "x", "running", memory_limit=limit)
        for number, limit in enumerate(limits)
    )


def test_memory():
    assert judged("memory") == [("ok", "8.0G of 64G")]
    assert statuses("memory", replace(GOOD, mem_limit=None)) == ["warn"]
    assert statuses("memory", replace(GOOD, mem_limit=1 << 20)) == ["fail"]
    assert statuses("memory", replace(GOOD, mem_limit=65 * GIB)) == ["warn"]
    assert statuses("memory", look=replace(ROOMY, memory=7 * GIB)) == ["warn"]
    assert statuses("memory", others=caps(30 * GIB, 20 * GIB)) == ["ok"]
    assert statuses("memory", others=caps(30 * GIB, 27 * GIB)) == ["warn"]
    assert statuses("memory", others=tuple(factories.being(one, "exited") for one in caps(60 * GIB))) == ["ok"]
    assert statuses("memory", how=replace(SAFE, swap_limit=False)) == ["ok", "warn"]


def test_shared_memory():
    assert judged("shm") == [("ok", "/dev/shm 1.0G")]
    assert statuses("shm", replace(GOOD, shm_size=None)) == ["warn"]
    assert statuses("shm", replace(GOOD, shm_size=None, gpus=GpuWish())) == []
    assert statuses("shm", replace(GOOD, shm_size=9 * GIB)) == ["warn"]
    assert statuses("shm", look=replace(ROOMY, memory=GIB // 2)) == ["warn"]
    assert statuses("shm", replace(GOOD, ipc="host")) == ["warn"]
    assert statuses("shm", replace(GOOD, ipc="host", shm_size=None)) == []


def test_open_files():
    assert statuses("nofile", server="29.0.1") == ["warn"]
    assert statuses("nofile", server="28.5.2") == []
    assert statuses("nofile", replace(GOOD, ulimits=(Ulimit("nofile", 4096, 4096),)), server="29.0.1") == ["ok"]


def test_restart_that_races_the_driver():
    always = replace(GOOD, restart="unless-stopped")
    assert statuses("restart", always) == ["warn"]
    assert statuses("restart", always, how=replace(SAFE, persistent=True)) == ["ok"]
    kept = replace(HERE, gpus=(replace(GPUS[0], persistence=True),))
    assert statuses("restart", always, site=kept) == ["ok"]
    assert statuses("restart", replace(always, gpus=GpuWish())) == []
    assert statuses("restart") == []


def test_values_that_others_can_read():
    assert statuses("environment", replace(GOOD, environment={"HF_TOKEN": "x"})) == ["warn"]
    assert statuses("environment", replace(GOOD, environment={"PLAIN": "x"})) == []
    assert statuses("command", replace(GOOD, command=("serve", "--token=***"))) == ["fail"]
    assert statuses("command", replace(GOOD, command=("serve", "--token=x"))) == []


def test_what_leaves_this_workstation_is_never_green(tmp_path):
    taken = replace(GOOD, environment={"DATASET": None, "PLAIN": "x"})
    spec, placement, making = make_spec(taken, Want(), HERE, SAFE, {"DATASET": "mine"}, ())
    assert [(c.status, c.detail) for c in making if c.name == "environment"] == [
        ("warn", "DATASET: taken from your environment here")
    ]
    (tmp_path / "profiles/train").mkdir(parents=True)
    (tmp_path / ".ssh").mkdir()
    (tmp_path / "profiles/link").symlink_to(tmp_path / ".ssh")
    for folder, outside in (
        (tmp_path / "profiles/train", ""),
        (tmp_path / "profiles", ""),
        (tmp_path / ".ssh", str(tmp_path / ".ssh")),
        (tmp_path / "profiles/link", str(tmp_path / ".ssh")),
        (tmp_path / "profiles/../.ssh", str(tmp_path / ".ssh")),
    ):
        built = replace(GOOD, build=Build(context=str(folder)), source=str(tmp_path / "profiles/p.yaml"))
        found = context.outside(built)
        assert found == outside
        evidence = Evidence(HERE, Server("28.1.0", "1.45"), SAFE, spec, placement.devices, CALM, context=found)
        shown = [c for c in rows(evidence, [], []) if c.name == "build"]
        assert [c.status for c in shown] == (["warn"] if outside else [])
        assert all(outside in c.detail for c in shown)


@pytest.mark.parametrize(
    ("source", "gives"),
    [
        *((path, "all of alpha") for path in ("/", "//", "/etc/..")),
        *((path, "the system of alpha") for path in ("/etc", "//etc", "/etc/ssh", "/proc", "/dev/sda", "/usr", "/var")),
        *((f"{run}/docker.sock", "an engine's socket") for run in ("/run", "/var/run", "/run/user/1000", "/x/y")),
        *((path, "an engine's socket") for path in ("/run", "/var/run", "/run/podman/podman.sock", "/run/user/1000")),
        *((path, "all of your home") for path in ("~", "/home", "/home/alice/")),
        *((path, "keys of yours") for path in ("~/.ssh", "~/.ssh/id_rsa", "~/.config", "~/.aws/credentials")),
        *(
            (path, "")
            for path in ("~/work", "/data", "/dev/shm", "/home/bob", "/etc/localtime", "/run/user/1000/pulse")
        ),
    ],
)
def test_a_bind_that_gives_the_host_or_my_keys_away_is_never_green(source, gives):
    (bind,) = volumes.resolve([Volume("/x", source)], "/home/alice")
    for read_only in (True, False):
        found = volumes.judge(
            [replace(bind, read_only=read_only)], [volumes.Finding("ok")], "1000:1000", "alpha", "/home/alice"
        )
        assert [check.status for check in found] == ["warn" if gives else "ok"]
        assert gives in found[0].detail


def test_a_link_gives_what_it_leads_to(tmp_path):
    (tmp_path / "data").symlink_to("/etc")
    bind = Volume("/x", str(tmp_path / "data"))
    found = volumes.look(LocalLink(), [bind])
    (row,) = volumes.judge([bind], found, "1000:1000", "alpha", "/home/alice")
    assert (row.status, "which leads to /etc, is mounted" in row.detail) == ("warn", True)


def test_a_list_of_keys_is_let_in_to_read_only():
    keys = Volume("/k", "/home/alice/.ssh/authorized_keys", read_only=True)
    for bind, status in ((keys, "ok"), (replace(keys, read_only=False), "warn")):
        (row,) = volumes.judge([bind], [volumes.Finding("ok")], "1000:1000", "alpha", "/home/alice")
        assert row.status == status


def test_the_hosts_shared_memory():
    assert statuses("ipc", replace(GOOD, ipc="host")) == ["warn"]
    assert statuses("ipc") == []


@pytest.mark.parametrize(
    ("name", "keys", "status", "says"),
    [
        ("privileged", {"privileged": True}, "warn", "root inside is root on alpha"),
        ("cap_add", {"cap_add": ("SYS_ADMIN",)}, "warn", "all but root on alpha"),
        ("cap_add", {"cap_add": ("IPC_LOCK", "NET_RAW")}, "ok", "IPC_LOCK, NET_RAW"),
        ("security_opt", {"security_opt": ("seccomp=unconfined",)}, "warn", "kernel of alpha"),
        ("security_opt", {"security_opt": ("no-new-privileges", "label=type:x")}, "", ""),
        ("devices", {"devices": (HostDevice("/dev/sda", "/dev/sda"),)}, "warn", "a disk of alpha"),
        ("devices", {"devices": (HostDevice("/dev/x/../mem", "/m", "r"),)}, "warn", "read inside: that is the memory"),
        ("devices", {"devices": (HostDevice("/dev", "/host"),)}, "warn", "every device of alpha"),
        ("devices", {"devices": (HostDevice("/dev/frob", "/dev/frob"),)}, "warn", "not known here"),
        ("devices", {"devices": (HostDevice("/dev/infiniband", "/dev/infiniband"),)}, "ok", "/dev/infiniband"),
        ("group_add", {"group_add": ("998",)}, "warn", "998 is not yours on alpha"),
        ("group_add", {"group_add": ("1001", "video")}, "", ""),
        ("group_add", {"group_add": ("docker",)}, "warn", "group docker"),
        ("pid", {"pid": "host"}, "warn", "every program on alpha"),
        ("pid", {"pid": "container:gone"}, "fail", "alpha has no container gone"),
        ("dns", {"dns": ("192.0.2.1",)}, "ok", "192.0.2.1"),
        ("extra_hosts", {"extra_hosts": ("db:192.0.2.7",)}, "ok", "db:192.0.2.7"),
        ("tmpfs", {"tmpfs": ("/run", "/x:size=1m"), "mem_limit": None}, "warn", "tmpfs /run may fill half"),
        ("tmpfs", {"tmpfs": ("/run",)}, "", ""),
        ("healthcheck", {"healthcheck": Healthcheck(interval=0.1)}, "warn", "every 0.1 s"),
        ("healthcheck", {"healthcheck": Healthcheck(("CMD", "x", "***"))}, "fail", "stands in its health check"),
        ("logging", {"logging": Logging("none")}, "warn", "kept nowhere"),
        ("logging", {"logging": Logging()}, "warn", "until the disk of alpha is full"),
        ("logging", {"logging": Logging("json-file", {"max-size": "1m"})}, "ok", "json-file"),
        ("logging", {"logging": Logging("journald")}, "warn", "the journald of alpha"),
        ("logging", {"logging": Logging("syslog", {"syslog-address": "tcp://x"})}, "warn", "leaves alpha by syslog"),
        ("logging", {"logging": Logging("fluentd")}, "warn", "leaves alpha by fluentd"),
    ],
)  # fmt: skip
def test_what_a_key_gives_away_on_a_shared_host(name: str, keys: dict[str, Any], status: str, says: str) -> None:
    found = judged(name, replace(GOOD, **keys))
    assert [one for one, _ in found] == ([status] if status else [])
    assert all(says in detail for _, detail in found)


def test_processes_of_another_container():
    for mine, status in ((True, "ok"), (False, "warn")):
        other = Workspace(Ref("alpha", "f" * 64), "db", "alpha", "running", "running", mine=mine)
        assert statuses("pid", replace(GOOD, pid="container:db"), others=(other,)) == [status]


@pytest.mark.parametrize(
    ("keys", "reached"),
    [
        ({}, ["0"]),
        ({"privileged": True}, ["0", "1", "2", "3"]),
        ({"devices": (HostDevice("/dev", "/dev"),)}, ["0", "1", "2", "3"]),
        ({"devices": (HostDevice("/dev/nvidia2", "/dev/nvidia0"),)}, ["0", "2"]),
    ],
)
def test_gpus_past_those_that_a_profile_asks_for_count(keys: dict[str, Any], reached: list[str]) -> None:
    """Whoever is on one of them is asked for by name before the launch."""
    spec, placement, _ = make_spec(replace(GOOD, **keys), Want(), HERE, SAFE, {}, ())
    evidence = Evidence(HERE, Server("28.1.0", "1.45"), SAFE, spec, placement.devices, CALM, (), ROOMY)
    assert [slot.label for slot in gpus.reached(evidence)] == reached
    shown = [status for status, detail in judged("gpus", replace(GOOD, **keys)) if "lets its programs use" in detail]
    assert shown == ([] if reached == ["0"] else ["warn"])


# What hosts said, recorded.

OLD = {"Runtimes": {"nvidia": {}}, "CgroupDriver": "systemd", "SwapLimit": False, "MemTotal": 64 * GIB}
NEW = {
    "CDISpecDirs": ["/etc/cdi", "/var/run/cdi"],
    "DiscoveredDevices": [{"Source": "cdi", "ID": f"nvidia.com/gpu={UUIDS[0]}"}],
    "CgroupDriver": "systemd",
    "DockerRootDir": "/data/docker",
    "SwapLimit": True,
    "Warnings": None,
}


@pytest.mark.parametrize(
    ("info", "row", "status"),
    [(OLD, "cgroup", ["warn"]), (OLD, "memory", ["ok", "warn"]), (NEW, "cgroup", []), (NEW, "memory", ["ok"])],
)
def test_what_an_engine_says_of_itself(info, row, status):
    """Rows that need a host with systemd, or with an old kernel."""
    link: Any = SimpleNamespace(run=lambda *words, **options: SimpleNamespace(stdout=b"toolkit 1.17.8\n"))
    client: Any = SimpleNamespace(call=lambda *words: info, link=link, errors=lambda: LocalErrors(), server=SERVER)
    how = gpu_mode.detect(client)
    assert (how.toolkit, how.root_dir) == ("1.17.8", info.get("DockerRootDir"))
    assert statuses(row, how=how) == status


class LocalErrors:
    def __enter__(self) -> None: ...
    def __exit__(self, *about: object) -> None: ...


def test_a_host_tells_of_its_memory_and_disk():
    text = (
        "MemAvailable:   12345 kB\n"
        "disk /dev/mapper/vg-very--long--name 263174212 27525120 79691776  27% /var/lib/docker with space\n"
        "   0: 0100007F:1F90 00000000:0000 0A 0 0 0 0 0 0\n"
    )
    assert parse(text) == Look(12345 << 10, 79691776 << 10, frozenset({8080}), 0.27)
    assert parse("disk \nMemAvailable: lots\n") == Look()


# File systems: the very program that runs on hosts, with a `stat` that sees NFS.

STAT = r"""#!/bin/sh
case "$*" in
  *-f*/exported*) echo nfs ;;
  *-f*) echo ext2/ext3 ;;
  *) exec /usr/bin/stat "$@" ;;
esac
"""


@pytest.fixture
def nfs(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "stat").write_text(STAT)
    (tmp_path / "bin" / "stat").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    home = tmp_path / "exported" / "alice"
    (home / "work").mkdir(parents=True)
    return home


def bind_rows(volume: Volume, user: str) -> list[str]:
    found = volumes.look(LocalLink(), [volume])
    return [check.status for check in volumes.judge([volume], found, user, "alpha", "/home/alice")]


def test_nfs_squashes_root(nfs):
    work = Volume("/w", str(nfs / "work"))
    assert bind_rows(work, "1000:1000") == ["ok"]
    assert bind_rows(work, "0:0") == ["warn"]
    assert bind_rows(replace(work, read_only=True), "0:0") == ["ok"]
    nfs.chmod(0o700)
    assert bind_rows(work, "1000:1000") == ["warn"]
    found = volumes.look(LocalLink(), [work])
    assert found
    assert found[0].closed == str(nfs)


def test_a_volume_that_is_mine_to_read_only():
    finding = volumes.Finding("ok", writable=False)
    bind = Volume("/d", "/data")
    assert [check.status for check in volumes.judge([bind], [finding], "1000:1000", "alpha", "/home/alice")] == ["warn"]
    assert [check.status for check in volumes.judge([bind], [finding], "0:0", "alpha", "/home/alice")] == ["ok"]
    read = replace(bind, read_only=True)
    assert [check.status for check in volumes.judge([read], [finding], "1000:1000", "alpha", "/home/alice")] == ["ok"]


def test_a_file_system_that_hangs_is_a_row():
    link: Any = SimpleNamespace(run=lambda *words, **options: (_ for _ in ()).throw(GpuwsError("timed out")))
    found = volumes.look(link, [Volume("/d", "/data")])
    (check,) = volumes.judge([Volume("/d", "/data")], found, None, "alpha", "/home/alice")
    assert (check.status, "within 10 s" in check.detail) == ("fail", True)


# The same on a real engine.

REAL = Profile("real", image=IMAGE, command=("sleep", "infinity"), mem_limit=64 << 20, volumes=(Volume("/w", "/srv"),))


def really(bench: Bench, name: str, profile: Profile = REAL, want: Want | None = None) -> list[str]:
    plan = bench.engine.plan(profile, want or Want(), replace(bench.site, driver="580.95.05", cuda="13.0"))
    return [check.status for check in plan.checks if check.name == name]


@pytest.mark.lab
def test_rows_of_a_real_engine(clean, tmp_path):
    with_gpu = replace(REAL, gpus=GpuWish(count=1), shm_size=1 << 20)
    assert {name: really(clean, name, with_gpu) for name in ("host", "engine", "gpus", "image", "user", "shm")} == {
        "host": ["ok"], "engine": ["ok"], "gpus": ["ok"], "image": ["ok"], "user": ["ok"], "shm": ["ok"],
    }  # fmt: skip
    assert really(clean, "driver", with_gpu) == ["ok"]
    assert really(clean, "image", replace(REAL, image="not/there:1", pull_policy="never")) == ["fail"]
    assert really(clean, "memory") == ["ok"]
    assert really(clean, "memory", replace(REAL, mem_limit=1 << 50)) == ["warn"]
    assert really(clean, "volumes") == ["ok"]
    assert really(clean, "volumes", replace(REAL, volumes=(Volume("/w", "/no/such"),))) == ["fail"]
    assert really(clean, "volumes", replace(REAL, volumes=())) == ["warn"]
    for source in ("/", "/etc", "/proc", "~/.ssh", "~"):
        assert "ok" not in really(clean, "volumes", replace(REAL, volumes=(Volume("/w", source, check="create"),)))
    accepted = Build(context=str(tmp_path), accepted=AcceptedContext("another", "/lab/p.yaml"))
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    unbuilt = replace(REAL, image="not/there:1", build=accepted, source=str(tmp_path / "p.yaml"))
    assert really(clean, "build", unbuilt) == ["fail"]
    assert really(clean, "build", replace(REAL, build=Build(context="/root/.ssh"), source="/lab/p.yaml")) == ["warn"]
    assert really(clean, "build", replace(REAL, build=Build(context="/lab/p"), source="/lab/p.yaml")) == []
    assert really(clean, "user", replace(REAL, user="image")) == ["warn"]
    assert really(clean, "name") == ["ok"]
    clean.launch(REAL, Want(name="taken"))
    assert really(clean, "name", want=Want(name="taken")) == ["fail"]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert really(clean, "ports", replace(REAL, ports=(PortWish(80, port),))) == ["fail"]
    assert really(clean, "ports", replace(REAL, ports=(PortWish(80, port),))) == ["warn"]


@pytest.mark.lab
def test_more_rows_of_a_real_engine(clean):
    """What a profile alone makes risky, through the engine's own plan."""
    busy = replace(GPUS[0], held_by=(Holder("process", "x.py", "bob"),))
    with_gpu = replace(REAL, gpus=GpuWish(indices=(1,)), shm_size=1 << 20)
    assert really(clean, "jupyter", replace(REAL, jupyter=JupyterWish())) == ["ok"]
    assert really(clean, "jupyter", replace(REAL, jupyter=JupyterWish(), environment={"JUPYTER_TOKEN": ""})) == ["fail"]
    assert really(clean, "restart", replace(with_gpu, restart="always")) == ["warn"]
    assert really(clean, "restart", with_gpu) == []
    assert really(clean, "shm", replace(with_gpu, shm_size=None)) == ["warn"]
    assert really(clean, "lock", with_gpu) == ["warn"]
    assert really(clean, "cgroup", with_gpu) == ["ok"]
    assert really(clean, "environment", replace(REAL, environment={"HF_TOKEN": "x"})) == ["warn"]
    python = replace(clean.site, facts=replace(clean.site.facts, python="3.11.2"), gpus=(busy, *GPUS[1:]))
    rows = clean.engine.plan(replace(with_gpu, gpus=GpuWish(indices=(0,))), Want(), python).checks
    assert [row.status for row in rows if row.name == "gpu_memory"] == ["warn"]
    assert [row.status for row in rows if row.name == "lock"] == []


@pytest.mark.lab
def test_the_hook_would_refuse_the_image(clean):
    built = clean.daemon.cli("create", IMAGE, "true")
    clean.daemon.cli("commit", "--change", "ENV NVIDIA_REQUIRE_CUDA=cuda>=13.1", built, "gpuws-test:require")
    clean.daemon.cli("rm", built)
    assert really(clean, "driver", replace(REAL, image="gpuws-test:require", gpus=GpuWish(count=1))) == ["fail"]
    skipped = replace(REAL, image="gpuws-test:require", environment={"NVIDIA_DISABLE_REQUIRE": "1"})
    assert really(clean, "driver", replace(skipped, gpus=GpuWish(count=1))) == ["ok"]


@pytest.mark.lab
def test_the_caps_of_other_containers_count(clean):
    total = clean.engine._how().memory
    clean.launch(replace(REAL, mem_limit=total - (32 << 20)), Want(name="hog"))
    assert really(clean, "memory") == ["warn"]


@pytest.mark.lab
@pytest.mark.parametrize(("version", "status"), [("1.16.1", "warn"), ("1.17.8", "ok")])
def test_the_toolkit_of_a_real_host(clean, version, status):
    program = clean.daemon.root / "bin" / "nvidia-ctk"
    program.write_text(f"#!/bin/sh\necho NVIDIA Container Toolkit CLI version {version}\necho commit: 1.2.3.4\n")
    program.chmod(0o755)
    try:
        fresh = DockerEngine(clean.engine._client, clean.host, {})
        plan = fresh.plan(replace(REAL, gpus=GpuWish(count=1)), Want(), clean.site)
        assert [check.status for check in plan.checks if check.name == "toolkit"] == [status]
    finally:
        program.unlink()


@pytest.mark.lab
def test_what_an_image_requires_of_the_driver(clean):
    built = clean.daemon.cli("create", IMAGE, "true")
    clean.daemon.cli("commit", "--change", "ENV CUDA_VERSION=13.0.1", built, "gpuws-test:cuda")
    clean.daemon.cli("rm", built)
    profile = replace(REAL, image="gpuws-test:cuda", gpus=GpuWish(count=1))
    assert really(clean, "driver", profile) == ["ok"]
    plan = clean.engine.plan(profile, Want(), replace(clean.site, driver="535.183.01", cuda="12.2"))
    assert [check.status for check in plan.checks if check.name == "driver"] == ["warn"]


@pytest.mark.lab
def test_a_plan_says_what_it_chose_and_what_not(clean):
    plan = clean.engine.plan(replace(REAL, gpus=GpuWish(count=1, model="H200")), Want(), clean.site)
    assert [device.uuid for device in plan.devices] == [UUIDS[0]]
    assert [(one.label, one.reason) for one in plan.rejected] == [(str(n), "free, not needed") for n in (1, 2, 3)]
    assert plan.free_gpus == 4


@pytest.mark.lab
def test_a_plan_names_whoever_is_on_its_gpus_by_whatever_road_it_gets_them(clean):
    """`all`, an index, a UUID, and a variable beside them. My own work, and a new container of mine, are nobody's."""
    bobs, mine = Holder("process", "x.py", "bob"), Holder("process", "y.py", "alice", mine=True)
    gpus = (replace(GPUS[0], held_by=(bobs,)), replace(GPUS[1], held_by=(mine,)), *GPUS[2:])
    site = replace(clean.site, gpus=gpus)
    clean.launch(replace(REAL, gpus=GpuWish(indices=(3,))), Want(name="just-made"))

    def asked(wish: GpuWish, **environment: str) -> list[str]:
        plan = clean.engine.plan(replace(REAL, gpus=wish, environment=environment), Want(), site)
        return [other.word for other in plan.others]

    for wish in (GpuWish(indices=(0,)), GpuWish(uuids=(UUIDS[0],)), GpuWish(all=True)):
        assert asked(wish) == ["bob"]
    assert asked(GpuWish(indices=(1, 2, 3))) == asked(GpuWish(count=1)) == []
    assert asked(GpuWish(indices=(2,)), NVIDIA_VISIBLE_DEVICES="all") == ["bob"]


def test_every_rule_has_its_row():
    assert {*table.BEFORE, *table.AFTER} == written(checks, gpus.driver)
