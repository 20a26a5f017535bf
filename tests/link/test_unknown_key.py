"""A host key that nobody confirmed and that becomes known by other hands, by either backend."""

import subprocess

import pytest

from gpuws.link.connect.connector import Connector
from gpuws.model.errors import Blocked, HostKeyChanged, HostKeyUnknown
from tests.link.conftest import Person, host_of, nobody

BACKENDS = ("paramiko", "openssh")


def refused(connector, server, backend, kind):
    with pytest.raises(kind) as caught:
        connector.connect(host_of(server, backend=backend), Person(None))
    assert caught.value.known is not None
    assert not caught.value.known()
    return caught.value


def test_ssh_in_a_terminal_makes_it_known(server, backend):
    connector = Connector()
    server.known_hosts.write_text("")
    error = refused(connector, server, backend, HostKeyUnknown)
    assert error.remedy.endswith(f"then connect again and accept it, or add it to {server.known_hosts}")
    server.known_hosts.write_text("another.example ssh-ed25519 AAAA\n")
    assert not error.known()
    accepting = ["ssh", "-F", server.config, "-o", "StrictHostKeyChecking=accept-new", server.alias, "true"]
    subprocess.run(accepting, check=True, stderr=subprocess.DEVNULL, timeout=20)
    assert error.known()
    assert not error.known()  # it said so
    assert connector.connect(host_of(server, backend=backend), nobody).alive
    connector.close()


@pytest.mark.parametrize("strict", ["yes", "ask"])
def test_so_does_whoever_writes_the_file(server, keys, backend, strict):
    connector = Connector()
    server.write_known_hosts(keys.other)
    if strict == "yes":
        server.known_hosts.write_text("")
        server.write_config("StrictHostKeyChecking yes")
    error = refused(connector, server, backend, Blocked if strict == "yes" else HostKeyChanged)
    server.known_hosts.unlink()
    assert not error.known()
    server.write_known_hosts()
    assert error.known()
    assert connector.connect(host_of(server, backend=backend), nobody).alive
    connector.close()
