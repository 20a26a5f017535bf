"""An attach whose link is cut comes back by itself, and leaves nothing behind: on a host and in a container."""

import re

import pytest

from tests.keeper.serving import until
from tests.lab import faults

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("scene"), pytest.mark.timeout(180)]
ME = "cut"


def clients(host):
    """tmux clients there, of the host and of what runs in containers on it."""
    return sum("attach-session" in one.args or "new-session" in one.args for one in faults.processes(host))


@pytest.mark.parametrize("target", [pytest.param(f"alpha:{ME}", marks=pytest.mark.soak), f"alpha/torch-dev:{ME}"])
def test_a_cut_in_the_middle_and_back(gpuws, target):
    with gpuws.terminal("attach", "--new", target) as terminal:
        terminal.wait_for("leaves ·")
        before = clients("alpha")
        terminal.send("echo $((6*7))-before\r")
        terminal.wait_for("42-before")
        for cuts in (1, 2):
            faults.kill_sshd("alpha")
            terminal.wait_for(r"connection lost at \d\d:\d\d:\d\d\]\s+\d+s · .*⏎ tries now · ~\. leaves")
            terminal.send("exit\r")  # meant for a screen that is not there
            faults.start_sshd("alpha")
            terminal.wait_for(lambda _, cuts=cuts: len(re.findall(rb"\[back after \d+s\]", terminal.raw)) == cuts, 40)
            terminal.send(f"echo $((6*7))-after-{cuts}\r")
            terminal.wait_for(f"42-after-{cuts}")
        until(lambda: clients("alpha") <= before, "the end of what the cuts left", 35)
        terminal.send("tmux kill-session\r")
        assert terminal.wait_exit(15) == 0
        assert terminal.restored


@pytest.mark.soak
def test_a_session_that_ended_meanwhile_is_not_made_again(gpuws):
    with gpuws.terminal("attach", "--new", f"alpha:{ME}") as terminal:
        terminal.wait_for("leaves ·")
        faults.kill_sshd("alpha")
        terminal.wait_for("connection lost at")
        faults.run("alpha", ["su", "alice", "-c", f"tmux kill-session -t ={ME}"])
        faults.start_sshd("alpha")
        terminal.wait_for(f"gpuws: alpha:{ME} has ended meanwhile", timeout=40)
        assert terminal.wait_exit(15) == 255
    names = {(one["container"], one["name"]) for one in gpuws.json("tmux", "ls", "alpha")["sessions"]}
    assert (None, ME) not in names


def test_leaving_while_it_is_away(gpuws):
    with gpuws.terminal("attach", "alpha/torch-dev:main") as terminal:
        terminal.wait_for(r"\[main\]|leaves ·")
        faults.kill_sshd("alpha")
        terminal.wait_for("connection lost at")
        terminal.send("~.")
        assert terminal.wait_exit(10) == 255
        assert b"[left; what runs there goes on]" in terminal.raw
        assert terminal.restored
    faults.start_sshd("alpha")
