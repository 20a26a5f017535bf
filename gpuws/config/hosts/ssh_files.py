"""SSH configuration files as text: their lines, what they include. Only read: nothing is resolved, run or dialled."""

from __future__ import annotations

import glob
import os
import re
import shlex
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from gpuws.config.paths import home

MOST_BYTES = 1 << 20
MOST_FILES = 256
DEPTH = 16  # as ssh
_LINE = re.compile(r"\s*\"?([A-Za-z]+)\"?(?:\s*=\s*|\s+)(.*)")
_ENVIRONMENT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def read(path: Path) -> str:
    """The file's text; OSError or ValueError where it can't be read. ssh takes such a file as empty."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(0, "is not a file")  # a fifo would block for ever
    with path.open("rb") as file:
        return file.read(MOST_BYTES).decode("utf-8", "replace")


def words(line: str) -> tuple[str, list[str]]:
    """The keyword, small, and its arguments; "" where ssh would find none."""
    match = _LINE.match(line)
    if match is None:
        return "", []
    try:
        return match[1].lower(), shlex.split(match[2], comments=True)
    except ValueError:
        return "", []


def included(pattern: str, base: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """The files that an Include names now, in ssh's order. `base`: where relative ones start."""
    text = expanded(pattern, environ)
    for name in sorted(glob.glob(text, root_dir=base)):  # noqa: PTH207  (pathlib refuses absolute patterns)
        yield Path(os.path.normpath(base / name))


def expanded(pattern: str, environ: Mapping[str, str]) -> str:
    """With its variables, and `~` as my home."""
    text = _ENVIRONMENT.sub(lambda match: environ.get(match[1], ""), pattern)
    return f"{home(environ)}/{text[2:]}" if text.startswith("~/") else text
