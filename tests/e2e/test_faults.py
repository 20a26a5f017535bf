"""A hung host, an absent one, and what stays behind when gpuws is gone."""

import json
import os
import re
import signal
import time

import pytest

from tests.e2e.gpuws import configured
from tests.keeper.serving import until
from tests.lab import faults

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("scene")]


@pytest.fixture
def four(lab, tmp_path):
    """alpha, bravo, charlie, and a fourth host that does not exist."""
    hosts = "hosts: {alpha: {}, bravo: {}, charlie: {}, nowhere: {}}\n"
    return configured(
        tmp_path / "ada", f"{hosts}local: false\nssh_config: {lab.ssh_config}\ndefaults: {{connect_timeout: 5}}\n"
    )


@pytest.fixture
def hung_bravo(lab):
    faults.pause("bravo")
    yield
    faults.unpause("bravo")


@pytest.fixture
def slow_alpha(lab):
    """A driver that takes long to start, until the test says otherwise."""
    faults.set_gpus("alpha", hang="Init")
    yield lambda: faults.set_gpus("alpha", hang="")
    faults.set_gpus("alpha", hang="")


@pytest.mark.soak
def test_a_launch_waits_for_a_driver_that_takes_long_to_start(gpuws, slow_alpha):
    alone = gpuws.alone
    waiting = alone.popen("launch", "lab", "-H", "alpha", "--dry-run", "--timeout", "60", "--json")
    done = alone.run("launch", "lab", "-H", "alpha", "--dry-run", "--timeout", "4")
    assert (done.returncode, done.stdout) == (3, "")
    assert "alpha: its GPUs are not read yet: waiting for NVML" in done.stderr
    assert waiting.poll() is None
    slow_alpha()
    out, err = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, err
    assert len(json.loads(out)["gpus"]) == 1


@pytest.fixture
def shut_alpha(lab):
    """A driver that lets nobody but root read how much memory is in use."""
    faults.set_gpus("alpha", error="GetMemoryInfo:NoPermission")
    yield
    faults.set_gpus("alpha", error="")


@pytest.mark.usefixtures("shut_alpha")
@pytest.mark.soak
def test_what_may_not_be_read_is_given_to_nobody(gpuws):
    alone = gpuws.alone
    waiting = alone.popen("wait", "-H", "alpha", "--gpus", "1", "--for", "6s")
    gpus = json.loads(alone.ok("gpus", "alpha", "--json"))["hosts"][0]["gpus"]
    unread = [gpu["index"] for gpu in gpus if gpu["free"] is None]
    assert unread
    assert {gpu["free"] for gpu in gpus} == {None, False}
    assert {gpus[index]["reason"] for index in unread} == {"memory can't be read: no permission"}
    named = alone.run("launch", "lab", "-H", "alpha", "--gpus", f"device={unread[0]}")
    assert (named.returncode, named.stdout) == (5, "")
    assert f"alpha/{unread[0]}" in named.stderr
    out, err = waiting.communicate(timeout=60)
    assert (waiting.returncode, out) == (1, ""), err
    assert "memory can't be read: no permission" in err


@pytest.mark.usefixtures("hung_bravo")
def test_one_hung_and_one_absent_host_cost_the_others_nothing(four):
    done = four.run("gpus", "--timeout", "3", "--json")
    hosts = {host["name"]: host for host in json.loads(done.stdout)["hosts"]}
    assert done.returncode == 3
    assert (hosts["alpha"]["state"], len(hosts["alpha"]["gpus"])) == ("up", 4)
    assert hosts["charlie"]["state"] == "up"
    assert hosts["bravo"]["state"] in ("connecting", "down")
    assert hosts["nowhere"]["state"] == "down"
    assert "nowhere" in done.stderr
    assert four.run("gpus", "--timeout", "3", "--allow-partial").returncode == 0
    assert four.ok("exec", "alpha/torch-dev", "--", "echo", "inside") == "inside\n"
    assert four.ok("exec", "charlie", "--", "echo", "there") == "there\n"


@pytest.mark.alone
@pytest.mark.usefixtures("hung_bravo")
def test_the_screen_works_and_quits_in_a_second_with_hung_hosts(four):
    with four.terminal() as screen:
        screen.wait_for(r"torch-dev")
        screen.wait_for(r"nowhere.*(refused|retry)")
        screen.press("q")
        begun = time.monotonic()
        assert screen.wait_exit(20) == 0
        assert time.monotonic() - begun < 1.0


HOSTS = ("alpha", "bravo", "charlie")


def running(host):
    return {(process.user, process.args) for process in faults.processes(host)}


def wait_until_gone(before, seconds):
    """The promise: no process of gpuws' own is left on any host after this long."""
    deadline = time.monotonic() + seconds
    while left := [(host, process) for host in HOSTS for process in running(host) - before[host]]:
        assert time.monotonic() < deadline, left
        time.sleep(0.25)


@pytest.mark.parametrize("kill", [False, True], ids=["after quitting", "after kill -9"])
def test_nothing_is_left(gpuws, kill):
    before = {host: running(host) for host in HOSTS}
    with gpuws.alone.terminal() as screen:
        screen.wait_for("torch-dev")
        screen.wait_for("eval")
        for host in HOSTS:
            until(lambda host=host: any("gpuws-probe" in args for _, args in running(host)), f"the probe on {host}")
        if kill:
            os.kill(screen.process.pid, signal.SIGKILL)
            screen.process.wait(5)
        else:
            screen.press("q")
            assert screen.wait_exit(20) == 0
    wait_until_gone(before, 35)


def test_an_exec_orphaned_by_kill_9_ends_at_the_next_connect_and_what_the_user_started_stays(gpuws):
    mark = f"4242.{time.time_ns()}"  # nobody else's
    with gpuws.alone.terminal(
        "exec", "-it", "alpha/torch-dev", "sh", "-c", f"tmux new-session -d -s kept; echo up; exec sleep {mark}"
    ) as terminal:
        terminal.wait_for("up")
        os.kill(terminal.process.pid, signal.SIGKILL)
        terminal.process.wait(5)

    def sleeping():
        return any(process.args == f"sleep {mark}" for process in faults.processes("alpha"))

    until(sleeping, "the program that was left")
    # The next connection of the same workstation: long enough for it to look.
    with gpuws.terminal() as screen:
        screen.wait_for("torch-dev")
        deadline = time.monotonic() + 20
        while sleeping():
            assert time.monotonic() < deadline, "the orphaned exec is still there"
            time.sleep(0.25)
        screen.press("q")
        assert screen.wait_exit(20) == 0
    names = {s["name"] for s in gpuws.json("tmux", "ls", "alpha")["sessions"] if s["container"] == "torch-dev"}
    assert {"main", "kept"} <= names
    gpuws.ok("tmux", "kill", "--yes", "alpha/torch-dev:kept")


def test_a_lost_link_comes_back_by_itself(gpuws):
    with gpuws.terminal() as screen:
        screen.wait_for(lambda text: bool(re.search(r"● alpha +4×", text)) and "torch-dev" in text)
        faults.kill_sshd("alpha")
        # old values stay
        screen.wait_for(lambda text: bool(re.search(r"✗ alpha.*retry", text)) and "torch-dev" in text, timeout=30)
        faults.start_sshd("alpha")
        screen.wait_for(r"● alpha", timeout=70)
        screen.press("q")
        assert screen.wait_exit(20) == 0
