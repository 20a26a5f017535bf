"""A notice to a program of mine: never through a shell, the notice on its stdin, ended after its time."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from typing import IO

from gpuws.model.notice.notice import Notice
from gpuws.model.notice.places import filled
from gpuws.model.notice.wishes import Command
from gpuws.model.text import plain
from gpuws.notices.failure import NotDelivered
from gpuws.notices.payload import as_json, words

HEARD = 4096
"""Bytes of its stderr that are looked at."""


def run(command: Command, notice: Notice) -> None:
    """Returns once it has ended well; what it left running goes on. `NotDelivered` says how else.

    Files, not pipes: nobody waits for whoever else holds their other end."""
    told = words(notice)
    argv = [filled(argument, told) for argument in command.argv]
    try:
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
            given.write(as_json(notice))
            given.seek(0)
            status = _ended(argv, given, said, command.timeout)
            said.seek(0)
            why = plain(said.read(HEARD).decode("utf-8", "replace"), 200)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NotDelivered(f"{argv[0]} can't be started: {reason}", "try it: gpuws notify test") from error
    if status is None:
        raise NotDelivered(f"{argv[0]} did not end within {command.timeout:g} s")
    if status:
        raise NotDelivered(f"{argv[0]} exited {status}" + (f": {why}" if why else ""))


def _ended(argv: list[str], given: IO[bytes], said: IO[bytes], seconds: float) -> int | None:
    """Its status; None: it took too long, and was ended with all that it started and that stayed in its group."""
    process = subprocess.Popen(
        argv, stdin=given, stdout=subprocess.DEVNULL, stderr=said, cwd="/", start_new_session=True
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # it is no zombie yet that another could be called like
        process.wait()
        return None
