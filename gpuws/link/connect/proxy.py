"""ProxyCommand: a child over a socketpair, so that its death is seen at once."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import threading
from collections import deque
from typing import IO

from gpuws.link.resolve.openssh import last_words

KEPT_LINES = 20
PATIENCE = 0.5  # seconds between the end of its output and the end of its stderr


class ProxySocket(socket.socket):
    """Leads to the command's stdin and stdout; closing it ends the command and what it started."""

    _child: subprocess.Popen[bytes] | None = None
    _errors: deque[bytes]
    _drained: threading.Event

    @classmethod
    def start(cls, command: str) -> ProxySocket:
        ours, theirs = socket.socketpair()
        with theirs:
            child = subprocess.Popen(
                [os.environ.get("SHELL") or "/bin/sh", "-c", f"exec {command}"],  # my own shell, as ssh has it
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        sock = cls(fileno=ours.detach())
        sock._child, sock._errors, sock._drained = child, deque(maxlen=KEPT_LINES), threading.Event()
        assert child.stderr is not None
        threading.Thread(target=_drain, args=(child, child.stderr, sock._errors, sock._drained), daemon=True).start()
        return sock

    def last_words(self) -> str:
        """The end of its stderr, once it has failed; "" otherwise."""
        self._drained.wait(PATIENCE)
        return last_words(b"\n".join(self._errors)) if self._drained.is_set() else ""

    def close(self) -> None:
        super().close()
        child, self._child = self._child, None
        if child is not None and child.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGTERM)


def _drain(child: subprocess.Popen[bytes], stderr: IO[bytes], lines: deque[bytes], done: threading.Event) -> None:
    """Until the command's end; then no zombie is left."""
    with stderr:
        while line := stderr.readline(4096):
            lines.append(line)
    done.set()
    child.wait()
