"""attach where this terminal is a window of a tmux here, and where it is a dumb one."""

import os
import shutil
import subprocess
import time

import pytest

from gpuws.workstation import around
from tests.cli.conftest import COMMAND

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed here")


@pytest.fixture
def outer(tmp_path, monkeypatch):
    """A tmux of the test's own around it; runs its commands."""
    monkeypatch.delenv("TMUX", raising=False)

    def run(*words):
        done = subprocess.run(
            ["tmux", "-S", str(tmp_path / "outer"), "-f", "/dev/null", *words],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    run("new-session", "-d", "-x", "100", "-y", "30", "sleep 600")
    monkeypatch.setenv("TMUX", run("display-message", "-p", "#{socket_path},#{pid},0").strip())
    yield run
    run("kill-server")


def test_its_prefix_is_known(outer):
    assert around.prefix_around() == "C-b"
    outer("set-option", "-g", "prefix", "C-a")
    assert around.prefix_around() == "C-a"


@pytest.mark.usefixtures("outer")
def test_one_that_does_not_answer_has_the_usual_one(monkeypatch):
    monkeypatch.setenv("TMUX", "/nowhere/tmux,1,0")
    assert around.prefix_around() == "C-b"
    monkeypatch.delenv("TMUX")
    assert around.prefix_around() == ""


def test_the_keys_are_the_ones_that_get_there(outer, terminal):
    tty = terminal("attach", "alpha/torch-dev", TMUX=os.environ["TMUX"])
    tty.wait_for(r"\[main\]")
    assert b"ctrl-b ctrl-b d leaves" in tty.raw


def test_a_window_of_it_instead_of_one_in_the_other(outer, gpuws):
    done = gpuws("attach", "--new-window", "alpha:data", TMUX=os.environ["TMUX"])
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert outer("list-windows", "-F", "#{window_name}").splitlines()[1:] == ["alpha:data"]
    deadline = time.monotonic() + 20
    while "[data]" not in (shown := outer("capture-pane", "-p", "-t", ":1")):
        assert time.monotonic() < deadline, shown
        time.sleep(0.05)


def test_without_one_there_is_no_window_to_open(gpuws):
    done = gpuws("attach", "--new-window", "alpha:data", TMUX="")
    assert done.returncode == 255
    assert done.stderr.startswith(
        "gpuws: --new-window opens a window of the tmux around this terminal, and there is none"
    )


def test_a_dumb_terminal_is_answered_in_a_sentence(on_terminal):
    tty = on_terminal(["env", "TERM=dumb", COMMAND, "attach", "alpha/torch-dev"])
    tty.wait_for("gpuws: this terminal is a dumb one")
    assert tty.wait_exit() == 5
