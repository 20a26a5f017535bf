"""The lab keeps its promises: what other tests take for granted on its hosts."""

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.lab import docker_api, faults, gpus, lifecycle, machines
from tests.lab.fixture import Lab
from tests.lab.hosts import ALPHA, BRAVO, HOSTS

pytestmark = pytest.mark.lab


def ssh(lab: Lab, alias: str, command: str, timeout: float = 20) -> subprocess.CompletedProcess[str]:
    argv = ["ssh", "-F", str(lab.ssh_config), "-o", "BatchMode=yes", "-o", "ConnectTimeout=3", alias, command]
    return subprocess.run(argv, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL, check=False)


@pytest.fixture
def alpha(lab: Lab) -> Iterator[str]:
    yield "alpha"
    faults.reset("alpha")


@pytest.fixture
def bravo(lab: Lab) -> Iterator[str]:
    yield "bravo"
    faults.reset("bravo")


def test_all_that_share_the_lab_run_in_one_process(request):
    """Else they would disturb each other; `-n` wants `--dist loadgroup`."""
    assert "PYTEST_XDIST_WORKER" not in os.environ or request.node.nodeid.endswith("@lab")


def test_up_again_is_an_instant(lab: Lab) -> None:
    began = time.monotonic()
    lifecycle.up()
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("alias", "login"),
    [("alpha", "alice"), ("bravo", "alice"), ("charlie", "as1204"), ("alpha-carol", "carol"), ("bravo-bob", "bob")],
)
def test_logins(lab: Lab, alias: str, login: str) -> None:
    assert ssh(lab, alias, "id -un").stdout == f"{login}\n"


@pytest.mark.parametrize(("alias", "reason"), [("alpha-nokey", "Permission denied"), ("nowhere", "Connection refused")])
def test_refusals(lab: Lab, alias: str, reason: str) -> None:
    assert reason in ssh(lab, alias, "true").stderr


def test_engines(lab: Lab) -> None:
    alpha, bravo = (docker_api.call(name, "GET", "/info") for name in ("alpha", "bravo"))
    assert alpha["ServerVersion"].startswith("20.10.")
    assert bravo["ServerVersion"].startswith("26.1.")
    assert bravo["CDISpecDirs"]
    assert ssh(lab, "alpha", "docker ps -q").returncode == 0
    assert "permission denied" in ssh(lab, "alpha-carol", "docker ps").stderr
    assert ssh(lab, "bravo", "command -v docker").returncode == 1


def test_gpus_reach_containers_by_hook_and_by_cdi(lab: Lab) -> None:
    def variables(host: str, container: str) -> str:
        pid = docker_api.call(host, "GET", f"/containers/{container}/json")["State"]["Pid"]
        return faults.run(host, ["cat", f"/proc/{pid}/environ"]).stdout.decode().replace("\0", "\n")

    assert "NVIDIA_VISIBLE_DEVICES=0,1\n" in variables("alpha", "torch-dev")
    assert f"GPUWS_LAB_GPU_0={BRAVO.uuids[0]}\n" in variables("bravo", "eval")
    assert f"GPUWS_LAB_GPU_1={BRAVO.uuids[1]}\n" in variables("bravo", "reserved")


@pytest.mark.parametrize(
    ("host", "gpu", "program"),
    [("alpha", 0, "llama-7b"), ("alpha", 2, "bert"), ("bravo", 0, "eval-mmlu"), ("bravo", 2, "resnet50")],
)
def test_holders_are_real_processes(lab: Lab, host: str, gpu: int, program: str) -> None:
    pid = int(gpus.read(host).gpus[gpu]["processes"].split(":")[0])
    args = {process.pid: process.args for process in faults.processes(host)}
    assert args[pid] == f"python train.py --config {program}.yaml"


def test_cgroups_of_containers(lab: Lab) -> None:
    def cgroup(host: str) -> str:
        pid = int(gpus.read(host).gpus[0]["processes"].split(":")[0])
        return faults.run(host, ["cat", f"/proc/{pid}/cgroup"]).stdout.decode()

    container = "/docker/[0-9a-f]{64}"
    assert re.search(f":{container}$", cgroup("bravo"), re.MULTILINE)
    if not machines.is_cgroup_v2():
        assert re.search(f":{container}{container}$", cgroup("alpha"), re.MULTILINE)


def test_sessions(lab: Lab) -> None:
    assert ssh(lab, "alpha", "tmux list-sessions -F '#S'").stdout == "train\n"
    assert ssh(lab, "charlie", "tmux list-sessions -F '#S'").stdout == "main\nnotes\n"
    inside = machines.run("alpha", ["docker", "exec", "torch-dev", "tmux", "list-sessions", "-F", "#S"])
    assert inside.stdout == b"main\n"


@pytest.mark.soak
def test_pause_lets_connections_hang(lab: Lab, bravo: str) -> None:
    faults.pause(bravo)
    with socket.create_connection((BRAVO.address, 2022), timeout=2) as connection:
        connection.settimeout(1)
        with pytest.raises(TimeoutError):
            connection.recv(4)
    faults.unpause(bravo)
    assert ssh(lab, bravo, "true").returncode == 0


@pytest.mark.soak
def test_sshd_dies_and_comes_back(lab: Lab, alpha: str) -> None:
    faults.kill_sshd(alpha)
    assert ssh(lab, alpha, "true").returncode == 255
    faults.start_sshd(alpha)
    assert ssh(lab, alpha, "true").returncode == 0


@pytest.mark.parametrize("host", ["alpha", "bravo"])
def test_connections_drop_and_sshd_stays(lab: Lab, host: str) -> None:
    argv = ["ssh", "-F", str(lab.ssh_config), host, "echo there; sleep 60"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == b"there\n"
        faults.drop_connections(host)
        assert client.wait(timeout=5) == 255
    assert ssh(lab, host, "true").returncode == 0


@pytest.mark.soak
def test_host_key_changes_and_comes_back(lab: Lab, alpha: str) -> None:
    faults.new_host_key(alpha)
    assert "REMOTE HOST IDENTIFICATION HAS CHANGED" in ssh(lab, alpha, "true").stderr
    faults.restore_host_key(alpha)
    assert ssh(lab, alpha, "true").returncode == 0


@pytest.mark.soak
def test_engine_stops_and_reset_brings_the_scene_back(lab: Lab, alpha: str) -> None:
    faults.stop_engine(alpha)
    assert ssh(lab, alpha, "docker ps").returncode == 1
    faults.reset(alpha)
    assert ssh(lab, alpha, "docker ps --format '{{.Names}}'").stdout.split() == ["bert", "torch-dev"]


@pytest.mark.soak
def test_reset_strips_what_is_not_the_scene(lab: Lab, alpha: str) -> None:
    started = ssh(
        lab, alpha, "docker run -d --name stray -v stray:/x gpuws-lab/workspace:latest && docker stop -t 0 torch-dev"
    )
    assert started.returncode == 0, started.stderr
    assert ssh(lab, alpha, "tmux new-session -d -s stray && tmux kill-session -t train").returncode == 0
    faults.set_gpus(alpha, {0: None, 3: {"error": "GpuIsLost"}}, init="DriverNotLoaded")
    faults.reset(alpha)
    assert ssh(lab, alpha, "docker ps -a --format '{{.Names}}'").stdout.split() == ["torch-dev", "bert"]
    assert ssh(lab, alpha, "docker volume ls -q").stdout == ""
    assert ssh(lab, alpha, "tmux list-sessions -F '#S'").stdout == "train\n"
    table = gpus.read(alpha)
    assert [gpu["uuid"] for gpu in table.gpus] == list(ALPHA.uuids)
    assert "init" not in table.header


def test_gpus_change_while_things_run(lab: Lab, bravo: str) -> None:
    faults.set_gpus(bravo, {5: {"utilization": 77, "hang": "GetName"}, 7: None}, driver="575.1")
    table = gpus.read(bravo)
    assert (len(table.gpus), table.gpus[5]["utilization"], table.gpus[5]["hang"]) == (7, "77", "GetName")
    seen = faults.run(bravo, ["cat", "/run/gpuws-lab/gpus.txt"], user="carol").stdout.decode()
    assert seen == gpus.text(table)


def test_a_paused_host_is_up_again(lab: Lab) -> None:
    faults.pause("charlie")
    lifecycle.up()
    assert lifecycle.status() == dict.fromkeys(HOSTS, "running")
