"""What is not mine, on a real engine: nothing is sent before its name is given.

bob's `bert`, without a label, is on GPU 2 of alpha."""

from __future__ import annotations

import pytest

from tests.e2e.gpuws import Gpuws, configured
from tests.lab import docker_api

pytestmark = pytest.mark.lab
PROFILES = [
    (name, f"image: gpuws-lab/workspace:latest\npull_policy: never\ncommand: [sleep, infinity]\n{more}")
    for name, more in (("plain", ""), ("sly", "environment: {NVIDIA_VISIBLE_DEVICES: all}\n"))
]
MINE = {"gpuws.owner": "ada", "gpuws.from": "elsewhere"}


def inspect(name):
    return docker_api.call("alpha", "GET", f"/containers/{name}/json")


@pytest.fixture
def ada(lab, tmp_path) -> Gpuws:
    hosts = f"hosts: {{alpha: {{}}}}\nlocal: false\nssh_config: {lab.ssh_config}\n"
    return configured(tmp_path / "ada", hosts, PROFILES)


@pytest.fixture
def stopped():
    """Containers of mine that were created and never started, by name and what they were given."""
    made = []

    def make(name, **host_config):
        body = {"Image": "gpuws-lab/workspace:latest", "Cmd": ["true"], "Labels": MINE, "HostConfig": host_config}
        docker_api.call("alpha", "POST", "/containers/create", query={"name": name}, body=body)
        made.append(name)

    yield make
    for name in made:
        docker_api.call("alpha", "DELETE", f"/containers/{name}", query={"force": True})


def refused(ada, name, *words):
    done = ada.run(*words)
    assert (done.returncode, done.stdout) == (5, ""), done
    assert done.stderr.splitlines()[-1].endswith(f"--yes-not-mine {name}"), done.stderr


def test_nothing_is_sent_before_its_name_is_given(ada):
    before = inspect("bert")
    refused(ada, "bert", "exec", "alpha/bert", "true")
    for verb in ("restart", "kill"):
        refused(ada, "bert", verb, "--yes", "alpha/bert")
    wrong = ada.run("exec", "--yes-not-mine", "torch-dev", "alpha/bert", "true")
    assert (wrong.returncode, "does not fit" in wrong.stderr) == (5, True)
    after = inspect("bert")
    assert (after["ExecIDs"], after["State"]) == (before["ExecIDs"], before["State"])
    assert ada.ok("exec", "--yes-not-mine", "bert", "alpha/bert", "echo", "let in") == "let in\n"


def test_a_gpu_that_bob_is_on_takes_his_name_by_every_road(ada, lab, stopped):
    launch = ("launch", "plain", "-H", "alpha", "--name", "on-bobs", "--force")
    for spec in ("device=2", f"device={lab.hosts['alpha'].uuids[2]}", "all"):
        refused(ada, "bob", *launch, "--gpus", spec)
    refused(ada, "bob", "launch", "sly", "-H", "alpha", "--name", "on-bobs", "--gpus", "device=3")
    assert inspect("on-bobs") is None
    stopped("privileged", Privileged=True)
    stopped("device", Devices=[{"PathOnHost": "/dev/nvidia2", "PathInContainer": "/dev/g", "CgroupPermissions": "rw"}])
    stopped("given", DeviceRequests=[{"DeviceIDs": ["2"], "Capabilities": [["gpu"]]}])
    for name in ("privileged", "device", "given"):
        refused(ada, "bob", "start", f"alpha/{name}")
        assert inspect(name)["State"]["Status"] == "created"
    assert ada.ok("start", "--yes-not-mine", "bob", "alpha/given") == "alpha/given\n"
