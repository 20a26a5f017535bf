"""What `gpuws.link.place` promises of every link, tried on each of them: a new one stands in `LINKS`."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from gpuws.link.command_log import CommandLog
from gpuws.link.local.local import LocalLink
from gpuws.link.place import Link
from gpuws.link.watched import watched
from gpuws.model.errors import Unreachable
from gpuws.model.session.terminal import Size
from tests.link.test_ssh import read_all

LINKS: dict[str, Callable[[pytest.FixtureRequest], Link]] = {
    "local": lambda _: LocalLink(),
    "paramiko": lambda request: request.getfixturevalue("link"),
    "openssh": lambda request: request.getfixturevalue("openssh_link"),
    "shared": lambda request: request.getfixturevalue("shared_link"),
    "watched": lambda request: watched(
        request.getfixturevalue("link"), CommandLog(request.getfixturevalue("tmp_path") / "log"), "box", "ada"
    ),
}


SLOW = ("shared",)
"""Each of its programs is an ssh of its own."""


@pytest.fixture(params=[pytest.param(one, marks=[pytest.mark.soak] if one in SLOW else []) for one in LINKS])
def any_link(request: pytest.FixtureRequest) -> Iterator[Link]:
    with closing(LINKS[request.param](request)) as link:
        yield link


def test_a_program_gets_its_words_and_input_as_they_are(any_link: Link):
    done = any_link.run(["sh", "-c", 'cat; echo "$@" >&2; exit 3', "sh", "a  b", "$HOME", "'"], input=b"\0\xff")
    assert (done.status, done.stdout, done.stderr) == (3, b"\0\xff", b"a  b $HOME '\n")
    assert any_link.run(["sh", "-c", "kill -KILL $$"]).status == 128 + 9


def test_a_program_runs_on_until_its_input_ends(any_link: Link):
    with closing(any_link.popen(["sh", "-c", "while read line; do echo got $line; done; exit 4"])) as process:
        process.write(b"one\n")
        assert process.read() == b"got one\n"
        with pytest.raises(TimeoutError):
            process.wait(0.05)
        process.close_stdin()
        assert process.read() == b""
        assert process.wait(5) == 4


def test_a_terminal_has_a_size_and_ends_with_its_program(any_link: Link):
    program = ["sh", "-c", "stty size; read x; stty size; echo $TERM $x; exit 7"]
    with closing(any_link.interactive(program, Size(100, 30), "vt100")) as terminal:
        assert terminal.recv() == b"30 100\r\n"
        terminal.resize(Size(90, 20))
        terminal.sendall(b"word\n")
        assert read_all(terminal).replace(b"\r", b"") == b"word\n20 90\nvt100 word\n"
        assert terminal.exit_status() == 7


def test_a_stream_is_closed_one_way_at_a_time(any_link: Link, tmp_path: Path):
    path = str(tmp_path / "socket")
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(path)
        unix.listen()
        port = tcp.getsockname()[1]
        for listener, stream in ((tcp, any_link.dial_tcp("127.0.0.1", port)), (unix, any_link.dial_unix(path))):
            with listener.accept()[0] as peer, closing(stream):
                stream.sendall(b"ping")
                stream.shutdown_write()
                assert b"".join(iter(lambda peer=peer: peer.recv(9), b"")) == b"ping"
                peer.sendall(b"pong")
                assert stream.recv() == b"pong"
                stream.settimeout(0.05)
                with pytest.raises(TimeoutError):
                    stream.recv()


def test_closing_it_frees_who_reads_and_is_no_loss(any_link: Link):
    lost: list[str] = []
    any_link.on_lost(lost.append)
    process = any_link.popen(["sleep", "30"])

    def read() -> None:
        with suppress(Unreachable):
            assert process.read() == b""

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    assert any_link.alive
    any_link.close()
    any_link.close()
    reader.join(5)
    assert (any_link.alive, reader.is_alive(), lost) == (False, False, [])
