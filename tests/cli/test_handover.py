"""A remote terminal on this tty: a real program on a real PTY that hands it over."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gpuws.cli.terminal.bridge import socket_of
from gpuws.model.errors import Unreachable

PROGRAM = """
import sys
from gpuws.cli.toolkit.signals import endable
from gpuws.cli.terminal.tty import run_terminal
from gpuws.link.local.local import LocalLink
print("READY", flush=True)
with endable():
    status = run_terminal(lambda size: LocalLink().interactive(["sh", "-c", sys.argv[1]], size))
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


@pytest.fixture
def open_tty() -> Iterator[object]:
    made: list[Tty] = []

    def start(script: str, program: str = PROGRAM) -> Tty:
        tty = Tty(["-c", program, script])
        made.append(tty)
        tty.until(b"READY\r\n")
        return tty

    yield start
    for tty in made:
        tty.close()


def test_in_and_out_again(open_tty):
    tty = open_tty("stty size; stty raw -echo; echo go; dd bs=1 count=5 2>/dev/null | od -An -tx1; exit 7")
    assert tty.until(b"go") == b"30 100\r\n"
    assert not tty.restored
    tty.send(b"\x03\x1a\xff\x1b~")  # keys are bytes: no signals, no text
    assert b"03 1a ff 1b 7e" in tty.until(b"STATUS 7")
    tty.until(b"\r\n")
    tty.send(b"typed after\n")  # nobody stole it
    tty.until(b"LINE 'typed after'")
    assert tty.process.wait(10) == 0
    assert tty.restored


def test_the_window_follows(open_tty):
    tty = open_tty("trap 'stty size' WINCH; echo go; while :; do sleep 0.05; done")
    tty.until(b"go\r\n")
    tty.resize(77, 22)
    tty.until(b"22 77")


def test_much_output_arrives_whole(open_tty):
    tty = open_tty("seq 200000; echo THE END")
    lines = tty.until(b"THE END", 60).split()
    assert lines[-200000:] == [b"%d" % number for number in range(1, 200001)]
    tty.until(b"STATUS 0")


def test_the_escape_leaves_and_tidies_up(open_tty):
    tty = open_tty(r"printf '\033[?1049h\033[?1000hgo'; cat")
    tty.until(b"go")
    tty.send(b"\r~.")
    assert b"\x1b[?1000l\x1b[?1049l\x1b[0m" in tty.until(b"[left; what runs there goes on]\r\n")
    tty.until(b"STATUS None\r\n")
    assert tty.restored


def test_a_lost_link_says_so(open_tty):
    """A terminal that ends and was never told its status."""
    never_told = "import gpuws.link.local.local as local; local.LocalTerminal.exit_status = lambda self: None\n"
    tty = open_tty("echo bye", never_told + PROGRAM)
    tty.until(b"[connection lost]\r\nSTATUS None\r\n")
    assert tty.restored


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_restores_the_tty_and_then_ends_us(open_tty, number: signal.Signals):
    tty = open_tty(r"printf '\033[?1049hgo'; cat")
    tty.until(b"go")
    tty.process.send_signal(number)
    assert tty.process.wait(10) == -number
    assert tty.restored
    tty.until(b"\x1b[?1049l")


def test_a_program_that_reads_no_keys_may_still_say_much(open_tty):
    """Neither side waits for the other: what was typed waits here."""
    tty = open_tty("stty raw -echo; echo go; sleep 0.3; seq 300000; echo THE END; cat >/dev/null")
    tty.until(b"go")
    typing = threading.Thread(target=tty.send, args=(b"x" * (1 << 20),), daemon=True)
    typing.start()
    tty.until(b"THE END", 60)
    typing.join(20)
    assert not typing.is_alive()
    tty.process.kill()


def test_what_opening_raises_comes_before_the_tty_is_touched(tmp_path: Path):
    program = """
from gpuws.cli.terminal.tty import run_terminal
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
from gpuws.link.local.local import LocalLink
from gpuws.cli.terminal.tty import run_terminal
print(run_terminal(lambda size: LocalLink().interactive(["sh", "-c", "read x; echo got $x; exit 3"], size)))
"""
    done = subprocess.run([sys.executable, "-c", program], input=b"word\n", capture_output=True, check=True)
    assert b"got word" in done.stdout
    assert done.stdout.endswith(b"3\n")


class Deaf:
    """A terminal whose program ended: it takes nothing, and its last words come when `asked` is set."""

    def __init__(self) -> None:
        self.asked, self.refused = threading.Event(), threading.Event()
        self._words = [b"last ", b"words", b""]

    def recv(self, limit: int = 65536) -> bytes:
        assert self.asked.wait(20)
        return self._words.pop(0)

    def sendall(self, data: bytes) -> None:
        self.refused.set()
        raise Unreachable("it ended")


def test_the_last_words_of_a_program_that_takes_no_more_keys_are_shown() -> None:
    terminal = Deaf()
    with socket_of(terminal) as sock:
        sock.settimeout(20)
        sock.sendall(b"k")
        assert terminal.refused.wait(20)
        terminal.asked.set()
        shown = b""
        with contextlib.suppress(ConnectionResetError):  # keys came that nobody took
            while data := sock.recv(100):
                shown += data
    assert shown == b"last words"
