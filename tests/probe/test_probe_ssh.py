"""The probe over a real sshd: nothing of it stays on a host, however its client ends."""

import queue
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gpuws.link.connect.connector import Connector
from gpuws.model.gpu.reading import HostFacts, HostReading
from gpuws.model.host.host import Host
from gpuws.probe.bootstrap import AgentOptions
from gpuws.probe.client import Probe
from tests.keeper.serving import until
from tests.link import sshd
from tests.probe.conftest import ended

CLIENT = """
import sys, threading
from gpuws.link.connect.connector import Connector
from gpuws.model.host.host import Host
from gpuws.probe.bootstrap import AgentOptions
from gpuws.probe.client import Probe
host = Host("box", ssh_config=sys.argv[1])
link = Connector().connect(host, lambda question: None)
options = AgentOptions(0.2, 2.0, 600.0)
probe = Probe(link, host, print, lambda _: print(probe._nonce, flush=True), print, options=options)
probe.start()
threading.Event().wait()
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    if reason := sshd.missing():
        pytest.skip(reason)
    keys = sshd.Keys(tmp_path_factory.mktemp("keys"))
    with sshd.serve(tmp_path_factory.mktemp("sshd"), keys) as server:
        server.write_known_hosts()
        server.write_config()
        yield server


@pytest.fixture
def client(server):
    """A program that watches the host, the pid of its agent there."""
    command = [sys.executable, "-c", CLIENT, str(server.config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline().startswith("HostFacts")
        yield child, agent(child.stdout.readline().strip())
        child.kill()


def agent(nonce: str) -> int:
    """The pid of the one process that was started with `nonce`; a child of it is named so, too, until it runs
    something else."""
    return until(lambda: len(found := named(nonce)) == 1 and found, "one agent")[0]


def named(nonce: str) -> list[int]:
    found = []
    for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = cmdline.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"gpuws-probe" in words and nonce.encode() in words:
            found.append(int(cmdline.parent.name))
    return found


def test_samples_cross_ssh_and_closing_ends_the_agent(server):
    host = Host("box", ssh_config=str(server.config))
    connector = Connector()
    try:
        link = connector.connect(host, lambda question: None)
        messages, ends = queue.Queue(), queue.Queue()
        probe = Probe(link, host, messages.put, messages.put, ends.put, options=AgentOptions(0.2))
        probe.start()
        assert isinstance(messages.get(timeout=20), HostFacts)
        assert isinstance(messages.get(timeout=20), HostReading)
        pid = agent(probe._nonce)
        probe.close()
        assert ended(pid, 5)
        assert ends.empty()
    finally:
        connector.close()


def test_a_link_that_is_closed_ends_both_sides(server):
    host = Host("box", ssh_config=str(server.config))
    connector = Connector()
    messages, ends = queue.Queue(), queue.Queue()
    probe = Probe(
        connector.connect(host, lambda question: None),
        host,
        messages.put,
        messages.put,
        ends.put,
        options=AgentOptions(0.2),
    )
    probe.start()
    messages.get(timeout=20)
    pid = agent(probe._nonce)
    connector.close()
    assert ended(pid, 5)
    assert ends.get(timeout=5)


def test_a_killed_client_leaves_nothing(client):
    child, pid = client
    child.kill()
    assert ended(pid, 5)


def test_a_client_that_hangs_leaves_nothing(client):
    child, pid = client
    began = time.monotonic()
    child.send_signal(signal.SIGSTOP)
    assert ended(pid, 10)
    assert time.monotonic() - began > 0.5  # by its lease: the connection stands
    child.send_signal(signal.SIGCONT)
