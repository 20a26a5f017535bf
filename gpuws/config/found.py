"""Profile files in directories. What can't be looked at is not there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gpuws.model.host import NAME

ENDINGS = (".yaml", ".yml")


def profile_files(directory: Path) -> list[Path]:
    """The profiles of a directory by name; hidden files are an editor's."""
    try:
        return sorted(path for path in directory.iterdir() if path.suffix in ENDINGS and not path.name.startswith("."))
    except OSError:
        return []


def first_named(dirs: Sequence[Path], name: str) -> Path | None:
    """The file of the profile `name` in the first directory that has one."""
    if not NAME.match(name):
        return None
    candidates = (directory / f"{name}{ending}" for directory in dirs for ending in ENDINGS)
    return next((path for path in candidates if _there(path)), None)


def _there(path: Path) -> bool:
    """Whether the directory has such a name; a broken link is there, and says so when it is read."""
    try:
        path.lstat()
    except OSError:
        return False
    return True
