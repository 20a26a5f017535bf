"""`gpuws doctor` over the whole road: the lab's three hosts, and one whose engine I may not use."""

import time

import pytest

from tests.e2e.gpuws import configured
from tests.lab.fixture import BACKEND

pytestmark = pytest.mark.lab
SOON = 30.0  # seconds on a busy machine


def checks_of(listing):
    return {host["name"]: {check["name"]: check for check in host["checks"]} for host in listing["hosts"]}


def seen_through(checks):
    """What takes a moment on a busy machine is there: a round trip, and what is read of GPUs only for who looks."""
    return all("round trip" in host["link"]["detail"] for host in checks.values()) and "ecc" in checks["bravo"]


def test_three_hosts_of_different_kinds(gpuws):
    deadline = time.monotonic() + SOON
    while not seen_through(checks := checks_of(gpuws.json("doctor"))):
        assert time.monotonic() < deadline, checks
    assert list(checks) == ["alpha", "bravo", "charlie"]
    for host in checks.values():
        assert host["backend"]["detail"] == ("openssh: hosts.yaml says so" if BACKEND == "openssh" else "paramiko")
        assert host["host_key"]["detail"].startswith("ssh-ed25519 SHA256:")
        assert {host[name]["status"] for name in ("link", "host_key", "login", "sessions", "clock", "tmux")} == {"ok"}
        assert host["agent"]["detail"].startswith("gpuws' own agent takes ")
        assert host["agent"]["status"] == "ok"
        assert host["python"]["detail"].endswith("/usr/bin/python3")
    assert "NVIDIA's hook" in checks["alpha"]["engine"]["detail"]
    assert "cgroup" in checks["alpha"]
    assert "GPUs through CDI" in checks["bravo"]["engine"]["detail"]
    assert checks["bravo"]["ecc"]["detail"] == "no uncorrected memory error on 8 GPUs"
    assert checks["charlie"]["driver"]["detail"].startswith("no NVIDIA")
    assert (checks["charlie"]["engine"]["status"], "gpu" in checks["charlie"]) == ("ok", False)


def test_who_may_not_use_docker_is_told_what_to_ask_for(lab, tmp_path):
    hosts = f"hosts: {{alpha-carol: {{}}, nowhere: {{}}}}\nlocal: false\nssh_config: {lab.ssh_config}\n"
    carol = configured(tmp_path / "carol", hosts)
    done = carol.run("doctor", "alpha-carol")
    assert done.returncode == 1
    assert "✗ engine       carol may not use Docker on alpha-carol" in done.stdout
    assert "→ ask its admin for: sudo usermod -aG docker carol" in done.stdout
    assert carol.run("doctor").returncode == 3
