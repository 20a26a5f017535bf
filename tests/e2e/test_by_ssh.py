"""A host that the system's ssh reaches (`backend: openssh`) is used as any other."""

import socket

import pytest

from tests.e2e.gpuws import configured

pytestmark = [pytest.mark.lab, pytest.mark.soak, pytest.mark.timeout(180)]


@pytest.fixture
def ada(lab, tmp_path):
    hosts = f"hosts: {{alpha: {{backend: openssh}}}}\nlocal: false\nssh_config: {lab.ssh_config}\n"
    return configured(tmp_path / "ada", hosts, [])


def test_gpus_containers_programs_and_a_tunnel(lab, ada):
    (host,) = ada.json("gpus")["hosts"]
    assert (host["name"], host["state"]) == ("alpha", "up")
    assert {gpu["uuid"] for gpu in host["gpus"]} == set(lab.hosts["alpha"].uuids)
    (host,) = ada.json("ps")["hosts"]
    assert host["state"] == "up"
    done = ada.run("exec", "alpha", "--", "sh", "-c", "echo here; exit 7")
    assert (done.returncode, done.stdout) == (7, "here\n")
    ada.ok("tunnel", "alpha:22", "--keep")
    (tunnel,) = ada.json("tunnels")["tunnels"]
    with socket.create_connection(("127.0.0.1", tunnel["local_port"]), 10) as through:
        assert through.recv(4) == b"SSH-"
    assert "openssh" in ada.run("doctor", "alpha", "-v").stdout
