"""with: the socket file, the program's environment, its status, and what ends it. Real engines: tests/e2e."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gpuws.cli.inside import with_engine
from gpuws.cli.inside.with_engine import engine_socket, environment
from gpuws.link.streams import SocketStream
from gpuws.model.errors import GpuwsError
from gpuws.model.host.docker_endpoint import LED_ELSEWHERE


def echo() -> SocketStream:
    """The far end of a connection: everything back, and a trailer after the client's end."""
    here, there = socket.socketpair()

    def serve() -> None:
        with there, contextlib.suppress(OSError):
            while data := there.recv(65536):
                there.sendall(data)
            there.sendall(b"THE END")

    threading.Thread(target=serve, daemon=True).start()
    return SocketStream(here, "test")


@pytest.fixture
def private(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path


def say(sock: socket.socket, data: bytes) -> None:
    with contextlib.suppress(OSError):
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)


def spoken(path: Path, data: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(20)
        sock.connect(os.fspath(path))
        threading.Thread(target=say, args=(sock, data), daemon=True).start()
        got = bytearray()
        while chunk := sock.recv(65536):
            got += chunk
        return bytes(got)


def test_a_private_socket_that_keeps_half_closes_and_goes_with_the_block(private: Path) -> None:
    data = os.urandom(3 << 20)
    with engine_socket(private, echo) as path:
        found = path.lstat()
        assert stat.S_ISSOCK(found.st_mode)
        assert stat.S_IMODE(found.st_mode) == 0o600
        assert spoken(path, data) == data + b"THE END"
        assert spoken(path, b"") == b"THE END"
    assert list(private.iterdir()) == []


def test_it_goes_when_the_block_fails_and_so_do_open_connections(private: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(20)
        with contextlib.suppress(KeyError), engine_socket(private, echo) as path:
            sock.connect(os.fspath(path))
            sock.sendall(b"x")
            assert sock.recv(1) == b"x"
            raise KeyError
        assert sock.recv(1) == b""
    assert list(private.iterdir()) == []


def test_an_engine_that_is_away_ends_the_connection(private: Path) -> None:
    def dial() -> SocketStream:
        raise GpuwsError("no engine")

    with engine_socket(private, dial) as path, contextlib.suppress(ConnectionResetError):  # an end in either way
        assert spoken(path, b"") == b""


def test_what_a_killed_one_left_is_removed_and_what_lives_is_not(private: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    for pid in (gone.pid, os.getppid(), os.getpid()):
        (private / f"with-{pid}.sock").touch()
    (private / "with-something.sock").touch()
    with engine_socket(private, echo) as path:
        assert path.name == f"with-{os.getpid()}.sock"
        assert not (private / f"with-{gone.pid}.sock").exists()
        assert (private / f"with-{os.getppid()}.sock").exists()
        assert (private / "with-something.sock").exists()


def test_nothing_in_the_environment_leads_docker_elsewhere() -> None:
    given = {
        "PATH": "/bin",
        "DOCKER_CONTEXT": "x",
        "DOCKER_TLS_VERIFY": "1",
        "DOCKER_CERT_PATH": "/c",
        "DOCKER_HOST": "y",
    }
    url = "unix:///run/w.sock"
    assert environment(given, Path("/run/w.sock")) == {"PATH": "/bin", "DOCKER_HOST": url, LED_ELSEWHERE: url}


@pytest.mark.parametrize(("script", "status"), [("exit 7", 7), ("kill -9 $$", 137), ("kill -INT $$; sleep 5", 130)])
def test_the_status_is_the_programs(script: str, status: int) -> None:
    assert with_engine._run(["sh", "-c", script], os.environ) == status


def test_a_program_that_is_not_there_or_none(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert with_engine._run(["no-such-program-here"], os.environ) == 127
    assert with_engine._run([os.fspath(tmp_path)], os.environ) == 126
    assert capsys.readouterr().err.count("gpuws: ") == 2


def test_ctrl_c_is_the_programs_and_a_termination_is_passed_on() -> None:
    """The program decides what a signal means; ours is back to what it was afterwards."""
    script = "trap 'exit 3' TERM; kill -INT $PPID; kill -TERM $PPID; while :; do sleep 0.05; done"
    before = signal.getsignal(signal.SIGTERM)
    assert with_engine._run(["sh", "-c", script], os.environ) == 3
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_we_were_told_to_ignore_the_program_ignores_too() -> None:
    code = "import os, sys; from gpuws.cli.inside.with_engine import _run; "
    code += "sys.exit(_run(['sh', '-c', 'kill -INT $$; exit 9'], os.environ))"
    done = subprocess.run(
        ["sh", "-c", 'trap \'\' INT; exec "$0" -c "$1"', sys.executable, code], timeout=20, check=False
    )
    assert done.returncode == 9


def test_the_demo_has_no_engine(gpuws: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = gpuws("with", "alpha", "--", "true")
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr == "gpuws: the demo has no engine that programs could reach\n"
    done = gpuws("--readonly", "with", "alpha", "--", "true")
    assert done.returncode == 5
    assert "read-only" in done.stderr
    assert gpuws("with", "alpha").returncode == 2
    assert gpuws("with", "nowhere", "--", "true").returncode == 255
