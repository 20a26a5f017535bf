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


def test_files_by_scp_and_sftp_over_its_sftp_server(ssh):
    files_go_both_ways(ssh)


def test_files_by_scp_and_sftp_over_python(tmp_path_factory):
    client = Ssh(tmp_path_factory.mktemp("s"), **{HIDDEN: "/usr/lib"})
    try:
        files_go_both_ways(client)
    finally:
        client.close()


def files_go_both_ways(client):
    home = client.home
    there = home / "there"
    (home / "a" / "b").mkdir(parents=True)
    (home / "a" / "big").write_bytes(BIG)
    (home / "a" / "b" / "ünï cödé").write_text("x")
    (home / "a" / "b" / "run").write_text("#!/bin/sh\n")
    (home / "a" / "b" / "run").chmod(0o750)
    os.utime(home / "a" / "b" / "run", (1_500_000_000, 1_500_000_000))
    client.run("-r", "-p", str(home / "a"), f"{NAME}:{there}", program="scp")
    assert (there / "big").read_bytes() == BIG
    assert (there / "b" / "ünï cödé").read_text() == "x"
    found = (there / "b" / "run").stat()
    assert (found.st_mode & 0o777, int(found.st_mtime)) == (0o750, 1_500_000_000)
    client.run("-r", f"{NAME}:{there}", str(home / "back"), program="scp")
    assert (home / "back" / "big").read_bytes() == BIG
    client.run("-O", str(home / "a" / "big"), f"{NAME}:{home}/old", program="scp")
    assert (home / "old").read_bytes() == BIG


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


def test_agent_x11_and_remote_forwarding_are_refused_and_the_login_goes_on(ssh):
    done = ssh.run("-S", "none", "-A", "-X", "-R", "7001:localhost:22", NAME,
                   "echo in ${SSH_AUTH_SOCK:+agent} ${DISPLAY:+display}", DISPLAY=":0", SSH_AUTH_SOCK="")  # fmt: skip
    assert done.stdout == b"in\n"
    assert b"remote port forwarding failed" in done.stderr


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
