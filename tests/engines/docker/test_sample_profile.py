"""The sample profile of the public interface: every key arrives in `docker inspect` as meant, or is refused."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gpuws.config.profiles.profiles import ProfileStore
from gpuws.engines.docker.connect import connect_engine
from gpuws.engines.docker.engine import DockerEngine
from gpuws.link.connect.connector import Connector
from gpuws.link.place import Link
from gpuws.model.errors import GpuwsError
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.gpu.reading import HostFacts
from gpuws.model.host.host import Host
from gpuws.model.placement.plan import Plan, Want
from tests.engines.docker.conftest import Site
from tests.engines.docker.inside import until

pytestmark = pytest.mark.lab

BASE = """\
image: gpuws-lab/workspace:latest
environment: {FROM_BASE: "yes"}
volumes: [~/work:/base]
"""

MEMLOCK = """\
extends: sample
ulimits: {memlock: -1}
ports: []
"""

SAMPLE = """\
description: PyTorch 2.8, CUDA 12.8, JupyterLab and tmux
extends: sample-base
image: gpuws-test/sample:1
build:
  dockerfile_inline: |
    FROM gpuws-lab/workspace:latest
    ENV SAMPLE=1
pull_policy: missing
command: ["sleep", "infinity"]
gpus: {count: 2, memory: 40GiB, model: "H100|A100", policy: free}
mem_limit: 1g
memswap_limit: 1g
cpus: 1.5
shm_size: 128m
ipc: private
ulimits: {stack: 67108864, nofile: {soft: 4096, hard: 8192}}
user: host
working_dir: /workspace
volumes+:
  - ~/work:/workspace
  - {type: bind, source: /srv, target: /data, read_only: true, check: exists}
ports:
  - 8888
  - "26006:6006"
  - {name: api, target: 8000, published: 28000, host_ip: 127.0.0.1}
environment: {HF_HOME: /cache/hf, WANDB_API_KEY: null}
env_file: ["%s"]
jupyter: {port: 8888, start: true, token: auto}
tmux: {session: main}
restart: "no"
init: true
labels: {team: vision}
hosts:
  alpha: {gpus: {count: 1}}
  bravo: {volumes+: ["${scratch}:/scratch"]}
"""


@dataclass
class Lab:
    host: Host
    link: Link
    engine: DockerEngine
    site: Site
    store: ProfileStore

    def plan(self, name: str = "sample", *overrides: str) -> Plan:
        environ = {"WANDB_API_KEY": "very-secret"}
        profile = self.store.load(name, self.host, overrides=overrides, environ=environ)
        return self.engine.plan(profile, Want(environ=environ), self.site)


@pytest.fixture(params=["alpha", "bravo"])
def there(request: pytest.FixtureRequest, lab: Any, tmp_path: Path) -> Iterator[Lab]:
    secrets = tmp_path / "secrets.env"
    secrets.write_text("HF_TOKEN=file-secret\n")
    secrets.chmod(0o600)
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    (profiles / "sample-base.yaml").write_text(BASE)
    (profiles / "sample-memlock.yaml").write_text(MEMLOCK)
    (profiles / "sample.yaml").write_text(SAMPLE % secrets)
    host = Host(request.param, ssh_config=str(lab.ssh_config), vars={"scratch": "/tmp"})
    connector = Connector()
    link = connector.connect(host, lambda question: None)
    engine = connect_engine(host, link, {})
    uid, gid, home, *gids = link.run(["sh", "-c", "id -u; id -g; echo $HOME; id -G"]).stdout.decode().split()
    facts = HostFacts("alice", int(uid), int(gid), (), home, host.name, gids=tuple(map(int, gids)), python="3")
    gpus = tuple(
        Gpu(index, uuid, "NVIDIA H100 80GB HBM3", memory_used=0, memory_total=80 << 30)
        for index, uuid in enumerate(lab.hosts[host.name].uuids)
    )
    yield Lab(host, link, engine, Site(host, facts, gpus, "alice", "desk"), ProfileStore([profiles]))
    connector.close()


def test_every_key_arrives(there: Lab) -> None:
    until(lambda: not there.plan().problems, "no free GPU, or something else", 60)  # others use the lab, too
    plan = there.plan()
    identity = there.engine.launch(plan, lambda progress: None, threading.Event()).ref.id
    try:
        inspected: Any = there.engine.inspect(identity)
        check_config(there, plan, inspected["Config"])
        check_limits(inspected["HostConfig"])
        check_gpus(there, plan, inspected["HostConfig"])
        check_mounts(there, inspected["Mounts"])
        check_ports(inspected)
        check_inside(there, identity)
    finally:
        there.engine.act(identity, "remove", force=True)


def check_config(there: Lab, plan: Plan, config: Any) -> None:
    env = dict(item.split("=", 1) for item in config["Env"])
    assert config["Image"] == "gpuws-test/sample:1"
    assert config["User"] == f"{there.site.facts.uid}:{there.site.facts.gid}"
    assert config["WorkingDir"] == "/workspace"
    assert config["Cmd"][-2:] == ["sleep", "infinity"]
    assert (env["SAMPLE"], env["FROM_BASE"], env["HF_HOME"]) == ("1", "yes", "/cache/hf")
    assert (env["WANDB_API_KEY"], env["HF_TOKEN"]) == ("very-secret", "file-secret")
    assert env["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"
    assert (env["USER"], env["LOGNAME"], env.get("JUPYTER_TOKEN")) == ("alice", "alice", None)
    labels = config["Labels"]
    assert (labels["team"], labels["gpuws.profile"], labels["gpuws.owner"]) == ("vision", "sample", "alice")
    assert labels["gpuws.gpus"].split(",") == list(plan.spec.gpu_uuids)
    for secret in ("very-secret", "file-secret"):
        assert secret not in plan.command
        assert secret not in str(labels)


def check_limits(host: Any) -> None:
    assert (host["Memory"], host["MemorySwap"], host["NanoCpus"], host["ShmSize"]) == (
        1 << 30, 1 << 30, 1_500_000_000, 128 << 20,
    )  # fmt: skip
    assert host["IpcMode"] == "private"
    assert host["Init"] is True
    assert host["RestartPolicy"]["Name"] == "no"
    assert {(one["Name"], one["Soft"], one["Hard"]) for one in host["Ulimits"]} == {
        ("stack", 67108864, 67108864),
        ("nofile", 4096, 8192),
    }
    assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-size": "20m", "max-file": "5"}}


def check_gpus(there: Lab, plan: Plan, host: Any) -> None:
    uuids = list(plan.spec.gpu_uuids)
    if there.host.name == "alpha":
        assert uuids == [there.site.gpus[3].uuid]  # the only one that nobody holds
        (request,) = host["DeviceRequests"]
        assert (request["Count"], request["DeviceIDs"], request["Capabilities"]) == (0, uuids, [["gpu"]])
    else:
        assert len(uuids) == 2
        assert [one for request in host["DeviceRequests"] for one in request["DeviceIDs"]] == [
            f"nvidia.com/gpu={uuid}" for uuid in uuids
        ]
    assert host["GroupAdd"] == [str(gid) for gid in sorted(set(there.site.facts.gids) - {there.site.facts.gid})]


def check_mounts(there: Lab, mounts: Any) -> None:
    home = there.site.facts.home
    wanted = {("/base", f"{home}/work", True), ("/workspace", f"{home}/work", True), ("/data", "/srv", False)}
    if there.host.name == "bravo":
        wanted.add(("/scratch", "/tmp", True))
    assert {(one["Destination"], one["Source"], one["RW"]) for one in mounts} == wanted


def check_ports(inspected: Any) -> None:
    assert set(inspected["Config"]["ExposedPorts"]) == {"8888/tcp", "6006/tcp", "8000/tcp"}
    assert inspected["HostConfig"]["PortBindings"] == {
        "6006/tcp": [{"HostIp": "127.0.0.1", "HostPort": "26006"}],
        "8000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "28000"}],
    }


WHO = "import os, pwd, grp; print(pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name, os.getgroups())"


def check_inside(there: Lab, identity: str) -> None:
    """I am somebody inside: getpwuid knows me, and my groups are there."""
    place = there.engine.place(identity)
    name, group, *groups = place.run(["python3", "-c", WHO]).stdout.decode().split(maxsplit=2)
    assert name == "alice"
    assert group
    have = {int(word) for word in groups[0].strip("[]\n").split(",")}
    assert have >= set(there.site.facts.gids)
    assert place.run(["sh", "-c", "touch /workspace/sample && rm /workspace/sample"]).ok
    assert not place.run(["touch", "/data/sample"]).ok


def test_what_the_engine_refuses_is_said_with_its_reason(there: Lab) -> None:
    """memlock -1 of the sample, on an engine that may not raise limits, as a rootless one."""
    plan = there.plan("sample-memlock")
    with pytest.raises(GpuwsError) as caught:
        there.engine.launch(plan, lambda progress: None, threading.Event())
    assert "rlimit type 8" in caught.value.message
    assert "memlock" in caught.value.remedy
    assert plan.spec.name not in {one.name for one in there.engine.workspaces()}


@pytest.mark.parametrize(
    ("override", "row"), [("gpus.model=B200", "gpus"), ("gpus.count=9", "gpus"), ("mem_limit=1m", "memory")]
)
def test_what_can_not_be_had_is_refused_before(there: Lab, override: str, row: str) -> None:
    assert [check.name for check in there.plan("sample", override).problems] == [row]
