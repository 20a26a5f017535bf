"""A real ssh, by the fragment that `gpuws ssh-config` writes, in a container that has no sshd."""

import os
import subprocess

import pytest

from tests.lab import faults

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("scene")]
NAME = "gpuws.alpha.torch-dev"


class Client:
    """OpenSSH's programs, as a user has them who included the fragment."""

    def __init__(self, gpuws):
        self.user = gpuws
        self.config = gpuws.home / "state" / "gpuws" / "ssh" / "config"

    def write(self):
        return self.user.ok("ssh-config", "--timeout", "30")

    def words(self, program, *args):
        return [program, "-F", str(self.config), *args]

    def run(self, *args, program="ssh", check=True, timeout=60, **more):
        done = subprocess.run(
            self.words(program, *args), env=self.user.env, capture_output=True, timeout=timeout, **more
        )
        assert not check or done.returncode == 0, (args, done)
        return done

    def said(self, *args, **more):
        return self.run(*args, **more).stdout.decode()


@pytest.fixture
def client(gpuws):
    return Client(gpuws)


def logins(host):
    """The connections that its sshd serves."""
    return sorted(one.pid for one in faults.processes(host) if one.args.startswith("sshd: ") and "@" in one.args)


def test_a_container_is_reached_over_the_link_that_the_keeper_holds(client):
    told = dict(line.split() for line in client.write().splitlines())
    assert told[NAME] == "alpha/torch-dev"
    assert "alpha/bert" not in told.values()  # it is bob's
    assert client.run(NAME, "command -v sshd", check=False).returncode == 1
    before = logins("alpha")
    assert client.said(NAME, "pwd; id -u; cat", input=b"given").split() == ["/workspace", "1000", "given"]
    assert client.said(f"root@{NAME}", "id -u").strip() == "0"
    assert client.said("gpuws.charlie", "id -un").strip() == "as1204"  # a host, which may have no engine
    data = os.urandom(3 << 20)
    (client.user.home / "data").write_bytes(data)
    client.run("-p", str(client.user.home / "data"), f"{NAME}:/tmp/data", program="scp")
    assert client.run(NAME, "cat /tmp/data; rm /tmp/data").stdout == data
    assert logins("alpha") == before
    refused = client.user.run("ssh-proxy", "alpha/bert", input="")
    assert (refused.returncode, refused.stdout) == (5, "")
    assert "it is not yours" in refused.stderr
