"""This machine as a link."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path

import pytest

from gpuws.link.local import local
from gpuws.link.local.local import LocalLink
from gpuws.model.errors import GpuwsError, Unreachable
from gpuws.model.session.terminal import Size
from tests.link.test_ssh import read_all


@pytest.fixture
def here():
    link = LocalLink()
    yield link
    link.close()


def test_run(here: LocalLink):
    done = here.run(["sh", "-c", "cat; echo err >&2; exit 3"], input=b"in")
    assert (done.status, done.stdout, done.stderr) == (3, b"in", b"err\n")
    assert here.run(["sh", "-c", "kill -KILL $$"]).status == 128 + 9


def test_run_with_much_on_every_stream(here: LocalLink):
    data = os.urandom(4 << 20)
    done = here.run(["tee", "/dev/stderr"], input=data)
    assert done.stdout == done.stderr == data
    assert here.run(["true"], input=data).ok


def test_run_gives_up_and_ends_the_program_and_what_it_started(here: LocalLink, tmp_path: Path):
    with pytest.raises(GpuwsError, match=r"local: sh: no result within 0\.3 s"):
        here.run(["sh", "-c", f"sleep 60 & echo $! > {tmp_path}/pid; wait"], timeout=0.3)
    gone(int((tmp_path / "pid").read_text()))


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]
    except OSError:
        return False


def gone(pid: int) -> None:
    deadline = time.monotonic() + 5
    while alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_program_that_is_not_here(here: LocalLink):
    for attempt in (lambda: here.run(["no-such"]), lambda: here.interactive(["no-such"], Size())):
        with pytest.raises(GpuwsError, match="there is no program no-such here"):
            attempt()
    with pytest.raises(GpuwsError, match="could not be started"):
        here.run(["printf", "a\0b"])


def test_popen_streams_both_ways(here: LocalLink):
    process = here.popen(["sh", "-c", "read x; echo got $x; cat; exit 4"])
    process.write(b"one\n")
    assert process.read() == b"got one\n"
    process.write(b"two")
    process.close_stdin()
    assert process.read() == b"two"
    assert process.read() == b""
    assert process.wait(5) == 4


@pytest.mark.alone
def test_closing_frees_reader_and_writer_and_ends_even_the_stubborn(here: LocalLink, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(local, "GRACE", 0.2)
    process = here.popen(["sh", "-c", "trap '' TERM HUP; echo $$; exec 3>&1; while :; do sleep 1; done"])
    pid = int(process.read())
    freed: list[str] = []

    def read() -> None:
        freed.append(repr(process.read()))

    def write() -> None:
        try:
            process.write(bytes(1 << 20))
        except Unreachable:
            freed.append("writer")

    threads = [threading.Thread(target=work, daemon=True) for work in (read, write)]
    for thread in threads:
        thread.start()
    begin = time.monotonic()
    process.close()
    assert time.monotonic() - begin < 0.2
    for thread in threads:
        thread.join(2)
    assert sorted(freed) == ["b''", "writer"]
    gone(pid)


def test_closing_the_link_ends_all_of_it(here: LocalLink):
    process, terminal = (
        here.popen(["sh", "-c", "echo $$; exec sleep 60"]),
        here.interactive(["sh", "-c", "echo $$; cat"], Size()),
    )
    pids = [int(process.read()), int(terminal.recv())]
    here.close()
    for pid in pids:
        gone(pid)
    assert not here.alive
    assert here.popen(["cat"]).read() == b""  # made too late: closed at once


def test_a_terminal(here: LocalLink):
    terminal = here.interactive(
        ["sh", "-c", "stty size; tty >/dev/null && echo tty; read x; stty size; exit 7"], Size(100, 30), "dumb"
    )
    shown = b""
    while b"tty" not in shown:
        shown += terminal.recv()
    assert shown == b"30 100\r\ntty\r\n"
    terminal.resize(Size(90, 20))
    terminal.sendall(b"\n")
    assert read_all(terminal) == b"\r\n20 90\r\n"
    assert terminal.exit_status() == 7


def test_a_terminals_keys_reach_the_program_as_signals(here: LocalLink):
    """Only a controlling terminal does that."""
    terminal = here.interactive(["sh", "-c", "trap 'echo caught; exit 5' INT; echo ready; sleep 60 & wait"], Size())
    assert terminal.recv() == b"ready\r\n"
    terminal.sendall(b"\x03")
    assert b"caught" in read_all(terminal)
    assert terminal.exit_status() == 5


def test_the_end_of_the_program_is_the_end_of_the_terminal(here: LocalLink):
    """Something in the background keeps the PTY open."""
    terminal = here.interactive(["sh", "-c", "trap '' HUP; sleep 30 & echo bye"], Size())
    begin = time.monotonic()
    assert read_all(terminal) == b"bye\r\n"
    assert terminal.exit_status() == 0
    assert time.monotonic() - begin < 5
    terminal.close()


def test_the_login_shell(here: LocalLink):
    terminal = here.interactive([], Size(), term="dumb")
    terminal.sendall(b'echo "term-$TERM $0"; exit 6\n')
    shown = read_all(terminal)
    assert b"term-dumb -" in shown
    assert terminal.exit_status() == 6


def test_closing_a_stream_frees_who_reads_it(here: LocalLink):
    with socket.create_server(("127.0.0.1", 0)) as tcp:
        stream = here.dial_tcp("127.0.0.1", tcp.getsockname()[1])
        with tcp.accept()[0]:
            got: list[bytes] = []
            reader = threading.Thread(target=lambda: got.append(stream.recv()), daemon=True)
            reader.start()
            stream.close()
            reader.join(2)
            assert got == [b""]


def test_dialling_nothing(here: LocalLink):
    with pytest.raises(GpuwsError, match=r"local: 127\.0\.0\.1:1 can't be reached \(Connection refused\)"):
        here.dial_tcp("127.0.0.1", 1)
    with pytest.raises(GpuwsError, match=r"local: /no/such can't be reached \(No such file or directory\)"):
        here.dial_unix("/no/such")


def test_nothing_is_left_open(here: LocalLink):
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        here.run(["true"])
        here.popen(["cat"]).close()
        here.interactive(["cat"], Size()).close()
    deadline = time.monotonic() + 5
    while len(list(Path("/proc/self/fd").iterdir())) > before:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_programs_do_not_think_they_are_inside_our_tmux(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    assert LocalLink().run(["sh", "-c", 'echo "[$TMUX]"']).stdout == b"[]\n"
