"""tmux sessions as the agent sees them."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from gpuws.probe.agent.tmux import MOST_SERVERS, sockets
from tests.probe.conftest import ended
from tests.tmux.driving import swept

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed here")


class Server:
    """A tmux server of its own."""

    def __init__(self, folder: Path):
        self.env = {"TMUX_TMPDIR": str(folder), "LC_ALL": "C", "SHELL": "/bin/sh", "TMUX": "/nonexistent,1,0"}

    def run(self, *words: str) -> str:
        env = {**os.environ, **self.env}
        del env["TMUX"]
        return subprocess.run(["tmux", *words], env=env, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    with swept(tmp_path):
        server.run("-f", "/dev/null", "new-session", "-d", "-s", "übung 1", "exec sleep 1000")
        pid = int(server.run("display-message", "-p", "#{pid}"))
        yield server, pid
        os.kill(pid, signal.SIGCONT)


def own(sessions):
    """Without those at servers of other tests."""
    return [one for one in sessions if not one.socket]


def listed(watched):
    """Once they were: on a busy machine the first sample may come before."""
    return own(watched.reading(lambda reading: reading.sessions is not None).sessions)


def test_sessions_of_the_login_user(server, watch):
    server, _ = server
    watched = watch(server.env)
    [session] = listed(watched)
    assert (session.name, session.command, session.attached) == ("übung 1", "sleep", 0)
    assert watched.reading().sessions is None  # not asked every time
    server.run("new-session", "-d", "-s", "second", ";", "set-option", "@gpuws_owner", "ann@desk")
    told = watched.reading(lambda reading: reading.sessions and len(own(reading.sessions)) == 2).sessions
    assert {session.name: session.mark for session in own(told)} == {"übung 1": None, "second": "ann@desk"}


def test_a_slow_tmux_tells_with_a_later_sample(server, watch, tmp_path):
    server, _ = server
    slow = tmp_path / "tmux"
    slow.write_text(f'#!/bin/sh\nsleep 0.6; exec {shutil.which("tmux")} "$@"\n')
    slow.chmod(0o700)
    watched = watch({**server.env, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert [session.name for session in listed(watched)] == ["übung 1"]


def test_no_server_is_no_sessions(watch, tmp_path):
    assert listed(watch({"TMUX_TMPDIR": str(tmp_path)})) == []


def test_a_process_on_a_gpu_knows_its_session(server, nvml, watch):
    server, _ = server
    pid = int(server.run("display-message", "-p", "-t", "=übung 1:", "#{pane_pid}"))
    nvml.write(f"driver = 580.1\ncuda = 13000\n[gpu]\nuuid = GPU-1\nname = A\nprocesses = {pid}:4096:3\n")
    reading = watch({**server.env, **nvml.env}).reading()
    assert reading.processes[0].session == "übung 1"


def test_a_hung_server_stops_nothing_and_leaves_nothing(server, watch):
    server, pid = server
    watched = watch(server.env)
    assert listed(watched)
    os.kill(pid, signal.SIGSTOP)
    began = watched.reading().taken_at
    assert all(not watched.reading().sessions for _ in range(3))
    assert watched.reading().taken_at < began + 5
    children = Path(f"/proc/{watched.child.pid}/task")
    pids = {int(word) for file in children.glob("*/children") for word in file.read_text().split()}
    assert pids
    watched.probe.close()
    watched.child.wait(3)
    assert all(ended(pid, 8) for pid in pids)


def test_servers_on_other_sockets_are_told_with_the_processes_in_them(server, nvml, watch, tmp_path):
    server, _ = server
    if len(sockets(os.getuid())) + 2 > MOST_SERVERS:
        pytest.skip("more tmux servers run here than are told of")
    server.run("-L", "work", "-f", "/dev/null", "new-session", "-d", "-s", "main", "exec sleep 1000")
    server.run("-S", f"{tmp_path}/own", "-f", "/dev/null", "new-session", "-d", "-s", "main", "exec sleep 1000")
    pid = int(server.run("-L", "work", "display-message", "-p", "-t", "main", "#{pane_pid}"))
    nvml.write(f"driver = 580.1\ncuda = 13000\n[gpu]\nuuid = GPU-1\nname = A\nprocesses = {pid}:4096:3\n")
    reading = watch({**server.env, **nvml.env}).reading()
    told = {one.name: one.socket for one in reading.sessions if str(tmp_path) in one.socket or not one.socket}
    assert told == {
        "übung 1": "",
        "work/main": f"{tmp_path}/tmux-{os.getuid()}/work",
        f"{tmp_path}/own/main": f"{tmp_path}/own",
    }
    assert reading.processes[0].session == "work/main"
