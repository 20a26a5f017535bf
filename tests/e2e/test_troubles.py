"""Troubles planted on a host of the lab: one `gpuws doctor` names each with whose it is and what ends it."""

import re
import time

import pytest

from tests.e2e.gpuws import Gpuws
from tests.lab import docker_api, faults, machines
from tests.lab.hosts import HOSTS

pytestmark = [pytest.mark.lab, pytest.mark.soak]
HOST, NAME = "alpha", "gpuws-test-shut"
LEFT, KERNEL = "/dev/shm/gpuws-test-left", "/tmp/gpuws-test-kernel"
SOON = 10.0  # seconds, as promised
FULL = "c 1:7 rwm"
"""/dev/full: no GPU, but a device that can be given and taken away likewise."""


def as_alice(script: str) -> str:
    return faults.run(HOST, ["su", "alice", "-c", script]).stdout.decode()


@pytest.fixture
def shut(lab):
    """A container of alice's whose GPU systemd has taken away."""
    if machines.is_cgroup_v2():
        pytest.skip("devices are let in by a program of the kernel there, which only who loaded it can change")
    device = {"PathOnHost": "/dev/full", "PathInContainer": "/dev/nvidiactl", "CgroupPermissions": "rwm"}
    request = {"Capabilities": [["gpu"]], "DeviceIDs": [HOSTS[HOST].uuids[3]]}
    body = {
        "Image": "gpuws-lab/workspace:latest",
        "Cmd": ["sleep", "infinity"],
        "User": "1000:1000",
        "Labels": {"gpuws.owner": "alice"},
        "HostConfig": {"Init": True, "Devices": [device], "DeviceRequests": [request]},
    }
    made = docker_api.call(HOST, "POST", "/containers/create", query={"name": NAME}, body=body)["Id"]
    docker_api.call(HOST, "POST", f"/containers/{made}/start")
    yield made
    docker_api.call(HOST, "DELETE", f"/containers/{made}", query={"force": 1})


def deny(identity: str) -> None:
    find = f"find /sys/fs/cgroup/devices -type d -name {identity}"
    faults.run(HOST, ["sh", "-c", f"echo '{FULL}' >$({find} | head -n 1)/devices.deny"])


@pytest.fixture
def left(lab):
    """Memory that a program of alice's made and left."""
    before = faults.run(HOST, ["df", "-k", "--output=size", "/dev/shm"]).stdout.split()[-1].decode()
    faults.run(HOST, ["mount", "-o", "remount,size=256M", "/dev/shm"])
    as_alice(f"head -c 80000000 /dev/zero >{LEFT} && touch -d '20 minutes ago' {LEFT}")
    yield
    as_alice(f"rm -f {LEFT}")
    faults.run(HOST, ["mount", "-o", f"remount,size={before}k", "/dev/shm"])


@pytest.fixture
def orphan(lab):
    """A kernel of alice's whose server is gone: its number."""
    program = "import time; time.sleep(600)"
    as_alice(f"mkdir -p {KERNEL} && echo '{program}' >{KERNEL}/ipykernel_launcher.py")
    script = (
        f"cd {KERNEL} && {{ setsid python3 -m ipykernel_launcher -f k.json >/dev/null 2>&1 </dev/null & echo $!; }}"
    )
    pid = as_alice(script).strip()
    yield pid
    as_alice(f"kill {pid}; rm -r {KERNEL}")


def told(gpuws: Gpuws) -> tuple[dict[str, dict[str, str]], float]:
    began = time.monotonic()
    checks = gpuws.json("doctor", "-v", HOST)["hosts"][0]["checks"]
    return {check["name"]: check for check in checks}, time.monotonic() - began


def test_what_is_lost_or_left_is_named_and_nothing_else(gpuws, shut, left, orphan):
    deadline = time.monotonic() + 3 * SOON
    deny(shut)
    while True:  # the first answer of a keeper may be older than the container
        done = gpuws.run("doctor", HOST, "--json")
        if "gpu_lost" in done.stdout:
            break
        assert time.monotonic() < deadline, done.stdout + done.stderr
    assert done.returncode == 1
    assert re.search(rf"{NAME}, yours, may not open /dev/nvidiactl any more", done.stdout)
    assert f"gpuws restart {HOST}/{NAME}" in done.stdout
    assert f"process {orphan}, a kernel of yours, runs without its Jupyter server" in done.stdout
    assert f"kill {orphan}" in done.stdout
    assert f"rm -- {LEFT}" in done.stdout

    gpuws.ok("restart", "--yes", f"{HOST}/{NAME}")  # as it says: the engine gives its devices back
    as_alice(f"kill {orphan}; rm {LEFT}")
    checks, seconds = told(gpuws)
    assert {"gpu_lost", "kernel_left", "shm_left"} & checks.keys() == set()
    assert seconds < SOON
