"""Keepers on real hosts: killed in the middle of everything, stopped, ended by time, and what each program says."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

import pytest

from tests.e2e.gpuws import PROFILE, Gpuws, configured
from tests.keeper.process import User
from tests.keeper.serving import until
from tests.lab import docker_api, faults

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]
ME = f"kept-{os.getpid()}"
SMALL = "image: gpuws-lab/workspace:latest\npull_policy: never\ngpus: none\nmem_limit: 512m\ntmux: {session: main}\n"
SLOW = PROFILE.replace("gpus: 1", "gpus: none")  # waits for its notebook server


class Person(Gpuws):
    """Somebody at a terminal, and their keeper."""

    @property
    def keeper(self) -> User:
        return User(self.home)

    def kill_keeper(self) -> int:
        pid = self.keeper.one()
        os.kill(pid, signal.SIGKILL)
        until(lambda: pid not in self.keeper.pids(), "its end")
        return pid


@pytest.fixture
def person(lab, short_path):
    """Makes somebody with these hosts; their keepers end with the test."""
    made = []

    def make(hosts="alpha: {}, bravo: {}, charlie: {}", config="", ssh_config=None):
        text = f"hosts: {{{hosts}}}\nlocal: false\nssh_config: {ssh_config or lab.ssh_config}\n"
        user = configured(short_path / f"p{len(made)}", text, [("small", SMALL), ("slow", SLOW)])
        (user.config / "config.yaml").write_text(f"me: [ada]\n{config}")
        made.append(Person(user.home, user.config))
        return made[-1]

    yield make
    for one in made:
        one.keeper.end()


@pytest.fixture
def ada(person):
    return person("alpha: {}")


@pytest.fixture(scope="module")
def box(lab):
    """A container of this module's own on alpha, made without any keeper."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory(prefix="k", dir="/tmp") as home:
        text = f"hosts: {{alpha: {{}}}}\nlocal: false\nssh_config: {lab.ssh_config}\n"
        maker = configured(Path(home), text, [("small", SMALL)])
        env = {**maker.env, "GPUWS_KEEPER": "0"}
        run(env, maker, "launch", "small", "-H", "alpha", "--name", ME)
        yield f"alpha/{ME}"
        run(env, maker, "rm", "-f", "--yes", f"alpha/{ME}")


def run(env, user, *args):
    from tests.e2e.gpuws import COMMAND

    done = subprocess.run([COMMAND, *args], env=env, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr


def sentence(text):
    """The one line that gpuws said; no traceback."""
    assert "Traceback" not in text
    lines = [line for line in text.splitlines() if line.startswith("gpuws: ")]
    assert len(lines) == 1, text
    return lines[0]


def containers(name, host="alpha"):
    listed = docker_api.call(host, "GET", "/containers/json", query={"all": "1"})
    return [one["Id"] for one in listed if f"/{name}" in one["Names"]]


def banner(port):
    """What SSH servers say first."""
    with socket.create_connection(("127.0.0.1", port), 20) as sock:
        sock.settimeout(20)
        return sock.recv(8)


def greets(port):
    try:
        return banner(port) == b"SSH-2.0-"
    except OSError:
        return False


def running(hosts):
    return {(host, p.pid, p.args) for host in hosts for p in faults.processes(host)}


def gone(processes, seconds):
    deadline = time.monotonic() + seconds
    while left := processes & running({host for host, _, _ in processes}):
        assert time.monotonic() < deadline, left
        time.sleep(0.5)


# one keeper for all


def test_commands_share_a_keeper_and_its_link(ada):
    assert ada.json("gpus")["hosts"][0]["state"] == "up"
    pid = ada.keeper.one()
    began = time.monotonic()
    assert ada.ok("exec", "alpha", "--", "echo", "there") == "there\n"
    assert ada.json("ps")["containers"]
    assert ada.keeper.one() == pid
    assert time.monotonic() - began < 10
    status = ada.json("keeper", "status")["keeper"]
    assert (status["pid"], status["hosts"], status["tunnels"]) == (pid, ["alpha"], [])
    assert 500 < status["ends_in_seconds"] <= 600


def test_without_a_keeper_the_same(ada):
    env = {**ada.env, "GPUWS_KEEPER": "0"}
    run(env, ada, "exec", "alpha", "--", "true")
    assert ada.keeper.pids() == []


def test_a_cap_on_gpu_memory_keeps_it(ada):
    name = f"gpuws-capped-{os.getpid()}"
    labels = {"gpuws.owner": "ada", "gpuws.gpu_memory": f"{1 << 30} warn"}
    body = {"Image": "gpuws-lab/workspace:latest", "Entrypoint": [], "Cmd": ["sleep", "600"], "Labels": labels}
    docker_api.call("alpha", "POST", "/containers/create", query={"name": name}, body=body)
    try:
        docker_api.call("alpha", "POST", f"/containers/{name}/start")

        def kept():
            ada.ok("ps", "--json")
            status = ada.json("keeper", "status")["keeper"]
            return status["capped"] == [f"alpha/{name}"] and status["ends_in_seconds"] is None

        until(kept, "that it stays")
        assert f"cap      alpha/{name}: its GPU memory is watched" in ada.ok("keeper", "status")
    finally:
        docker_api.call("alpha", "DELETE", f"/containers/{name}", query={"force": True})
    until(lambda: ada.json("keeper", "status")["keeper"]["ends_in_seconds"] is not None, "that it may end")


def test_status_stop_and_log(ada):
    assert ada.ok("keeper", "status").startswith("no keeper runs")
    assert ada.json("keeper", "status") == {"keeper": None}
    assert ada.ok("keeper", "stop") == "no keeper runs\n"
    port = ada.json("tunnel", "alpha:22", "--keep")["tunnels"][0]["local_port"]
    status = ada.ok("keeper", "status")
    assert f"pid {ada.keeper.one()}" in status
    assert f"127.0.0.1:{port} → alpha:22 (listening)" in status
    assert "while clients, tunnels, waits, tasks, notices or caps on GPU memory need it" in status
    assert greets(port)
    assert "alpha: up" in ada.ok("keeper", "log")
    assert ada.ok("keeper", "log", "-n", "1").count("\n") == 1
    assert f"pid {ada.keeper.one()}" in ada.ok("keeper", "stop", "--dry-run")
    assert ada.keeper.one()
    assert ada.ok("keeper", "stop") == "stopped; 1 tunnel closed\n"
    until(lambda: not ada.keeper.pids(), "its end")
    assert not greets(port)
    assert ada.json("gpus")["hosts"][0]["state"] == "up"
    assert ada.json("tunnels")["tunnels"] == []


def test_the_log_holds_no_secret_and_no_command(ada, box):
    ada.ok("exec", "-e", "TOKEN=hunter2", box, "sh", "-c", "echo hush-hush")
    ada.json("launch", "slow", "-H", "alpha", "--name", f"{ME}-s", "--dry-run")
    log = (ada.home / "state" / "gpuws" / "keeper.log").read_text()
    assert log
    for word in ("hunter2", "hush-hush", "token="):
        assert word not in log


def test_kept_tunnels_outlive_the_command_a_replaced_keeper_and_a_killed_one(ada):
    port = ada.json("tunnel", "alpha:22", "--keep")["tunnels"][0]["local_port"]
    assert greets(port)
    ada.ok("keeper", "stop", "--keep-tunnels")
    assert not greets(port)
    ada.ok("gpus")
    until(lambda: greets(port), "the tunnel", 20)
    ada.kill_keeper()
    assert not greets(port)
    (tunnel,) = ada.json("tunnels")["tunnels"]  # it is there again before it is listed
    assert (tunnel["local_port"], tunnel["target"], tunnel["kept"]) == (port, "alpha:22", True)
    until(lambda: greets(port), "the tunnel", 20)
    ada.ok("tunnels", "close", str(port))
    assert not greets(port)
    ada.kill_keeper()
    ada.ok("gpus")
    assert ada.json("tunnels")["tunnels"] == []


# killed in the middle


def test_killed_during_attach(ada, box):
    with ada.terminal("attach", box) as terminal:
        terminal.wait_for(r"\[main\]|leaves ·")
        terminal.send("echo $((6*7))-before\r")
        terminal.wait_for("42-before")
        ada.kill_keeper()
        terminal.wait_for("connection lost at")
        terminal.wait_for(lambda _: b"[back after" in terminal.raw, 40)  # led there by the next keeper
        terminal.send("echo $((6*7))-after\r")
        text = terminal.wait_for("42-after")  # the session went on
        assert "42-before" in text
        assert b"Traceback" not in terminal.raw
        terminal.press("ctrl+b", "d")
        assert terminal.wait_exit(20) == 0


def test_stopped_during_attach_starts_no_other(ada, box):
    ada.ok("exec", box, "true")  # there is a keeper that knows it
    with ada.terminal("attach", box) as terminal:
        terminal.wait_for(r"\[main\]|leaves ·")
        ada.ok("keeper", "stop")
        terminal.wait_for("the keeper was stopped; what runs there in tmux goes on")
        assert terminal.wait_exit(20) == 255
    assert ada.keeper.pids() == []


def test_killed_during_a_program(ada, box):
    process = ada.popen("exec", box, "--", "sh", "-c", "echo up; exec sleep 600")
    assert process.stdout.readline() == "up\n"
    ada.kill_keeper()
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 255
    assert re.search("keeper|link was lost", sentence(errors))
    assert ada.ok("exec", box, "--", "echo", "again") == "again\n"


def test_killed_during_a_launch_makes_none_twice(ada):
    name = f"{ME}-launch"
    try:
        process = ada.popen("launch", "slow", "-H", "alpha", "--name", name)
        until(lambda: containers(name), "the container", 60)
        ada.kill_keeper()
        _, errors = process.communicate(timeout=30)
        assert process.returncode not in (0, None)
        assert errors.count(f"its keeper ended in the middle: {name} was made") == 1, errors
        assert "Traceback" not in errors
        again = ada.run("launch", "slow", "-H", "alpha", "--name", name)
        assert again.returncode == 5, (again.stdout, again.stderr)  # the name is taken
        assert len(containers(name)) == 1
        assert name in ada.ok("ps", "-a")
    finally:
        ada.run("rm", "-f", "--yes", f"alpha/{name}")
    assert containers(name) == []


def test_killed_during_tunnel_traffic(ada):
    """A program's own tunnel is there again on its port, by the program that opened it."""
    process = ada.popen("tunnel", "alpha:22", "--json")
    try:
        port = json.loads(process.stdout.readline())["tunnels"][0]["local_port"]
        with socket.create_connection(("127.0.0.1", port), 20) as open_one:
            assert open_one.recv(8) == b"SSH-2.0-"
            ada.kill_keeper()
            open_one.settimeout(20)
            with contextlib.suppress(ConnectionResetError):  # it may end in either way
                while open_one.recv(65536):
                    pass
        until(lambda: greets(port), "the tunnel", 30)
        assert process.poll() is None
        assert len(ada.json("tunnels")["tunnels"]) == 1
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in errors
    until(lambda: not greets(port), "its end", 30)


@pytest.fixture
def stranger(person, lab, short_path):
    """Somebody who has never seen alpha: its key is asked for."""
    known = short_path / "known"
    text = lab.ssh_config.read_text()
    own = short_path / "ssh_config"
    own.write_text(re.sub(r"(?im)^(\s*UserKnownHostsFile\s+).*$", rf"\g<1>{known}", text))
    assert str(known) in own.read_text()
    return person("alpha: {}", ssh_config=own)


def test_killed_during_an_open_question(stranger):
    with stranger.terminal("gpus", "alpha") as terminal:
        terminal.wait_for("SHA256:")
        stranger.kill_keeper()
        terminal.send("n\r")  # nobody takes the answer any more; the next keeper may ask once more
        until(lambda: terminal.process.poll() is not None or "SHA256:" in terminal.text[-400:], "an end", 30)
        for _ in range(5):
            if terminal.process.poll() is not None:
                break
            terminal.send("n\r")
            time.sleep(0.5)
        assert terminal.wait_exit(40) == 3
        assert "Traceback" not in terminal.text
    assert not stranger.keeper.home.joinpath("known").exists()
    done = stranger.run("gpus", "alpha")
    assert done.returncode == 3
    assert "host key" in done.stderr


def test_a_question_is_asked_in_three_places_and_answered_in_one(stranger):
    with (
        stranger.terminal("gpus", "alpha") as one,
        stranger.terminal("ps", "alpha") as other,
        stranger.terminal() as screen,
    ):
        for each in (one, other, screen):
            each.wait_for("SHA256:", timeout=30)
        one.send("yes\r")
        screen.wait_for(lambda text: "torch-dev" in text and "SHA256:" not in text, timeout=30)
        other.wait_for("alpha: answered elsewhere", timeout=30)
        assert one.wait_exit(30) == other.wait_exit(30) == 0
        other.wait_for("torch-dev")
        screen.press("q")
        assert screen.wait_exit(30) == 0
    assert stranger.ok("gpus", "alpha")


def test_killed_under_an_open_screen(ada):
    with ada.terminal() as screen:
        screen.wait_for("torch-dev")
        before = ada.kill_keeper()
        until(lambda: ada.keeper.pids(), "another keeper", 20)
        screen.wait_for(r"● alpha", timeout=30)
        screen.wait_for("torch-dev")
        assert ada.keeper.one() != before
        assert "Traceback" not in screen.text
        screen.press("q")
        assert screen.wait_exit(30) == 0


def test_nothing_is_left_on_hosts_after_a_keeper_was_killed(person):
    user = person()
    before = running(("alpha", "bravo", "charlie"))
    user.ok("gpus")
    ours = {p for p in running(("alpha", "bravo", "charlie")) - before if "gpuws-probe" in p[2]}
    assert {host for host, _, args in ours} == {"alpha", "bravo", "charlie"}
    user.kill_keeper()
    gone(ours, 35)


# changes


def test_a_changed_configuration_reaches_an_open_screen(person):
    user = person("alpha: {}")
    with user.terminal() as screen:
        screen.wait_for("torch-dev")
        pid = user.keeper.one()
        hosts = user.config / "hosts.yaml"
        hosts.write_text(hosts.read_text().replace("{alpha: {}}", "{alpha: {}, charlie: {}}"))
        assert {h["name"] for h in user.json("gpus", "alpha")["hosts"]} == {"alpha"}
        screen.wait_for(r"charlie +no NVIDIA driver", timeout=30)
        good = hosts.read_text()
        hosts.write_text("hosts: {alpha: {jmp: x}}\n")
        done = user.run("gpus")
        assert done.returncode == 2
        assert "hosts.yaml:1" in sentence(done.stderr)
        screen.wait_for("● alpha")
        hosts.write_text(good.replace(", charlie: {}", ""))
        user.ok("gpus")
        screen.wait_for(lambda text: "charlie" not in text, timeout=20)
        assert user.keeper.one() == pid
        screen.press("q")
        assert screen.wait_exit(30) == 0


def test_it_ends_by_itself_and_not_while_a_tunnel_is_open(person):
    user = person("alpha: {}", "keeper: {idle: 1s}\n")
    port = user.json("tunnel", "alpha:22", "--keep")["tunnels"][0]["local_port"]
    pid = user.keeper.one()
    assert not threading.Event().wait(3)  # three times as long as it would stay without
    assert user.keeper.one() == pid
    assert greets(port)
    user.ok("tunnels", "close", str(port))
    until(lambda: not user.keeper.pids(), "its end", 30)
    assert "nobody needs the keeper any more" in user.ok("keeper", "log")


def test_a_screen_keeps_it(person):
    user = person("alpha: {}", "keeper: {idle: 1s}\n")
    with user.terminal() as screen:
        screen.wait_for("torch-dev")
        pid = user.keeper.one()
        assert not threading.Event().wait(3)
        assert user.keeper.one() == pid
        screen.press("q")
        assert screen.wait_exit(30) == 0
    until(lambda: not user.keeper.pids(), "its end", 30)


def test_a_readonly_keeper_beside_the_other(ada, box):
    ada.ok("gpus")
    done = ada.run("--readonly", "stop", "--yes", box)
    assert done.returncode == 5
    assert "read-only" in done.stderr
    until(lambda: len(ada.keeper.pids()) == 2, "two keepers")
    ada.ok("--readonly", "keeper", "stop")
    assert ada.keeper.one()
