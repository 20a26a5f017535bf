"""Of what was attached nothing is left within 35 s, whatever ended in the middle: its link, the keeper, gpuws."""

import os
import re
import signal
from contextlib import ExitStack

import pytest

from tests.e2e.attached import HOST, KINDS, gone, kill_keeper, running
from tests.lab import faults

pytestmark = [
    pytest.mark.lab,
    pytest.mark.soak,
    pytest.mark.alone,
    pytest.mark.usefixtures("scene"),
    pytest.mark.timeout(200),
]


def cut_the_link(gpuws, terminals):
    faults.kill_sshd(HOST)
    told(terminals)
    faults.start_sshd(HOST)


def kill_the_keeper(gpuws, terminals):
    kill_keeper(gpuws)
    told(terminals)


def told(terminals):
    for terminal in terminals:
        terminal.wait_for(lambda _, terminal=terminal: b"connection lost" in terminal.raw)


def kill_gpuws(gpuws, terminals):
    for terminal in terminals:
        os.kill(terminal.process.pid, signal.SIGKILL)
        terminal.process.wait(5)


@pytest.mark.parametrize("fault", [cut_the_link, kill_the_keeper, kill_gpuws])
def test_nothing_is_left_and_what_can_comes_back(gpuws, fault):
    """All kinds at once, a terminal each."""
    with ExitStack() as stack:
        for name in ("host tmux", "container tmux"):
            stack.enter_context(KINDS[name].made(gpuws))
        gpuws.ok("ps", HOST)  # the keeper runs there all that it runs by itself
        before = running()
        opened = [(number, kind, stack.enter_context(kind.opened(gpuws))) for number, kind in enumerate(KINDS.values())]
        for number, kind, terminal in opened:
            kind.write(gpuws, terminal, f"echo $((6*7))-before-{number}")
            terminal.wait_for(f"42-before-{number}")
        cut_off = running() - before
        assert len(cut_off) >= len(KINDS)
        fault(gpuws, [terminal for _, _, terminal in opened])
        for number, kind, terminal in opened if fault is not kill_gpuws else ():
            comes_back(gpuws, number, kind, terminal)
        gpuws.ok("ps", HOST)
        gone(cut_off, f"what {fault.__name__} left")


def comes_back(gpuws, number, kind, terminal):
    """A session does, and what it showed; a shell ended with its link."""
    if kind.shell:
        assert terminal.wait_exit(20) == 255
    else:
        terminal.wait_for(lambda _: re.search(rb"\[back after \d+s\]", terminal.raw) is not None, 40)
        kind.write(gpuws, terminal, f"echo $((6*7))-after-{number}")
        terminal.wait_for(f"(?s)42-before-{number}.*42-after-{number}")
        assert kind.leave(terminal) == 0
    assert terminal.restored


def test_the_screens_key_enters_what_was_lost(gpuws):
    with gpuws.terminal() as screen:
        screen.wait_for("torch-dev")
        screen.press("t")
        screen.wait_for("alpha/torch-dev")
        screen.send("alpha/torch-dev")
        screen.wait_for(lambda text: "alpha/torch-dev" in text and "bravo/eval" not in text)
        screen.press("enter")
        screen.wait_for("leaves ·")
        faults.kill_sshd(HOST)
        screen.wait_for("connection lost at")
        screen.send("~.")
        screen.wait_for("left; what runs there goes on, a enters it again")
        faults.start_sshd(HOST)
        screen.wait_for("● alpha", timeout=70)
        screen.press("a")
        screen.wait_for("leaves ·")
        screen.press("ctrl+b", "d")
        screen.wait_for("● alpha")
        screen.press("q")
        assert screen.wait_exit(20) == 0
