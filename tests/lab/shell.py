"""Running programs, and waiting for what they promise."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.lab.report import LabError

SBIN = "/usr/local/sbin:/usr/sbin:/sbin"
TAIL = 1500


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for child programs: system directories on PATH, nothing that leads to another Docker engine."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("DOCKER_")}
    kept["PATH"] = f"{kept.get('PATH', '/usr/bin:/bin')}:{SBIN}"
    return {**kept, **(extra or {})}


def run(
    argv: Sequence[str | Path],
    *,
    stdin: bytes = b"",
    timeout: float = 600,
    extra_env: Mapping[str, str] | None = None,
    check: bool = True,
) -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end; a failure becomes a LabError with the end of what it said."""
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words, input=stdin, capture_output=True, timeout=timeout, env=environment(extra_env), check=False
        )
    except FileNotFoundError as error:
        raise LabError(f"{words[0]} is not installed: run `python3 -m tests.lab install`") from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f"no end within {timeout:.0f} s: {' '.join(words)}") from error
    if check and done.returncode != 0:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()[-TAIL:]
        raise LabError(f"exit status {done.returncode}: {' '.join(words)}\n{said}")
    return done


def output(argv: Sequence[str | Path], *, timeout: float = 600) -> str:
    """What a program prints, stripped."""
    return run(argv, timeout=timeout).stdout.decode(errors="replace").strip()


def wait_until(ready: Callable[[], bool], what: str, *, timeout: float) -> None:
    """Poll until `ready`, or fail with `what`."""
    deadline = time.monotonic() + timeout
    while not ready():
        if time.monotonic() > deadline:
            raise LabError(f"waited {timeout:.0f} s for {what}")
        time.sleep(0.05)
