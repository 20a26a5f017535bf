"""A notice to a program of mine: never through a shell, the notice on its stdin, ended after its time."""

from __future__ import annotations

import os
import signal
import subprocess

from gpuws.model.notice.notice import Notice
from gpuws.model.notice.places import filled
from gpuws.model.notice.wishes import Command
from gpuws.model.text import plain
from gpuws.notices.failure import NotDelivered
from gpuws.notices.payload import as_json, words

HEARD = 4096
"""Bytes of its stderr that are looked at."""


def run(command: Command, notice: Notice) -> None:
    """Returns once it has ended well. `NotDelivered` says how else."""
    told = words(notice)
    argv = [filled(argument, told) for argument in command.argv]
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NotDelivered(f"{argv[0]} can't be started: {reason}", "try it: gpuws notify test") from error
    with process:
        try:
            _, complaint = process.communicate(as_json(notice), command.timeout)
        except subprocess.TimeoutExpired as error:
            _end(process)
            raise NotDelivered(f"{argv[0]} did not end within {command.timeout:g} s") from error
    if process.returncode:
        why = plain(complaint[:HEARD].decode("utf-8", "replace"), 200)
        raise NotDelivered(f"{argv[0]} exited {process.returncode}" + (f": {why}" if why else ""))


def _end(process: subprocess.Popen[bytes]) -> None:
    """With all that it started and that stayed in its group: else whoever holds its stderr would be waited for."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    if process.stderr is not None:
        process.stderr.close()
