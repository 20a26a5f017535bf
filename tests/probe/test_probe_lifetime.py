"""The agent ends with gpuws, however gpuws ends."""

import os
import select
import signal
import subprocess
import sys
import threading
import time

import pytest

from gpuws.probe import bootstrap
from gpuws.probe.bootstrap import AgentOptions
from tests.probe.conftest import ended


class Bare:
    """An agent fed by hand, so that its stdin can stay open with nobody behind it."""

    def __init__(self, options: AgentOptions):
        payload = bootstrap.payload(options)
        pipe = subprocess.PIPE
        self.child = subprocess.Popen(bootstrap.argv("nonce", payload), stdin=pipe, stdout=pipe, bufsize=0)
        self.child.stdin.write(payload.first + payload.rest)

    def lines(self, count: int) -> list[bytes]:
        held = b""
        while held.count(b"\n") < count:
            assert select.select([self.child.stdout], [], [], 20)[0], "the agent said nothing"
            chunk = os.read(self.child.stdout.fileno(), 65536)
            assert chunk, "the agent ended"
            held += chunk
        return held.splitlines()[:count]


@pytest.fixture
def bare():
    started = []

    def start(**options):
        started.append(Bare(AgentOptions(**{"interval": 0.2, **options})))
        return started[-1]

    yield start
    for agent in started:
        agent.child.kill()
        agent.child.wait()
        agent.child.stdin.close()
        agent.child.stdout.close()


def test_the_shipped_limits():
    assert AgentOptions() == AgentOptions(interval=2.0, lease=30.0, lifetime=86400.0)


@pytest.mark.alone
def test_it_ends_at_once_when_stdin_ends(bare):
    agent = bare()
    agent.lines(4)
    began = time.monotonic()
    agent.child.stdin.close()
    assert agent.child.wait(5) == 0
    assert time.monotonic() - began < 1


def test_it_ends_without_heartbeats_though_stdin_stays_open(bare):
    agent = bare(lease=1.0)
    agent.lines(4)
    began = time.monotonic()
    for _ in range(6):  # heartbeats keep it alive for longer than its lease
        agent.child.stdin.write(b"\n")
        assert agent.child.poll() is None
        time.sleep(0.25)  # the time between heartbeats is what is tested
    assert agent.child.wait(5) == 0
    assert time.monotonic() - began > 2


def test_it_ends_without_heartbeats_though_nobody_reads(bare):
    agent = bare(lease=1.0, interval=0.001)
    agent.lines(3)
    assert agent.child.wait(10) == 0


def test_it_ends_when_its_reader_is_gone(bare):
    agent = bare()
    agent.lines(3)
    agent.child.stdout.close()
    assert agent.child.wait(5) == 0


def test_it_ends_at_its_age(bare):
    agent = bare(lifetime=1.0)
    agent.lines(3)
    assert agent.child.wait(5) == 0


def test_it_ends_on_sigterm(bare):
    agent = bare()
    agent.lines(3)
    agent.child.terminate()
    assert agent.child.wait(5) == -signal.SIGTERM


def test_ctrl_c_at_the_terminal_is_not_for_it(bare):
    agent = bare()
    agent.lines(3)
    agent.child.send_signal(signal.SIGINT)
    agent.lines(3)
    assert agent.child.poll() is None


def test_it_outlives_the_thread_that_started_it(bare):
    started = []
    thread = threading.Thread(target=lambda: started.append(bare()))
    thread.start()
    thread.join()
    started[0].lines(5)
    assert started[0].child.poll() is None


PARENT = """
import subprocess, sys
from gpuws.probe import bootstrap
payload = bootstrap.payload(bootstrap.AgentOptions(interval=0.2))
child = subprocess.Popen(bootstrap.argv("nonce", payload), stdin=0, stdout=subprocess.PIPE, bufsize=0)
for _ in range(4):
    child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""


def test_it_ends_with_its_parent_though_stdin_stays_open():
    payload = bootstrap.payload(AgentOptions(interval=0.2))
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as parent:
        parent.stdin.write(payload.first + payload.rest)
        agent = int(parent.stdout.readline())
        parent.kill()
        assert ended(agent, 5), "the agent outlived its parent"
