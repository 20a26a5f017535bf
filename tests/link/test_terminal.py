"""A remote terminal on this tty: the pieces, then a real program on a real PTY that hands it over."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gpuws.link.escape import Escape
from gpuws.link.modes import Modes
from tests.link.sshd import Server

# the escape


@pytest.mark.parametrize(
    ("chunks", "sent", "left"),
    [
        ([b"abc"], b"abc", False),
        ([b"~."], b"", True),
        ([b"ls\r~."], b"ls\r", True),
        ([b"ls\r", b"~", b"."], b"ls\r", True),
        ([b"a~."], b"a~.", False),
        ([b"~~."], b"~.", False),
        ([b"~x"], b"~x", False),
        ([b"\n~."], b"\n", True),
        ([b"~", b"\r~."], b"~\r", True),
        ([b"echo ~/x\r"], b"echo ~/x\r", False),
        ([bytes(range(256))], bytes(range(256)), False),
    ],
)
def test_the_way_back(chunks: list[bytes], sent: bytes, left: bool):
    escape, out, gone = Escape(), b"", False
    for chunk in chunks:
        data, gone = escape.feed(chunk)
        out += data
    assert (out, gone) == (sent, left)


# the modes

PLAIN = b"\x1b[0m"


def left_on(*chunks: bytes) -> bytes:
    modes = Modes()
    for chunk in chunks:
        modes.feed(chunk)
    return modes.undo()


def test_what_was_switched_on_is_switched_off():
    assert left_on(b"\x1b[?1049h\x1b[?1000;1006hx\x1b[?2004h") == (
        b"\x1b[?1000l\x1b[?1006l\x1b[?1049l\x1b[?2004l" + PLAIN
    )
    assert left_on(b"\x1b[?25l\x1b=\x1b[>1u\x1b[>5u\x1b[<u") == b"\x1b[<u\x1b>\x1b[?25h" + PLAIN


def test_what_was_never_on_or_is_off_again_is_left_alone():
    assert left_on(b"text \x1b[31m") == PLAIN
    assert left_on(b"\x1b[?1049h\x1b[?25l", b"\x1b[?25h\x1b[?1049l") == PLAIN
    assert left_on(b"\x1b[?1049h\x1bc") == PLAIN
    assert left_on(b"\x1b[<9999999u\x1b[?99999999h\x1b[?;;h\x1b[?h") == PLAIN


def test_sequences_cut_anywhere():
    data = b"a\x1b[?1049h\x1b[?1000;1002hb"
    for cut in range(len(data)):
        assert left_on(data[:cut], data[cut:]) == left_on(data)


# the whole road

PROGRAM = """
import sys, signal
from gpuws.link.connect import Connector
from gpuws.link.terminal import run_terminal
from gpuws.model.host import Host
kind, config, *argv = sys.argv[1:]
link = Connector().connect(Host("box" if kind == "ssh" else "local", ssh_config=config), lambda question: None)
print("READY", flush=True)
status = run_terminal(lambda size: link.interactive(argv, size))
print("STATUS", status, flush=True)
print("LINE", repr(input()), flush=True)
"""


class Tty:
    """A program on a PTY of ours."""

    def __init__(self, argv: list[str]) -> None:
        self.master, self.slave = pty.openpty()
        self.resize(100, 30)
        self.before = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen(
            [sys.executable, "-c", TAKE_TERMINAL, *argv],
            stdin=self.slave, stdout=self.slave, stderr=self.slave, start_new_session=True,
        )  # fmt: skip
        self.shown = b""

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, data: bytes) -> None:
        os.write(self.master, data)

    def until(self, wanted: bytes, seconds: float = 20) -> bytes:
        """Everything shown up to `wanted`; what comes after it is kept."""
        deadline = time.monotonic() + seconds
        while wanted not in self.shown:
            left = deadline - time.monotonic()
            assert left > 0, f"never saw {wanted!r}: {self.shown!r}"
            if select.select([self.master], [], [], left)[0]:
                self.shown += os.read(self.master, 65536)
        head, _, self.shown = self.shown.partition(wanted)
        return head

    @property
    def restored(self) -> bool:
        return termios.tcgetattr(self.slave) == self.before

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


TAKE_TERMINAL = (
    "import fcntl,os,sys,termios;fcntl.ioctl(0,termios.TIOCSCTTY,0);"
    "os.execv(sys.executable,[sys.executable,*sys.argv[1:]])"
)


@pytest.fixture(params=["ssh", "local"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def open_tty(server: Server) -> Iterator[object]:
    made: list[Tty] = []

    def start(kind: str, script: str) -> Tty:
        tty = Tty(["-c", PROGRAM, kind, str(server.config), "sh", "-c", script])
        made.append(tty)
        tty.until(b"READY\r\n")
        return tty

    yield start
    for tty in made:
        tty.close()


def test_in_and_out_again(kind: str, open_tty):
    tty = open_tty(kind, "stty size; stty raw -echo; echo go; dd bs=1 count=5 2>/dev/null | od -An -tx1; exit 7")
    assert tty.until(b"go") == b"30 100\r\n"
    assert not tty.restored
    tty.send(b"\x03\x1a\xff\x1b~")  # keys are bytes: no signals, no text
    assert b"03 1a ff 1b 7e" in tty.until(b"STATUS 7")
    tty.until(b"\r\n")
    tty.send(b"typed after\n")  # nobody stole it
    tty.until(b"LINE 'typed after'")
    assert tty.process.wait(10) == 0
    assert tty.restored


def test_the_window_follows(kind: str, open_tty):
    tty = open_tty(kind, "trap 'stty size' WINCH; echo go; while :; do sleep 0.05; done")
    tty.until(b"go\r\n")
    tty.resize(77, 22)
    tty.until(b"22 77")


def test_much_output_arrives_whole(kind: str, open_tty):
    tty = open_tty(kind, "seq 200000; echo THE END")
    lines = tty.until(b"THE END", 60).split()
    assert lines[-200000:] == [b"%d" % number for number in range(1, 200001)]
    tty.until(b"STATUS 0")


def test_the_escape_leaves_and_tidies_up(kind: str, open_tty):
    tty = open_tty(kind, r"printf '\033[?1049h\033[?1000hgo'; cat")
    tty.until(b"go")
    tty.send(b"\r~.")
    assert b"\x1b[?1000l\x1b[?1049l\x1b[0m" in tty.until(b"[left; what runs there goes on]\r\n")
    tty.until(b"STATUS None\r\n")
    assert tty.restored


def test_a_lost_link_says_so(open_tty, server: Server):
    tty = open_tty("ssh", "echo parent $PPID; cat")
    tty.until(b"parent ")
    os.kill(int(tty.until(b"\r\n")), signal.SIGKILL)
    tty.until(b"[connection lost]\r\nSTATUS None\r\n")
    assert tty.restored


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_restores_the_tty_and_then_ends_us(kind: str, open_tty, number: signal.Signals):
    tty = open_tty(kind, r"printf '\033[?1049hgo'; cat")
    tty.until(b"go")
    tty.process.send_signal(number)
    assert tty.process.wait(10) == -number
    assert tty.restored
    tty.until(b"\x1b[?1049l")


def test_what_opening_raises_comes_before_the_tty_is_touched(tmp_path: Path):
    program = """
from gpuws.link.terminal import run_terminal
from gpuws.model.errors import Unreachable
def fail(size):
    raise Unreachable(f"no way {size.columns}x{size.rows}")
try:
    run_terminal(fail)
except Unreachable as error:
    print("RAISED", error)
"""
    tty = Tty(["-c", program])
    try:
        tty.until(b"RAISED no way 100x30")
        assert tty.restored
    finally:
        tty.close()


def test_without_a_tty_bytes_still_flow():
    program = """
from gpuws.link.local import LocalLink
from gpuws.link.terminal import run_terminal
print(run_terminal(lambda size: LocalLink().interactive(["sh", "-c", "read x; echo got $x; exit 3"], size)))
"""
    done = subprocess.run([sys.executable, "-c", program], input=b"word\n", capture_output=True, check=True)
    assert b"got word" in done.stdout
    assert done.stdout.endswith(b"3\n")
