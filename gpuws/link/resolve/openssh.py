"""OpenSSH's own helpers (`ssh -G`, `ssh-keygen`), run without a terminal and within a time limit."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence

from gpuws.model.text import plain


class CommandFailed(Exception):
    """`status` None: it did not end in time. `reason`: the last thing it said."""

    def __init__(self, status: int | None, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def output(argv: Sequence[str], timeout: float, given: bytes = b"") -> str:
    """Its stdout; `given` is its stdin. FileNotFoundError without the program, CommandFailed for any status but 0.

    A session of its own: it can't reach our terminal, and what it started dies with it."""
    process = subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        stdout, stderr = process.communicate(given, timeout=timeout)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise CommandFailed(None, f"{argv[0]} did not end within {timeout:g} s") from None
    if process.returncode:
        raise CommandFailed(process.returncode, last_words(stderr) or f"status {process.returncode}")
    return stdout.decode(errors="replace")


def last_words(stderr: bytes) -> str:
    """What ssh says that matters: without its remark about a pseudo-terminal."""
    lines = [plain(line) for line in stderr.decode(errors="replace").splitlines()]
    return "; ".join(line for line in lines if line and not line.startswith("Pseudo-terminal"))[-300:]
