"""The relay of a place, on real interpreters: what it costs, when it ends, what it says where there is none."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gpuws.link.local.local import LocalLink
from gpuws.link.place import Stream
from gpuws.link.relay import relay, start
from gpuws.link.relay.far.frames import FAR_WINDOW, NEAR_WINDOW
from gpuws.link.relay.kept import KeptRelay
from gpuws.link.streams import StreamBroken
from gpuws.model.errors import GpuwsError
from tests.link.test_forward import echo, target

PYTHONS = sorted((Path.home() / ".pyenv/versions").glob("*/bin/python3")) or [Path(sys.executable)]


class Here(LocalLink):
    """This machine; `started`: what runs for the relay. `noise` comes before it, as of a login's start files."""

    def __init__(self, noise: str = "") -> None:
        super().__init__()
        self.noise = noise
        self.started: list = []

    def popen(self, argv):
        words = ["sh", "-c", 'printf "%s" "$0"; exec "$@"', self.noise, *argv] if self.noise else argv
        self.started.append(super().popen(words))
        return self.started[-1]


@pytest.fixture
def here() -> Iterator[Here]:
    link = Here()
    yield link
    link.close()


def kept(link: Here, python: str | None = None) -> KeptRelay:
    return KeptRelay(link.popen, "box", python)


def everything(stream: Stream) -> bytes:
    return b"".join(iter(stream.recv, b""))


def ended(process) -> bool:
    return process._child.poll() is not None


def until(holds) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("python", PYTHONS, ids=lambda path: path.parents[1].name)
def test_many_connections_go_through_one_program_of_any_python(here: Here, python: Path):
    dialer = kept(here, str(python))
    with target(echo) as port:
        streams = [dialer.dial_tcp("localhost", port) for _ in range(20)]
        for number, stream in enumerate(streams):
            stream.sendall(bytes([number]) * 1000)
            stream.shutdown_write()
        assert [everything(stream) for stream in streams] == [bytes([n]) * 1000 + b"THE END" for n in range(20)]
    assert len(here.started) == 1


def test_a_unix_socket(here: Here, tmp_path: Path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()
        stream = kept(here).dial_unix(str(tmp_path / "socket"))
        with listener.accept()[0] as peer:
            stream.sendall(b"there")
            assert peer.recv(99) == b"there"
            peer.sendall(b"back")
        assert everything(stream) == b"back"
        stream.close()


def test_what_a_login_prints_before_it_is_passed_over():
    link = Here("Welcome!\nno newline at the end")
    with target(echo) as port:
        stream = kept(link).dial_tcp("127.0.0.1", port)
        stream.shutdown_write()
        assert everything(stream) == b"THE END"
    link.close()


def test_a_reader_that_stalls_fills_its_window_and_no_more(here: Here):
    def flood(sock: socket.socket) -> None:
        while True:
            sock.sendall(bytes(1 << 16))

    dialer = kept(here)
    with target(flood) as floods, target(echo) as echoes:
        stalled = dialer.dial_tcp("127.0.0.1", floods)
        until(lambda: len(stalled._pieces) == NEAR_WINDOW)
        other = dialer.dial_tcp("127.0.0.1", echoes)
        other.sendall(bytes(FAR_WINDOW // 2))
        other.shutdown_write()
        assert len(everything(other)) == FAR_WINDOW // 2 + len(b"THE END")
        assert len(stalled._pieces) == NEAR_WINDOW
        assert stalled.recv()
        stalled.close()


def test_a_peer_that_stalls_stops_its_writer_and_no_other(here: Here):
    free = threading.Event()

    def wait(sock: socket.socket) -> None:
        free.wait(20)
        echo(sock)

    dialer = kept(here)
    with target(wait) as slow, target(echo) as echoes:
        stalled = dialer.dial_tcp("127.0.0.1", slow)
        stalled.settimeout(0.5)
        with pytest.raises(TimeoutError):
            stalled.sendall(bytes(64 << 20))
        other = dialer.dial_tcp("127.0.0.1", echoes)
        other.sendall(b"quick")
        assert other.recv() == b"quick"
        free.set()
        stalled.close()
        other.close()


def test_what_is_sent_to_one_that_has_gone_is_dropped(here: Here):
    """All that it had said comes; nobody waits for room at its end."""
    dialer = kept(here)
    with target(lambda sock: sock.sendall(b"last words")) as port:
        stream = dialer.dial_tcp("127.0.0.1", port)
        assert everything(stream) == b"last words"
        stream.settimeout(10)
        stream.sendall(bytes(4 * FAR_WINDOW))
        stream.shutdown_write()
        until(lambda: not dialer._relay._streams)


def test_it_ends_with_the_link_and_says_so(here: Here):
    with target(echo) as port:
        stream = kept(here).dial_tcp("127.0.0.1", port)
        here.close()
        with pytest.raises(StreamBroken, match=r"box: 127.0.0.1:.*: the connection broke"):
            stream.recv()
    until(lambda: ended(here.started[0]))


def test_it_ends_when_nobody_uses_it_and_is_made_again(here: Here, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(relay, "BEAT", 0.05)
    monkeypatch.setattr(relay, "IDLE", 0.0)
    dialer = kept(here)
    with target(echo) as port:
        for _ in range(2):
            stream = dialer.dial_tcp("127.0.0.1", port)
            time.sleep(0.2)  # a connection is use
            stream.sendall(b"x")
            assert stream.recv() == b"x"
            stream.close()
            until(lambda: not dialer.running)
    assert len(here.started) == 2
    until(lambda: all(map(ended, here.started)))


def test_one_that_was_killed_is_made_again(here: Here):
    dialer = kept(here)
    with target(echo) as port:
        dialer.dial_tcp("127.0.0.1", port)
        here.started[0]._child.kill()
        until(lambda: not dialer.running)
        stream = dialer.dial_tcp("127.0.0.1", port)
        stream.sendall(b"again")
        assert stream.recv() == b"again"


def test_without_a_word_it_ends_by_itself(monkeypatch: pytest.MonkeyPatch):
    """Its stdin stays open: the way to it has gone silent."""
    monkeypatch.setattr(start, "LEASE", 0.3)
    start.program.cache_clear()
    try:
        child = subprocess.Popen(start.argv("nonce"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        child.stdin.write(start.program())
        child.wait(10)
    finally:
        start.program.cache_clear()
        child.kill()
        child.stdin.close()
        child.stdout.close()
        child.wait()
    assert child.returncode == 0


def test_a_place_without_python_says_so(here: Here):
    with pytest.raises(GpuwsError, match="box: no relay could be made there: it has no Python") as error:
        kept(here, "/no/such/python").dial_tcp("127.0.0.1", 1)
    assert "python3" in error.value.remedy


def test_what_can_not_be_reached_says_why_and_costs_nobody_else(here: Here):
    dialer = kept(here)
    with target(echo) as port:
        stream = dialer.dial_tcp("127.0.0.1", port)
        with pytest.raises(GpuwsError, match=r"box: 127.0.0.1:1 can't be reached from there \(connection refused\)"):
            dialer.dial_tcp("127.0.0.1", 1)
        with pytest.raises(GpuwsError, match=r"box: /no/such can't be reached from there \(no such file"):
            dialer.dial_unix("/no/such")
        stream.sendall(b"on")
        assert stream.recv() == b"on"
        stream.close()


def test_it_is_small():
    assert sum(len(word) + 1 for word in start.argv("0123456789abcdef")) < 2500
    assert len(start.program()) < 8000
