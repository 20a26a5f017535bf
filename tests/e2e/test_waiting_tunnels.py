"""A tunnel to a host that is down takes its port, says that it waits, and leads there once the host is there."""

import contextlib
import os
import signal
import socket
import threading
import time

import pytest

from gpuws.link.forward.listener import Forward
from gpuws.link.streams import SocketStream
from tests.e2e.gpuws import configured
from tests.fleet.test_tunnels_on_the_lab import PORT, PROMISE, remove, run
from tests.lab.hosts import HOSTS, SSH_PORT

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]
NAME = f"awaited-{os.getpid()}"
SOON = 30.0


class Later:
    """alpha, at an address of this machine behind which nobody is yet."""

    def __init__(self, lab, folder):
        address = HOSTS["alpha"].address
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        config = folder / "ssh_config"
        there = f"Host alpha\n  HostName 127.0.0.1\n  Port {self._port}\n  HostKeyAlias [{address}]:{SSH_PORT}\n"
        config.write_text(there + lab.ssh_config.read_text())
        self._dial = lambda: SocketStream(socket.create_connection((address, SSH_PORT), SOON), "alpha")
        self._way = None
        hosts = f"hosts: {{alpha: {{}}, alpha-nokey: {{}}}}\nlocal: false\nssh_config: {config}\n"
        self.user = configured(folder / "ada", hosts, ())

    def come(self):
        self._way = Forward(self._dial, port=self._port)

    def close(self):
        if self._way is not None:
            self._way.close()


@pytest.fixture
def later(lab, tmp_path):
    made = Later(lab, tmp_path)
    remove(NAME)
    run(NAME, "here at last")
    yield made
    made.close()
    remove(NAME)


class Waiting(threading.Thread):
    """Somebody who has connected, and waits for the server."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.answer, self.at = int(port), "", 0.0
        self.start()

    def run(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), SOON) as sock:
            sock.settimeout(90)
            self.answer = sock.recv(100).decode()
            self.at = time.monotonic()


def led(line):
    """The local port of `127.0.0.1:PORT → TARGET`."""
    here, _, there = line.strip().partition(" → ")
    assert there == f"alpha/{NAME}:{PORT}"
    return here.rpartition(":")[2]


def hear(process, words):
    """Until it has said that."""
    said = iter(process.stderr.readline, "")
    assert any(words in line for line in said)


@pytest.mark.alone
def test_a_kept_one_waits_listed_with_the_reason_and_leads_there_when_the_host_comes(later):
    done = later.user.run("tunnel", f"alpha/{NAME}:{PORT}", "--keep")
    assert done.returncode == 0, done.stderr
    assert "the host is away; the port is kept: alpha: " in done.stderr
    port = led(done.stdout)
    (listed,) = later.user.json("tunnels")["tunnels"]
    assert (listed["state"], listed["local_port"], listed["kept"]) == ("waiting", int(port), True)
    assert "refuses connections" in listed["error"]
    waiting = Waiting(port)
    while later.user.json("tunnels")["tunnels"][0]["connections"] != 1:
        assert waiting.is_alive()
    came = time.monotonic()
    later.come()
    waiting.join(SOON)
    assert waiting.answer == "here at last"
    assert waiting.at - came < PROMISE
    (listed,) = later.user.json("tunnels")["tunnels"]
    assert (listed["state"], listed["error"]) == ("up", None)


def test_one_that_lives_with_its_command_waits_too_and_says_when_it_is_over(later):
    process = later.user.popen("tunnel", f"alpha/{NAME}:{PORT}")
    port = led(process.stdout.readline())
    hear(process, "the host is away; the port is kept: alpha: ")
    hear(process, "open until Ctrl-C")
    later.come()
    waiting = Waiting(port)
    waiting.join(SOON)
    assert waiting.answer == "here at last"
    hear(process, "the link is back")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=SOON)


def test_a_host_that_takes_a_person_or_that_nobody_knows_is_not_waited_for(later):
    later.come()
    refused = later.user.run("tunnel", "alpha-nokey:22", "--keep")
    assert refused.returncode == 3
    assert "alpha-nokey" in refused.stderr
    unknown = later.user.run("tunnel", f"nowhere/{NAME}:{PORT}", "--keep")
    assert (unknown.returncode, "no host 'nowhere'" in unknown.stderr) == (4, True)
    assert later.user.json("tunnels")["tunnels"] == []
