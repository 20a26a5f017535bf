"""Runs `gpuws` hundreds of times without making its hundreds of frozen classes each time, half of what a command takes.

One process has them made and splits off a child for each command: with a terminal session, directory, environment and
descriptors of its own, it goes through `gpuws.__main__` as the installed command does. Only the model and the demo are
loaded before: what a command loads when, and what it reads of its environment then, is its own."""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, NoReturn

STATUS = struct.Struct("i")


class Commands:
    """Where commands are split off; one a process of tests, started with the first command."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: tuple[socket.socket, subprocess.Popen[bytes]] | None = None

    def end(self) -> None:
        if self._server is not None:
            server, process = self._server
            server.close()
            process.wait()

    def run(
        self, words: Sequence[str], env: Mapping[str, str], typed: str | None, seconds: float
    ) -> subprocess.CompletedProcess[str]:
        """As subprocess.run would, with text; `words[0]` is the command's own path."""
        with _file(typed) as stdin, _file("") as stdout, _file("") as stderr:
            ours, theirs = socket.socketpair()
            with ours, theirs:
                request = json.dumps({"words": list(words), "env": dict(env), "cwd": str(Path.cwd())}).encode()
                self._send(request, [theirs.fileno(), stdin.fileno(), stdout.fileno(), stderr.fileno()])
                theirs.close()
                status = _status(ours, words, seconds)
            return subprocess.CompletedProcess(list(words), status, _text(stdout), _text(stderr))

    def _send(self, request: bytes, descriptors: list[int]) -> None:
        with self._lock:
            if self._server is None:
                self._server = _start()
            socket.send_fds(self._server[0], [request], descriptors)


def _start() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen([sys.executable, "-m", __name__], stdin=theirs, start_new_session=True)
    theirs.close()
    return ours, process


@contextlib.contextmanager
def _file(text: str | None) -> Iterator[IO[bytes]]:
    """`text`: what is read from it; None: nothing ever."""
    if text is None:
        with Path(os.devnull).open("rb") as nothing:
            yield nothing
        return
    with tempfile.TemporaryFile() as file:
        file.write(text.encode())
        file.seek(0)
        yield file


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")


def _status(ours: socket.socket, words: Sequence[str], seconds: float) -> int:
    until = time.monotonic() + seconds
    pid = STATUS.unpack(ours.recv(STATUS.size))[0]
    ours.settimeout(max(until - time.monotonic(), 0.001))
    try:
        return int(STATUS.unpack(ours.recv(STATUS.size))[0])
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        raise subprocess.TimeoutExpired(list(words), seconds) from None


def _serve(server: socket.socket) -> tuple[dict[str, object], list[int]]:
    """Split off until the tests have ended. Returns in each command's own process, with what it was asked for."""
    while True:
        packet, descriptors, _, _ = socket.recv_fds(server, 1 << 20, 4)
        if not packet:
            os._exit(0)
        if os.fork() == 0:
            server.close()
            answers, *streams = descriptors
            pid = os.fork()
            if pid:
                _tell_its_end(pid, answers)
            os.close(answers)
            return json.loads(packet), streams
        for descriptor in descriptors:
            os.close(descriptor)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _tell_its_end(pid: int, answers: int) -> NoReturn:
    os.write(answers, STATUS.pack(pid))
    os.write(answers, STATUS.pack(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))
    os._exit(0)


def _be(request: dict[str, object], streams: list[int]) -> None:
    words, env, cwd = request["words"], request["env"], request["cwd"]
    assert isinstance(words, list)
    assert isinstance(env, dict)
    os.setsid()
    os.chdir(str(cwd))
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.argv = words


if __name__ == "__main__":
    from gpuws.__main__ import main

    importlib.import_module("gpuws.fleet.demo.fleet")
    gc.freeze()
    with socket.socket(fileno=os.dup(0)) as asked:
        command = _serve(asked)
    _be(*command)
    sys.exit(main())
