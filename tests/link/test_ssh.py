"""Programs, streams and terminals over a real sshd."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from pathlib import Path

import pytest

from gpuws.fleet.local.shared.places import Places
from gpuws.link.paramiko.ssh import SshLink
from gpuws.link.place import Stream, Terminal
from gpuws.link.streams import StreamBroken
from gpuws.model.errors import GpuwsError, Unreachable, UsageError
from gpuws.model.session.terminal import Size
from gpuws.model.session.tunnel import TunnelTarget
from gpuws.model.workspace.workspace import PlaceRef
from tests.link import sshd
from tests.link.conftest import Open
from tests.link.sshd import Keys, Server

BACKENDS = ["paramiko", pytest.param("openssh", marks=pytest.mark.soak)]


def read_all(stream: Stream | Terminal) -> bytes:
    return b"".join(iter(stream.recv, b""))


def test_run_gives_status_and_both_outputs(link: SshLink):
    done = link.run(["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (done.status, done.stdout, done.stderr) == (3, b"out\n", b"err\n")


def test_run_tells_the_signal_that_ended_it(link: SshLink):
    assert link.run(["sh", "-c", "kill -TERM $$"]).status == 128 + 15


def test_run_with_large_input_and_output_on_both(link: SshLink):
    data = os.urandom(6 << 20)
    done = link.run(["sh", "-c", "tee /dev/stderr"], input=data)
    assert hashlib.sha256(done.stdout).digest() == hashlib.sha256(data).digest()
    assert done.stderr == data


def test_run_of_a_program_that_reads_nothing_of_its_input(link: SshLink):
    assert link.run(["true"], input=b"x" * (8 << 20)).status == 0


@pytest.mark.alone
def test_run_gives_up_in_time_and_says_so(link: SshLink):
    begin = time.monotonic()
    with pytest.raises(GpuwsError, match=r"box: sleep: no result within 0\.3 s"):
        link.run(["sleep", "30"], timeout=0.3)
    assert time.monotonic() - begin < 2


def test_run_ends_a_flood(link: SshLink, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gpuws.link.running.OUTPUT_LIMIT", 1 << 20)
    with pytest.raises(GpuwsError, match="its output is longer than 1 MiB"):
        link.run(["yes"])


def test_a_missing_program_is_status_127(link: SshLink):
    done = link.run(["no-such-program"])
    assert done.status == 127
    assert b"no-such-program" in done.stderr


def test_no_argument_is_changed_on_the_way(link: SshLink):
    words = ["it's", 'a "b"', "c\\d\\\\", "e!f", "g\nh\n", "", "$HOME `i` ${j}", "*", "ünï", "~", "-n"]
    done = link.run(["printf", "%s\\0", *words])
    assert done.stdout.decode().split("\0")[:-1] == words


def test_a_nul_is_refused_before_anything_is_sent(link: SshLink):
    with pytest.raises(UsageError, match="NUL"):
        link.run(["printf", "a\0b"])


def test_popen_streams_both_ways_until_stdin_ends(link: SshLink):
    process = link.popen(["sh", "-c", "while read line; do echo got $line; done; exit 4"])
    process.write(b"one\n")
    assert process.read() == b"got one\n"
    process.write(b"two\n")
    assert process.read() == b"got two\n"
    process.close_stdin()
    assert process.read() == b""
    assert process.wait(5) == 4


def test_closing_a_process_ends_its_stdin(link: SshLink, tmp_path: Path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    process = link.popen(["sh", "-c", f"cat; echo gone > {fifo}"])
    process.close()
    assert fifo.read_text() == "gone\n"


def test_wait_has_a_time_limit(link: SshLink):
    process = link.popen(["sleep", "30"])
    with pytest.raises(TimeoutError):
        process.wait(0.1)
    process.close()
    assert process.wait(1) is None


def test_closing_frees_a_blocked_reader(link: SshLink):
    process = link.popen(["sleep", "30"])
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(process.read()), daemon=True)
    reader.start()
    process.close()
    reader.join(2)
    assert read == [b""]


def test_dial_tcp(link: SshLink):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stream = link.dial_tcp("127.0.0.1", listener.getsockname()[1])
        peer, _ = listener.accept()
        with peer:
            stream.sendall(b"ping")
            stream.shutdown_write()
            assert b"".join(iter(lambda: peer.recv(99), b"")) == b"ping"
            peer.sendall(b"pong")  # half-closed: this way is still open
            peer.shutdown(socket.SHUT_WR)
            assert read_all(stream) == b"pong"


def test_dial_unix(link: SshLink, tmp_path: Path):
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        stream = link.dial_unix(path)
        peer, _ = listener.accept()
        with peer:
            peer.sendall(b"hello")
            assert stream.recv() == b"hello"
            stream.settimeout(0.05)
            with pytest.raises(TimeoutError):
                stream.recv()
            stream.close()
            assert peer.recv(1) == b""


def test_dialling_what_does_not_listen_says_so_and_leaves_the_link_alone(link: SshLink, tmp_path: Path):
    with pytest.raises(
        GpuwsError, match=r"box: 127\.0\.0\.1:1 can't be reached from there \(connection refused\)"
    ) as tcp:
        link.dial_tcp("127.0.0.1", 1)
    with pytest.raises(GpuwsError, match="box: /no/such can't be reached from there") as unix:
        link.dial_unix("/no/such")
    assert not isinstance(tcp.value, Unreachable)
    assert not isinstance(unix.value, Unreachable)
    assert link.run(["true"]).ok


def test_forbidden_forwarding_is_told_from_unreachable(keys: Keys, tmp_path: Path, open_link: Open):
    with sshd.serve(tmp_path / "sshd", keys, "AllowTcpForwarding no") as server:
        link = open_link(server)
        link._python = "/no/python"
        with pytest.raises(GpuwsError, match=r"the server forbids forwarding to .*, and .* it has no Python") as error:
            link.dial_tcp("127.0.0.1", server.port)
        assert "AllowTcpForwarding" in error.value.remedy


def test_where_forwarding_is_forbidden_a_program_there_connects(keys: Keys, tmp_path: Path, open_link: Open):
    with sshd.serve(tmp_path / "sshd", keys, "AllowTcpForwarding no", "MaxSessions 2") as server:
        link = open_link(server)
        streams = [link.dial_tcp("127.0.0.1", server.port) for _ in range(5)]
        assert all(stream.recv().startswith(b"SSH-2.0-") for stream in streams)
        assert link.sessions == 1
        with pytest.raises(
            GpuwsError, match=r"box: 127.0.0.1:1 can't be reached from there .connection refused"
        ) as error:
            link.dial_tcp("127.0.0.1", 1)
        assert not isinstance(error.value, Unreachable)


class OneHost:
    """As `Hosts`: any name is that of this link's host."""

    readonly = False

    def __init__(self, link: SshLink) -> None:
        self._link = link

    def find(self, _name: str) -> OneHost:
        return self

    def link(self) -> SshLink:
        return self._link


def test_a_socket_that_the_server_does_not_forward_is_reached_by_a_program_there(
    keys: Keys, tmp_path: Path, open_link: Open
):
    path = str(tmp_path / "socket")
    with (
        sshd.serve(tmp_path / "sshd", keys, "AllowStreamLocalForwarding no") as server,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        listener.bind(path)
        listener.listen()
        link = open_link(server)
        with pytest.raises(GpuwsError, match="can't be reached from there"):
            link.dial_unix(path)
        stream = Places(OneHost(link)).dial_to(PlaceRef("box"), TunnelTarget("box", None, 0, to=path))
        with listener.accept()[0] as peer:
            stream.sendall(b"there")
            stream.shutdown_write()
            assert b"".join(iter(lambda: peer.recv(99), b"")) == b"there"
            peer.sendall(b"back")
        assert b"".join(iter(stream.recv, b"")) == b"back"
        with pytest.raises(GpuwsError, match=r"box: /no/such can't be reached from there .no such file"):
            Places(OneHost(link)).dial_to(PlaceRef("box"), TunnelTarget("box", None, 0, to="/no/such"))


def test_sessions_closed_here_do_not_use_up_the_servers_limit_of_ten(link: SshLink):
    for _ in range(30):
        link.popen(["cat"]).close()
    assert link.run(["true"]).ok


def test_a_terminal_echoes_resizes_and_ends(link: SshLink):
    terminal = link.interactive(["sh", "-c", "stty size; read x; stty size; echo $TERM $x; exit 7"], Size(100, 30))
    assert terminal.recv() == b"30 100\r\n"
    terminal.resize(Size(90, 20))
    terminal.sendall(b"word\n")
    assert read_all(terminal).replace(b"\r", b"") == b"word\n20 90\nxterm-256color word\n"
    assert terminal.exit_status() == 7


def test_a_terminal_without_arguments_is_the_login_shell(link: SshLink):
    terminal = link.interactive([], Size(), term="dumb")
    terminal.sendall(b"echo term-$TERM; exit 5\n")
    assert b"term-dumb" in read_all(terminal)
    assert terminal.exit_status() == 5


def test_closing_a_terminal_hangs_it_up(link: SshLink, tmp_path: Path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    terminal = link.interactive(["sh", "-c", f"trap 'echo hup > {fifo}; exit' HUP; echo ready; read x"], Size())
    assert terminal.recv() == b"ready\r\n"
    terminal.close()
    assert fifo.read_text() == "hup\n"


def test_send_env_and_set_env_reach_interactive_programs(
    keys: Keys, tmp_path: Path, open_link: Open, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LC_GPUWS", "from here")
    with sshd.serve(tmp_path / "sshd", keys, "AcceptEnv LC_* COLOR") as server:
        server.write_config("SendEnv LC_GPUWS", "SetEnv COLOR=blue")
        link = open_link(server)
        terminal = link.interactive(["sh", "-c", "echo $LC_GPUWS $COLOR"], Size())
        assert read_all(terminal) == b"from here blue\r\n"


def test_the_link_knows_its_latency(link: SshLink):
    assert link.latency is None
    link.ping()
    link.run(["true"])
    deadline = time.monotonic() + 5
    while link.latency is None and time.monotonic() < deadline:
        link.run(["true"])
    assert link.latency is not None
    assert 0 < link.latency < 5


def test_a_server_that_dies_is_told_at_once(keys: Keys, tmp_path: Path, open_link: Open):
    with sshd.serve(tmp_path / "sshd", keys) as server:
        link = open_link(server)
        lost: list[str] = []
        told = threading.Event()
        link.on_lost(lambda reason: (lost.append(reason), told.set()))
        process, stream = link.popen(["cat"]), link.dial_tcp("127.0.0.1", server.port)
        assert stream.recv()
        server.stop()
        assert told.wait(5)
        assert lost == ["the server closed the connection"]
        assert not link.alive
        with pytest.raises(StreamBroken):
            stream.recv()
        with pytest.raises(Unreachable, match="box: the connection was lost"):
            process.read()
        for attempt in (lambda: link.run(["true"]), lambda: link.dial_unix("/x"), lambda: link.interactive([], Size())):
            with pytest.raises(Unreachable, match="box: the connection was lost: the server closed the connection"):
                attempt()
        link.on_lost(lost.append)  # lost already: told at once
        assert len(lost) == 2


def test_a_run_that_loses_its_link_says_so(link: SshLink):
    with pytest.raises(Unreachable, match="box: the connection was lost"):
        link.run(["sh", "-c", "echo half; kill -9 $PPID; sleep 30"])


def test_our_own_closing_is_no_loss(server: Server, link: SshLink):
    lost: list[str] = []
    link.on_lost(lost.append)
    link.close()
    link.close()
    assert not link.alive
    assert lost == []
