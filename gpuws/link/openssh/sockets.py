"""Where the sockets lie that gpuws' own ssh is reached by, and reaches gpuws by: in its private runtime directory."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from gpuws.quick import directories

LONGEST_PATH = 104 - 18  # bytes of a socket's path, and ssh adds a suffix while it makes it


def folder(environ: Mapping[str, str]) -> str:
    """Mine alone, and short enough for sockets."""
    found = directories.runtime_dir(environ)
    if len(os.fsencode(found)) > LONGEST_PATH - 12:
        found = directories.private_directory("/tmp")
    Path(found).mkdir(mode=0o700, parents=True, exist_ok=True)
    directories.need_private(found, os.lstat(found))
    return found


def new_path(environ: Mapping[str, str], kind: str) -> str:
    """One that nobody else has; `kind` is its first letter."""
    return f"{folder(environ)}/{kind}-{secrets.token_hex(4)}"
