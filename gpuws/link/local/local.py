"""This machine, reached without a network."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from gpuws.link.connect.tcp import connect_tcp
from gpuws.link.local.descriptor import Descriptor
from gpuws.link.place import Dialer, Process, Stream
from gpuws.link.running import collect
from gpuws.link.streams import SocketStream, StreamBroken
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import LOCAL
from gpuws.model.session.terminal import Completed, Size

DIAL_TIMEOUT = 10.0  # seconds
GRACE = 2.0  # seconds between the request to end and the end
STATUS_TIMEOUT = 2.0  # seconds between the end of the output and the exit status

# A PTY becomes the controlling terminal of its program by an ioctl in that program: done by a Python that then becomes
# the program, since running Python between fork and exec is unsafe beside threads.
_TAKE_TERMINAL = "import fcntl,os,sys,termios;fcntl.ioctl(0,termios.TIOCSCTTY,0);os.execvp(sys.argv[1],sys.argv[2:])"


def _environment(**more: str) -> dict[str, str]:
    """Ours, but as outside any tmux: a session of this machine is entered, not nested into the one gpuws runs in."""
    return {key: value for key, value in os.environ.items() if key not in ("TMUX", "TMUX_PANE")} | more


class LocalProcess:
    """A child in a process group of its own, which `close` ends."""

    def __init__(self, argv: Sequence[str]) -> None:
        self._what = f"{LOCAL}: {argv[0]}"
        pipe = subprocess.PIPE
        self._child = _spawn(
            argv,
            lambda: subprocess.Popen(
                argv, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, env=_environment(), start_new_session=True
            ),
        )
        self._stdin, self._stdout, self._stderr = (
            Descriptor(os.dup(stream.fileno()))
            for stream in (self._child.stdin, self._child.stdout, self._child.stderr)
            if stream is not None
        )
        for stream in (self._child.stdin, self._child.stdout, self._child.stderr):
            if stream is not None:
                stream.close()

    def read(self, limit: int = 65536) -> bytes:
        return self._stdout.read(limit)

    def read_stderr(self, limit: int = 65536) -> bytes:
        return self._stderr.read(limit)

    def write(self, data: bytes) -> None:
        try:
            self._stdin.write(data)
        except OSError as error:
            raise StreamBroken(f"{self._what}: it no longer reads its input") from error

    def close_stdin(self) -> None:
        self._stdin.close()

    def wait(self, timeout: float | None = None) -> int | None:
        return _status(self._child, timeout)

    def close(self) -> None:
        for descriptor in (self._stdin, self._stdout, self._stderr):
            descriptor.close()
        _end(self._child, signal.SIGTERM)


class LocalTerminal:
    """A program on a PTY of this machine."""

    def __init__(self, argv: Sequence[str], size: Size, term: str) -> None:
        program, words, cwd = _login_shell() if not argv else (argv[0], list(argv), None)
        ours, theirs = os.openpty()
        self._pty = Descriptor(ours)
        self.resize(size)
        helper = [sys.executable, "-ISc", _TAKE_TERMINAL, program, *words]
        environment = _environment(TERM=term)
        try:
            self._child = _spawn(
                [program],
                lambda: subprocess.Popen(
                    helper, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=cwd, start_new_session=True
                ),
            )
        except BaseException:
            self._pty.close()
            raise
        finally:
            os.close(theirs)
        threading.Thread(target=self._reap, daemon=True).start()

    def _reap(self) -> None:
        """The end of the program is the end of the terminal, whatever it left in the background."""
        self._child.wait()
        self._pty.finish()

    def recv(self, limit: int = 65536) -> bytes:
        return self._pty.read(limit)

    def sendall(self, data: bytes) -> None:
        try:
            self._pty.write(data)
        except OSError as error:
            raise StreamBroken(f"{LOCAL}: the terminal is closed") from error

    def resize(self, size: Size) -> None:
        self._pty.resize(size.columns, size.rows)

    def exit_status(self) -> int | None:
        try:
            return _status(self._child, STATUS_TIMEOUT)
        except TimeoutError:
            return None

    def close(self) -> None:
        self._pty.close()
        _end(self._child, signal.SIGHUP)


_Open = TypeVar("_Open", LocalProcess, LocalTerminal, SocketStream)


class LocalLink:
    """`Link` to this machine; it is never lost."""

    name = LOCAL
    needed_human = False
    latency: float | None = None

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: weakref.WeakSet[LocalProcess | LocalTerminal | SocketStream] = weakref.WeakSet()
        self._closed = False

    @property
    def alive(self) -> bool:
        return not self._closed

    def facts(self) -> None:
        """Nothing leads here."""

    def run(self, argv: Sequence[str], *, input: bytes | None = None, timeout: float = 30.0) -> Completed:  # noqa: A002
        return collect(self.popen(argv), f"{LOCAL}: {argv[0]}", input, timeout)

    def popen(self, argv: Sequence[str]) -> LocalProcess:
        return self._tracked(LocalProcess(argv))

    def interactive(self, argv: Sequence[str], size: Size, term: str = "xterm-256color") -> LocalTerminal:
        return self._tracked(LocalTerminal(argv, size, term))

    def dial_tcp(self, host: str, port: int) -> Stream:
        try:
            sock = connect_tcp(host, port, DIAL_TIMEOUT)
        except OSError as error:
            raise GpuwsError(f"{LOCAL}: {host}:{port} can't be reached ({error.strerror or error})") from error
        return self._tracked(SocketStream(sock, f"{LOCAL}: {host}:{port}"))

    def dial_unix(self, path: str) -> Stream:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.settimeout(DIAL_TIMEOUT)
            sock.connect(path)
            sock.settimeout(None)
        except OSError as error:
            sock.close()
            raise GpuwsError(f"{LOCAL}: {path} can't be reached ({error.strerror or error})") from error
        return self._tracked(SocketStream(sock, f"{LOCAL}: {path}"))

    @property
    def relay(self) -> Dialer:
        return self

    def relay_by(self, popen: Callable[[Sequence[str]], Process]) -> None:
        """There is none."""

    def on_crowded(self, give_way: Callable[[], bool]) -> None:
        pass

    def on_lost(self, callback: Callable[[str], None]) -> None:
        pass

    def close(self) -> None:
        with self._lock:
            self._closed, opened = True, list(self._open)
        for item in opened:
            item.close()

    def _tracked(self, item: _Open) -> _Open:
        with self._lock:
            self._open.add(item)
            closed = self._closed
        if closed:
            item.close()
        return item


def _spawn(argv: Sequence[str], start: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    if shutil.which(argv[0]) is None:
        raise GpuwsError(f"{LOCAL}: there is no program {argv[0]} here")
    try:
        return start()
    except (OSError, ValueError) as error:
        raise GpuwsError(f"{LOCAL}: {argv[0]} could not be started: {error}") from error


def _status(child: subprocess.Popen[bytes], timeout: float | None) -> int:
    try:
        code = child.wait(timeout)
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    return code if code >= 0 else 128 - code


def _end(child: subprocess.Popen[bytes], number: int) -> None:
    """Ask it to end, insist later; returns at once."""
    if child.poll() is None:
        _signal(child, number)
        threading.Thread(target=_insist, args=(child,), daemon=True).start()


def _insist(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:
        _signal(child, signal.SIGKILL)
        child.wait()


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _login_shell() -> tuple[str, list[str], str]:
    import pwd

    try:
        record = pwd.getpwuid(os.getuid())
        shell, home = record.pw_shell or "/bin/sh", record.pw_dir
    except KeyError:
        shell, home = "/bin/sh", "/"
    return shell, [f"-{Path(shell).name}"], home if Path(home).is_dir() else "/"
