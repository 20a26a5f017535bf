"""A real OpenSSH client and a place that is this machine."""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.sshserver.conftest import NAME, Ssh
from tests.sshserver.machine import HIDDEN
from tests.terminal import ScreenTerminal

BIG = os.urandom(1 << 20) * 5


def test_a_command_has_its_streams_its_status_and_our_language(ssh):
    done = ssh.run(NAME, "cat; echo oops >&2; exit 7", input=b"given", check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, b"given", b"oops\n")
    told = ssh.run(NAME, "echo $LC_NAME:$EVIL", LC_NAME="ours", EVIL="1")
    assert told.stdout == b"ours:\n"
    assert ssh.run(NAME, "kill -TERM $$", check=False).returncode == 128 + signal.SIGTERM


def test_what_is_large_arrives_whole_both_ways(ssh):
    assert ssh.run(NAME, "cat", input=BIG).stdout == BIG


def test_a_shell_reads_its_lines_from_a_pipe(ssh):
    assert ssh.run("-T", NAME, input=b"echo one\nexit 3\n", check=False).returncode == 3


def test_a_terminal_has_the_size_of_ours_and_follows_it(ssh):
    looks = "stty size; until stty size | grep -x '20 90'; do sleep 0.05; done; exit 4"  # a resize comes when it comes
    with ScreenTerminal(ssh.words("ssh", "-t", NAME, looks), dict(os.environ), 100, 30) as terminal:
        terminal.wait_for("30 100")
        terminal.resize(90, 20)
        terminal.wait_for("20 90")
        assert terminal.wait_exit(10) == 4


@pytest.mark.parametrize("hidden", ["", "/usr/lib"], ids=["its sftp-server", "over Python"])
def test_files_by_scp_and_sftp(ssh, hidden, tmp_path_factory):
    client = Ssh(tmp_path_factory.mktemp("s"), **{HIDDEN: hidden})
    home = client.home
    there = home / "there"
    (home / "a" / "b").mkdir(parents=True)
    (home / "a" / "big").write_bytes(BIG)
    (home / "a" / "b" / "ünï cödé").write_text("x")
    (home / "a" / "b" / "run").write_text("#!/bin/sh\n")
    (home / "a" / "b" / "run").chmod(0o750)
    os.utime(home / "a" / "b" / "run", (1_500_000_000, 1_500_000_000))
    try:
        client.run("-r", "-p", str(home / "a"), f"{NAME}:{there}", program="scp")
        assert (there / "big").read_bytes() == BIG
        assert (there / "b" / "ünï cödé").read_text() == "x"
        found = (there / "b" / "run").stat()
        assert (found.st_mode & 0o777, int(found.st_mtime)) == (0o750, 1_500_000_000)
        client.run("-r", f"{NAME}:{there}", str(home / "back"), program="scp")
        assert (home / "back" / "big").read_bytes() == BIG
        client.run("-O", str(home / "a" / "big"), f"{NAME}:{home}/old", program="scp")
        assert (home / "old").read_bytes() == BIG
    finally:
        client.close()


def test_without_sftp_and_python_a_sentence_says_what_does_without(tmp_path):
    client = Ssh(tmp_path, **{HIDDEN: "/usr/lib:python3 python "})
    try:
        done = client.run("-b", "/dev/null", NAME, program="sftp", check=False)
    finally:
        client.close()
    assert done.returncode == 255
    assert b"neither an sftp-server nor Python: scp -O and gpuws cp do without" in done.stderr


def test_a_port_of_the_workspace_and_no_other_place(ssh):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def echo():
            sock, _ = server.accept()
            with sock:
                while data := sock.recv(65536):
                    sock.sendall(data)
                sock.sendall(b"end")

        threading.Thread(target=echo, daemon=True).start()
        port = server.getsockname()[1]
        assert ssh.run("-W", f"127.0.0.1:{port}", NAME, input=BIG).stdout == BIG + b"end"  # the half-close went through
    shut = ssh.run("-S", "none", "-W", f"localhost:{port}", NAME, input=b"", check=False)
    assert shut.returncode != 0
    assert b"can't be reached" in shut.stderr
    away = ssh.run("-S", "none", "-W", "192.0.2.1:22", NAME, input=b"", check=False)
    assert b"only ports of the workspace itself" in away.stderr


def test_agent_x11_and_remote_forwarding_are_refused(ssh):
    done = ssh.run("-S", "none", "-A", "-X", NAME, "echo ${SSH_AUTH_SOCK:+agent} ${DISPLAY:+display}",
                   DISPLAY=":0", SSH_AUTH_SOCK="")  # fmt: skip
    assert done.stdout.split() == []
    done = ssh.run("-S", "none", "-o", "ExitOnForwardFailure=yes", "-R", "7001:localhost:22", NAME, "true", check=False)
    assert done.returncode == 255
    assert b"remote port forwarding failed" in done.stderr


def test_another_users_name_is_a_user_of_the_workspace(ssh):
    done = ssh.run("-S", "none", f"nobody-there@{NAME}", "true", check=False)
    assert (done.returncode, done.stderr) == (
        255,
        b"gpuws: no user of that name \xe2\x80\x94 ask for one that is there\r\n",
    )


@pytest.mark.skipif(not shutil.which("git"), reason="there is no git here")
def test_git_pushes(ssh, tmp_path):
    def git(*words):
        env = {**os.environ, "GIT_SSH_COMMAND": " ".join(ssh.words("ssh")), "HOME": str(tmp_path)}
        subprocess.run(["git", *words], check=True, capture_output=True, env=env, timeout=30)

    (tmp_path / "here").mkdir()
    git("init", "-q", "--bare", str(tmp_path / "there.git"))
    git("-C", str(tmp_path / "here"), "init", "-q", "-b", "main")
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@lab.example")
    git("-C", str(tmp_path / "here"), *who, "commit", "-q", "--allow-empty", "-m", "Begin")
    git("-C", str(tmp_path / "here"), "push", "-q", f"{NAME}:{tmp_path}/there.git", "main")
    git("-C", str(tmp_path / "there.git"), "rev-parse", "main")


def test_a_client_that_is_killed_takes_its_program_with_it(ssh, tmp_path):
    told = tmp_path / "told"
    script = f"echo $$ >{told}.new; mv {told}.new {told}; exec sleep 600"
    client = subprocess.Popen(ssh.words("ssh", "-S", "none", NAME, script), stdin=subprocess.PIPE)
    until(told.exists)
    program = Path("/proc", told.read_text().strip())
    assert program.exists()
    client.kill()
    client.wait()
    client.stdin.close()
    until(lambda: not program.exists())


def until(rule, seconds=15.0):
    deadline = time.monotonic() + seconds
    while not rule():
        assert time.monotonic() < deadline
        time.sleep(0.02)
