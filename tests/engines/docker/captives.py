"""Containers of every kind, and what must be the same of two that a profile made."""

from __future__ import annotations

import threading

from gpuws.config.profiles.profiles import ProfileStore
from gpuws.fleet.local.recipes import written
from gpuws.model.host.host import Host
from gpuws.model.placement.plan import Want
from gpuws.model.profile.profile import (
    GpuMemoryCap,
    GpuWish,
    Healthcheck,
    HostDevice,
    JupyterWish,
    Logging,
    PortWish,
    Profile,
    TmuxWish,
    Ulimit,
    Volume,
)
from tests.engines.docker.conftest import IMAGE, UUIDS, unwatched

DRESSED = "gpuws-test:dressed"
DOCKERFILE = f"""FROM {IMAGE}
ENV CUDA_VERSION=12.8 NVIDIA_VISIBLE_DEVICES=all PATH=/usr/bin:/bin:/opt/bin
LABEL maintainer=somebody gpuws.owner=nobody
EXPOSE 8080
VOLUME /declared
WORKDIR /root
USER 4711
ENTRYPOINT ["env"]
CMD ["sleep", "infinity"]
"""


# What `docker run`, Compose and gpuws make: words of `docker run -d`, a profile to launch, or a body for the API.
CASES = {
    "bare": [IMAGE, "sleep", "infinity"],
    "the image's own command": [DRESSED],
    "another command under the image's entry point": [DRESSED, "sleep", "1000"],
    "an entry point of its own": ["--entrypoint", "sleep", DRESSED, "1001"],
    "no entry point": ["--entrypoint", "", DRESSED, "sleep", "1002"],
    "a shell kept alive by a terminal": ["-it", DRESSED, "bash"],
    "a shell as entry point": ["-it", "--entrypoint", "bash", IMAGE],
    "an environment": [
        "-e",
        "PLAIN=a b$$ ${HOME} \"q\" 'x'",
        "-e",
        "LINES=one\ntwo\n",
        "-e",
        "EMPTY=",
        "-e",
        "CUDA_VERSION=12.8",
        "-e",
        "WANDB_API_KEY=hunter2",
        "-e",
        "DATABASE=postgres://me:pw4711@db/x",
        "-e",
        "YES=yes",
        "-e",
        "N=007",
        DRESSED,
    ],
    "limits": [
        "-m",
        "256m",
        "--memory-swap",
        "512m",
        "--cpus",
        "0.75",
        "--pids-limit",
        "321",
        "--shm-size",
        "100m",
        "--ulimit",
        "nofile=1000:2000",
        "--ulimit",
        "stack=8388608",
        IMAGE,
        "sleep",
        "infinity",
    ],
    "memory alone": ["-m", "300m", IMAGE, "sleep", "infinity"],
    "a quota of time": ["--cpu-period", "50000", "--cpu-quota", "20000", IMAGE, "sleep", "infinity"],
    "binds": [
        "-v",
        "{home}/gpuws-test-data:/data:ro",
        "-v",
        "/etc:/host/etc:ro",
        "-v",
        "{home}:/me",
        IMAGE,
        "sleep",
        "infinity",
    ],
    "volumes": [
        "-v",
        "gpuws-test-named:/named",
        "-v",
        "/anonymous",
        "--mount",
        "type=volume,target=/mounted",
        "--mount",
        "type=volume,source=gpuws-test-named,target=/again,readonly",
        DRESSED,
    ],
    "memory file systems": ["--tmpfs", "/scratch", "--mount", "type=tmpfs,target=/fast", IMAGE, "sleep", "infinity"],
    "ports": [
        "-p",
        "127.0.0.1:18081:8081",
        "-p",
        "18082:8082",
        "-p",
        "8083",
        "--expose",
        "9000",
        "-p",
        "18084:8084/udp",
        DRESSED,
    ],
    "a port of IPv6": ["-p", "[::1]:18085:8085", IMAGE, "sleep", "infinity"],
    "GPUs by id": ["--gpus", f'"device={UUIDS[1]},{UUIDS[3]}"', IMAGE, "sleep", "infinity"],
    "GPUs by number": ["--gpus", "2", IMAGE, "sleep", "infinity"],
    "all GPUs": ["--gpus", "all", "-e", "CUDA_DEVICE_ORDER=PCI_BUS_ID", IMAGE, "sleep", "infinity"],
    "my user": ["--user", "1000:1000", "-w", "/tmp", IMAGE, "sleep", "infinity"],
    "root": ["--user", "root", DRESSED],
    "somebody": ["--user", "1234", IMAGE, "sleep", "infinity"],
    "sharing with the host": ["--ipc", "host", "--network", "host", "--init", IMAGE, "sleep", "infinity"],
    "a service": [
        "--restart",
        "on-failure:3",
        "--stop-timeout",
        "7",
        "--ipc",
        "shareable",
        "--label",
        "team=vision, night",
        "--label",
        "empty=",
        "--hostname",
        "box",
        "--cap-add",
        "SYS_PTRACE",
        "--domainname",
        "lab.example",
        IMAGE,
        "sleep",
        "infinity",
    ],
    "rights": [
        *(
            "--cap-add",
            "sys_ptrace",
            "--cap-add",
            "CAP_NET_RAW",
            "--cap-drop",
            "MKNOD",
            "--device",
            "/dev/null:/dev/x:rw",
        ),
        *("--security-opt", "no-new-privileges:true", "--security-opt", "label:disable", "--group-add", "27"),
        *("--group-add", "4321", "--pid", "host", IMAGE, "sleep", "infinity"),
    ],
    "names": [
        *("--hostname", "box.lab", "--dns", "192.0.2.53", "--dns", "2001:db8::1", "--add-host", "db:192.0.2.7"),
        *("--add-host", "db:2001:db8::7", "--tmpfs", "/run:size=1m,mode=700", "--tmpfs", "/scratch", IMAGE),
        *("sleep", "infinity"),
    ],
    "a health check": [
        *("--health-cmd", "test -e $HOME", "--health-interval", "1500ms", "--health-retries", "2"),
        *(
            "--health-start-period",
            "2m",
            "--stop-signal",
            "INT",
            "--log-driver",
            "json-file",
            "--log-opt",
            "max-size=1m",
        ),
        *(IMAGE, "sleep", "infinity"),
    ],
    "no health check, and no log": ["--no-healthcheck", "--log-driver", "none", IMAGE, "sleep", "infinity"],
    "Compose": {
        "Image": DRESSED,
        "Cmd": ["sleep", "1003"],
        "Env": ["MODE=train", "HF_TOKEN=hf_abcdefghijklmnopq"],
        "Labels": {
            "com.docker.compose.project": "lab",
            "com.docker.compose.service": "train",
            "com.docker.compose.config-hash": "0" * 64,
            "tier": "gpu",
        },
        "ExposedPorts": {"6006/tcp": {}},
        "HostConfig": {
            "Binds": ["gpuws-test-named:/cache:rw", "/tmp:/host-tmp:ro"],
            "PortBindings": {"6006/tcp": [{"HostIp": "127.0.0.1", "HostPort": "16008"}]},
            "DeviceRequests": [{"Driver": "nvidia", "DeviceIDs": ["0", "2"], "Capabilities": [["gpu"]]}],
            "ShmSize": 2 << 30,
            "RestartPolicy": {"Name": "unless-stopped"},
            "NetworkMode": "default",
        },
    },
    "gpuws": Profile(
        "ours",
        image=IMAGE,
        command=("sleep", "infinity"),
        gpus=GpuWish(count=2),
        gpu_memory=GpuMemoryCap(20 << 30, "stop", "pytorch"),
        mem_limit=256 << 20,
        shm_size=80 << 20,
        ulimits=(Ulimit("nofile", 1000, 2000),),
        working_dir="/data",
        volumes=(Volume("/data", "~/gpuws-test-data"), Volume("/scratch", None, "tmpfs")),
        ports=(PortWish(8000), PortWish(6006, 16009)),
        environment={"PLAIN": "x", "WANDB_API_KEY": None},
        jupyter=JupyterWish(8899),
        tmux=TmuxWish("main"),
        labels={"team": "vision"},
    ),
    "gpuws, with rights": Profile(
        "rights",
        image=IMAGE,
        tty=True,
        stdin_open=True,
        hostname="box",
        dns=("192.0.2.53",),
        extra_hosts=("db:192.0.2.7",),
        cap_add=("SYS_PTRACE",),
        cap_drop=("MKNOD", "SETFCAP"),
        security_opt=("no-new-privileges", "seccomp=unconfined"),
        group_add=("27", "4321"),
        tmpfs=("/run:size=1m", "/scratch"),
        devices=(HostDevice("/dev/null", "/dev/a"), HostDevice("/dev/zero", "/dev/zero", "r")),
        stop_signal="SIGINT",
        healthcheck=Healthcheck(("CMD", "test", "-e", "/"), 1.5, 2.0, 3, 4.0),
        logging=Logging("json-file", {"max-size": "1m"}),
        command=("sh",),
    ),
    "gpuws, simply": Profile("simple", image=DRESSED, user="image", init=False, tmux=TmuxWish("odd name's")),
}


def make(case, name, engine, site, cli):
    """A container of the kind `case` says. `cli`: runs the docker program against that engine."""
    if isinstance(case, Profile):
        plan = unwatched(engine.plan(case, Want(name=name), site))
        return engine.launch(plan, lambda progress: None, threading.Event()).ref.id
    if isinstance(case, dict):
        identity = engine._client.create("/containers/create", case, query={"name": name})
        engine.act(identity, "start")
        return identity
    return cli("run", "-d", "--name", name, *(word.replace("{home}", site.facts.home) for word in case))


def discard(engine, container):
    """With the volumes that nobody named."""
    engine._client.call("DELETE", f"/containers/{container}", query={"force": True, "v": True})


def check_fixed_point(case, first, name, engine, site, directory):
    """What is captured of `first`, launched and captured again, is the same; `first` goes, the other stays."""
    before, captured = engine.inspect(first), engine.recipes.capture(first, site)
    text = written(captured, site.host.name)
    for value in captured.secrets.values():
        assert value not in text
    profile = loaded(text, directory, site.host)
    discard(engine, first)
    plan = unwatched(engine.plan(profile, Want(name=name, environ=captured.secrets), site))
    second = engine.launch(plan, lambda progress: None, threading.Event()).ref.id
    again = engine.recipes.capture(second, site)
    assert without_notes(written(again, site.host.name)) == without_notes(text)
    assert again.profile == captured.profile
    assert again.secrets == captured.secrets
    after = engine.inspect(second)
    assert after["State"]["Running"]
    if case not in ("ports", "a quota of time", "sharing with the host"):
        assert {key: said(before, key) for key in SAME} == {key: said(after, key) for key in SAME}
    assert places(before) == places(after)
    assert len(given(before)) == len(given(after))


def loaded(text, directory, host):
    """The profile of a file that holds `text`."""
    (directory / "captive.yaml").write_text(text)
    return ProfileStore([directory]).load("captive", Host(host.name), environ={})


def without_notes(text):
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))


SAME = (
    "Memory", "MemorySwap", "PidsLimit", "ShmSize", "IpcMode", "NetworkMode", "RestartPolicy", "PortBindings", "Init",
)  # fmt: skip


def said(inspected, key):
    value = inspected["HostConfig"].get(key)
    nothing = (None, 0, False, {}, [], {"Name": "", "MaximumRetryCount": 0}, "default", "bridge")
    return None if value in nothing else value


def places(inspected):
    """Where it sees what; the two ways to a tmpfs come to the same."""
    seen = {(one["Type"], one["Destination"], one["RW"]) for one in inspected["Mounts"]}
    return seen | {("tmpfs", target, True) for target in inspected["HostConfig"].get("Tmpfs") or ()}


def given(inspected):
    requests = inspected["HostConfig"].get("DeviceRequests") or []
    return [one for request in requests for one in request["DeviceIDs"] or range(request["Count"] % 5)]
