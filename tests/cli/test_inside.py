"""exec, attach, shell, logs, tunnels: statuses, streams and terminals."""

from __future__ import annotations

import json
import signal
import urllib.request

import pytest


def test_exec_returns_the_programs_status_and_streams(gpuws):
    assert gpuws("exec", "alpha", "true").returncode == 0
    assert gpuws("exec", "alpha/torch-dev", "sh", "-c", "exit 7").returncode == 7
    missing = gpuws("exec", "alpha", "frobnicate")
    assert missing.returncode == 127
    assert missing.stdout == ""
    assert missing.stderr == "frobnicate: command not found\n"


def test_exec_hands_over_input_only_when_asked(gpuws):
    assert gpuws("exec", "-i", "alpha/torch-dev", "cat", typed="through").stdout == "through"
    assert gpuws("exec", "alpha/torch-dev", "cat", typed="not through").stdout == ""


def test_what_follows_the_target_belongs_to_the_program(gpuws):
    assert gpuws("exec", "alpha", "echo", "--help", "-i").stdout == "--help -i\n"
    assert gpuws("exec", "alpha", "--", "echo", "--", "-x").stdout == "-- -x\n"


def test_exec_takes_user_directory_and_environment(gpuws):
    theirs = ("--yes-not-mine", "jup", "alpha/jup")
    assert gpuws("exec", "-u", "root", *theirs, "whoami").stdout == "root\n"
    assert gpuws("exec", "-w", "/tmp", *theirs, "pwd").stdout == "/tmp\n"
    given = gpuws("exec", "-e", "A=1", "-e", "FROM_HERE", "-e", "NOT_HERE", *theirs, "env", FROM_HERE="2")
    assert given.stdout == "A=1\nFROM_HERE=2\n"


@pytest.mark.parametrize(
    "words",
    [
        ("exec", "nowhere", "true"),
        ("exec", "golf", "true"),
        ("exec", "alpha/old-exp", "true"),
        ("exec", "alpha", "--"),
        ("attach", "--write", "--read-only", "alpha/jup"),
    ],
)
def test_our_own_failure_is_255_as_with_ssh(gpuws, words):
    said_in_one_sentence(gpuws(*words), 255)


@pytest.mark.parametrize(
    "words",
    [
        ("exec", "-t", "alpha", "true"),
        ("exec", "--readonly", "alpha", "true"),
        ("exec", "alpha/jup", "true"),
        ("exec", "--yes-not-mine", "torch-dev", "alpha/jup", "true"),
        ("attach", "alpha:main"),
        ("attach",),
        ("attach", "--write", "alpha/jup"),
        ("attach", "--detach-others", "alpha/jup"),
        ("attach", "--write", "--yes-not-mine", "torch-dev", "alpha/jup"),
        ("attach", "--write", "--readonly", "alpha:data"),
        ("attach", "--readonly", "alpha"),
        ("shell", "alpha"),
        ("shell", "alpha/jup"),
    ],
)
def test_a_refusal_is_5_for_nothing_was_begun(gpuws, words):
    said_in_one_sentence(gpuws(*words), 5)


def said_in_one_sentence(done, code):
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("gpuws: ")
    assert "Traceback" not in done.stderr


def test_attach_to_a_container_says_how_to_leave_and_leaves(terminal):
    tty = terminal("attach", "alpha/torch-dev")
    tty.wait_for(r"\[main\] 0:python")
    assert b"ctrl-b d leaves" in tty.raw
    tty.wait_for("loss")
    tty.press("ctrl+b", "d")
    tty.wait_for(r"\[detached \(from session main\)\]")
    assert tty.wait_exit() == 0


def test_what_is_not_mine_is_looked_on_under_its_owners_name(terminal):
    tty = terminal("attach", "alpha/jup")
    tty.wait_for("step 18420")
    assert b"gpuws: alpha/jup is bob's: you look on. To write: W" in tty.raw
    assert b"\x1b[22;2t\x1b]2;alpha/jup is bob's" in tty.raw
    tty.press("ctrl+c", "ctrl+b", "d")
    assert tty.wait_exit() == 0
    tty.wait_for(lambda _: b"\x1b[23;2t" in tty.raw)
    assert b"KeyboardInterrupt" not in tty.raw


def test_what_is_not_mine_is_written_into_once_its_name_is_given(terminal):
    tty = terminal("attach", "--write", "--yes-not-mine", "jup", "alpha/jup")
    tty.wait_for("step 18420")
    tty.press("ctrl+c")
    tty.wait_for("KeyboardInterrupt")
    tty.press("ctrl+b", "d")
    assert tty.wait_exit() == 0


@pytest.mark.parametrize("flag", ["--readonly", "--read-only"])
def test_mine_is_looked_on_where_that_is_asked_for(terminal, flag):
    tty = terminal("attach", flag, "alpha:data")
    tty.wait_for(r"\[data\]")
    assert b"\x1b]2;" not in tty.raw
    tty.send("exit\r")
    tty.press("ctrl+b", "d")
    assert tty.wait_exit() == 0
    tty.wait_for(r"\[detached \(from session data\)\]")


def test_attach_asks_before_it_makes_a_session(terminal, gpuws):
    tty = terminal("attach", "alpha:dta")
    tty.wait_for(r"gpuws: alpha has no tmux session 'dta' — did you mean alpha:data\?\s+Make it\? \[y/N\]")
    assert b"leaves" not in tty.raw
    tty.send("\r")
    tty.wait_for("not confirmed")
    assert tty.wait_exit() == 5
    tty = terminal("attach", "alpha:dta")
    tty.wait_for("Make it")
    tty.send("y\r")
    tty.wait_for(r"alpha:/home/alice\$")
    assert b"ctrl-b d leaves" in tty.raw


def test_attach_makes_a_session_and_returns_its_status(terminal):
    tty = terminal("attach", "--new", "alpha:fresh")
    tty.wait_for(r"alpha:/home/alice\$")
    tty.send("hostname\r")
    tty.wait_for(r"(?m)^alpha$")
    tty.send("exit 4\r")
    assert tty.wait_exit() == 4


def test_attach_alone_is_the_screens_jump(terminal, gpuws):
    tty = terminal("attach")
    text = tty.wait_for(lambda text: "login shell" in text and "INFO:" in text)  # beside the list what it shows
    assert text.index("alpha/torch-dev") < text.index("alpha:data") < text.index("alpha/jup") < text.index("login")
    assert "not shown: echo (host key changed: refused), golf (not reached)" in text
    tty.send("zzz")
    tty.wait_for("Nothing matches")
    tty.press("backspace", "backspace", "backspace")
    tty.send("data")
    tty.wait_for("imagenet/train")
    tty.press("enter")
    tty.wait_for("rsync: step")
    tty.press("ctrl+b", "d")
    assert tty.wait_exit() == 0
    assert b"\x1b[?1049l" in tty.raw  # the list is gone from the screen


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
def test_attach_alone_may_be_left(terminal, key):
    tty = terminal("attach")
    tty.wait_for("login shell")
    tty.press(key)
    tty.wait_for("nothing was chosen")
    assert tty.wait_exit() == 255


def test_attach_alone_needs_a_terminal(gpuws):
    said_in_one_sentence(gpuws("attach"), 5)
    said_in_one_sentence(gpuws("attach", typed="data\n"), 5)


def test_shell_and_exec_on_a_terminal(terminal):
    tty = terminal("shell", "alpha/torch-dev")
    tty.wait_for(r"alice@torch-dev:/workspace\$")
    tty.send("exit\r")
    assert tty.wait_exit() == 0
    ran = terminal("exec", "-it", "alpha", "sh", "-c", "exit 3")
    assert ran.wait_exit() == 3


def lines_of(done):
    return [*done.stdout.splitlines(), *done.stderr.splitlines()]


def test_logs_as_docker_has_them(gpuws):
    assert gpuws("logs", "alpha/jup", "--tail", "3").stdout.count("\n") == 2
    whole = gpuws("logs", "alpha/jup")
    assert whole.stdout.count("loss") == 117
    assert whole.stderr.count("WARNING") == 3
    assert len(lines_of(gpuws("logs", "alpha/jup", "--since", "30s"))) in (4, 5)
    assert len(lines_of(gpuws("logs", "alpha/jup", "--until", "60s"))) in (112, 113)
    assert len(lines_of(gpuws("logs", "alpha/jup", "--until", "60s", "--tail", "7"))) == 7
    assert gpuws("logs", "-t", "-n", "2", "alpha/jup").stdout.startswith("20")
    assert gpuws("logs", "alpha").returncode == 2
    assert gpuws("logs", "alpha/jup", "--tail", "many").returncode == 2
    assert gpuws("logs", "alpha/jup", "--since", "yesterday").returncode == 2
    assert gpuws("--readonly", "logs", "alpha/jup", "--tail", "1").returncode == 0


def test_the_run_before_the_last_start(gpuws):
    done = gpuws("logs", "--previous", "--tail", "2", "alpha/jup")
    assert "OutOfMemoryError" in done.stderr
    assert len(lines_of(done)) == 2
    assert gpuws("logs", "--previous", "-f", "alpha/jup").returncode == 2


def test_the_logs_of_several_are_one_each_line_behind_its_name(gpuws):
    done = gpuws("logs", "--tail", "3", "alpha/jup", "alpha/torch-dev")
    names = [line.split(" │ ")[0] for line in done.stdout.splitlines()]
    assert names == ["jup      ", "torch-dev"] * 2
    stamped = gpuws("logs", "-t", "alpha/jup", "alpha/torch-dev").stdout.splitlines()
    times = [line.split(" │ ")[1].split()[0] for line in stamped]
    assert times == sorted(times)
    assert len(times) == 234


def test_logs_follow_until_ctrl_c(gpuws):
    process = gpuws.start("logs", "-f", "--tail", "0", "alpha/jup")
    assert "loss" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert errors == ""


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("jupyter", "alpha/tensorboard"), 4, "no Jupyter server runs in tensorboard"),
        (("jupyter", "alpha/jup"), 5, "--yes-not-mine jup"),
        (("tunnel", "alpha/old-exp:8888"), 1, "alpha/old-exp exited 137, out of memory"),
        (("ports", "golf"), 3, "did not answer"),
        (("tunnel", "alpha/jup"), 2, "a port is missing"),
        (("tunnel", "alpha/jup", "8888"), 2, "not LOCAL:PORT"),
        (("tunnel", "alpha/jup:1", "2:3"), 2, "names a port already"),
        (("tunnel", "alpha/jup", "0:8888"), 2, "not a port"),
        (("jupyter", "golf"), 3, "did not answer"),
        (("jupyter", "alpha/jup", "--local-port", "70000"), 2, "--local-port"),
    ],
)
def test_tunnels_end_in_one_sentence(gpuws, words, code, says):
    done = gpuws(*words)
    assert done.returncode == code, done.stderr
    assert says in done.stderr


def test_a_notebook_of_the_demo_is_a_page_until_ctrl_c(gpuws):
    process = gpuws.start("jupyter", "alpha/torch-dev", "--json")
    opened = json.loads(process.stdout.readline())
    with urllib.request.urlopen(opened["url"], timeout=10) as page:
        assert "alpha/torch-dev" in page.read().decode()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130


def test_tunnels_lists_none_and_says_why(gpuws):
    done = gpuws("tunnels", "--json")
    assert json.loads(done.stdout) == {"hosts": [], "tunnels": []}
    assert "in the program that opened it" in done.stderr
