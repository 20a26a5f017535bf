"""Tunnels on real hosts and engines follow the name that they lead to, and come back soon after what cut them."""

import contextlib
import os
import socket
import threading
import time
from contextlib import contextmanager

import pytest

from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.setup import open_fleet, real_setup
from gpuws.model.host.host import HostState
from gpuws.model.session.tunnel import TunnelTarget
from tests.lab import docker_api, faults

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]
ME = f"led-to-{os.getpid()}"
PORT = 7079
SOON = 30.0
PROMISE = 5.0
"""Seconds within which a tunnel leads there again."""

SERVER = f"""
import os, socket
with socket.create_server(("0.0.0.0", {PORT})) as server:
    while True:
        with server.accept()[0] as sock:
            sock.sendall(os.environ["SAYS"].encode())
"""


def run(name, says, host="alpha"):
    """docker run -d: a server that says this to everybody."""
    body = {"Image": "gpuws-lab/workspace:latest", "Cmd": ["python3", "-c", SERVER], "Env": [f"SAYS={says}"]}
    made = docker_api.call(host, "POST", "/containers/create", query={"name": name}, body=body)
    docker_api.call(host, "POST", f"/containers/{made['Id']}/start")
    return made["Id"]


def remove(name, host="alpha"):
    """docker rm -f."""
    docker_api.call(host, "DELETE", f"/containers/{name}", query={"force": "1"})


def said(port):
    """What the server says; "" where the connection is reset."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), SOON) as sock:
        sock.settimeout(SOON)
        return sock.recv(100).decode()
    return ""


def until(holds, seconds=SOON):
    """How long it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds
        time.sleep(0.05)
    return time.monotonic() - began


@pytest.fixture(scope="module")
def fleet(lab):
    setup = real_setup(Options(config_dir=str(lab.config_dir)))
    with open_fleet(setup, ("alpha",)) as fleet:
        until(lambda: all("containers" in s.complete and s.state is HostState.UP for s in fleet.snapshots()))
        yield fleet


@pytest.fixture
def name():
    remove(ME)
    yield ME
    remove(ME)


def opened(fleet, workspace_id, port):
    """Once it is listed: one of its name that was removed may be until then."""

    def listed():
        return [one for s in fleet.snapshots() for one in s.workspaces if one.id == workspace_id and one.alive]

    until(listed)
    return fleet.open_tunnel(TunnelTarget("alpha", listed()[0].typed, port))


def now(fleet, target):
    return next(one for one in fleet.tunnels() if one.target == target)


def test_removed_and_run_again_under_the_same_name_the_same_port_leads_there(fleet, name):
    tunnel = opened(fleet, run(name, "one"), PORT)
    assert tunnel.target == TunnelTarget("alpha", name, PORT)
    until(lambda: said(tunnel.local_port) == "one")
    assert now(fleet, tunnel.target).state == "up"

    remove(name)
    assert said(tunnel.local_port) == ""
    gone = now(fleet, tunnel.target)
    assert (gone.state, gone.error) == ("gone", f"alpha has no container {name}")

    run(name, "two")
    assert until(lambda: said(tunnel.local_port) == "two") < PROMISE
    until(lambda: now(fleet, tunnel.target).state == "up")
    again = now(fleet, tunnel.target)
    assert (again.local_port, again.error, again.last_error) == (tunnel.local_port, None, gone.error)
    fleet.close_tunnel(tunnel.id)


def test_stopped_it_is_gone_and_started_with_another_address_it_is_led_to(fleet, name):
    first = run(name, "first")
    tunnel = opened(fleet, first, PORT)
    until(lambda: said(tunnel.local_port) == "first")
    docker_api.call("alpha", "POST", f"/containers/{first}/stop", query={"t": "0"})
    until(lambda: now(fleet, tunnel.target).state == "gone")
    assert "exited" in now(fleet, tunnel.target).error
    other = run(f"{name}-x", "another")  # it takes the address that was free
    try:
        docker_api.call("alpha", "POST", f"/containers/{first}/start")
        assert until(lambda: said(tunnel.local_port) == "first") < PROMISE
    finally:
        remove(other)
        fleet.close_tunnel(tunnel.id)


def test_renamed_away_the_name_means_whoever_took_it(fleet, name):
    old = run(name, "old")
    tunnel = opened(fleet, old, PORT)
    until(lambda: said(tunnel.local_port) == "old")
    docker_api.call("alpha", "POST", f"/containers/{old}/rename", query={"name": f"{name}-before"})
    try:
        run(name, "new")
        assert until(lambda: said(tunnel.local_port) == "new") < PROMISE
    finally:
        remove(old)
        fleet.close_tunnel(tunnel.id)


def test_where_nothing_listens_it_refuses_and_says_so(fleet, name):
    tunnel = opened(fleet, run(name, "there"), PORT + 1)
    assert tunnel.state == "listening"  # nobody went through yet
    assert said(tunnel.local_port) == ""
    refused = now(fleet, tunnel.target)
    assert refused.state == "refuses"
    assert f"port {PORT + 1}" in refused.error
    fleet.close_tunnel(tunnel.id)


# traffic wakes the link


@contextmanager
def refused():
    """Nothing listens where sshd was."""
    faults.kill_sshd("alpha")
    try:
        yield
    finally:
        faults.start_sshd("alpha")


class Waiting:
    """Somebody who connected, and waits for what the server says."""

    def __init__(self, port):
        self.answer = ""
        self.at = 0.0
        self._thread = threading.Thread(target=self._wait, args=(port,), daemon=True)
        self._thread.start()

    def _wait(self, port):
        self.answer = said_at_last(port)
        self.at = time.monotonic()

    def join(self):
        self._thread.join(120)
        assert not self._thread.is_alive()


def said_at_last(port):
    with socket.create_connection(("127.0.0.1", port), 5) as sock:
        sock.settimeout(120)
        return sock.recv(100).decode()


def over_a_fault(fleet, name, fault, seconds):
    """Seconds from its end until one who connected in the middle of it had an answer; with what was told meanwhile."""
    tunnel = opened(fleet, run(name, "here"), PORT)
    try:
        until(lambda: said(tunnel.local_port) == "here")
        with fault():
            until(lambda: now(fleet, tunnel.target).state == "waiting")
            waiting = Waiting(tunnel.local_port)
            time.sleep(seconds)
            told = now(fleet, tunnel.target)
        ended = time.monotonic()
        waiting.join()
        assert waiting.answer == "here"
        until(lambda: now(fleet, tunnel.target).state == "up")
        return waiting.at - ended, told
    finally:
        fleet.close_tunnel(tunnel.id)


@pytest.mark.soak
def test_a_connection_made_while_the_host_refuses_is_answered_soon_after(fleet, name):
    took, told = over_a_fault(fleet, name, refused, 6.0)
    assert took < PROMISE
    assert (told.state, told.connections) == ("waiting", 1)
    assert told.error.startswith("alpha: ")  # and says why
    assert told.since < time.time() - 6.0
