"""The files of a user: configuration, state, profiles; and whose a path is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gpuws.quick import directories


@dataclass(frozen=True, slots=True)
class Paths:
    """The three directories of a user. None of them need exist."""

    config_dir: Path
    state_dir: Path
    runtime_dir: Path

    @property
    def config_file(self) -> Path:
        return self.config_dir / "config.yaml"

    @property
    def hosts_file(self) -> Path:
        return self.config_dir / "hosts.yaml"

    @property
    def accepted_dir(self) -> Path:
        """What I accepted of shared files."""
        return self.state_dir / "accepted"

    @property
    def own_known_hosts(self) -> Path:
        """Host keys that I confirmed where the SSH configuration keeps none (`UserKnownHostsFile /dev/null`)."""
        return self.state_dir / "known_hosts"

    @property
    def checked_hosts(self) -> Path:
        """What my hosts file said when it was checked last."""
        return self.state_dir / "hosts.checked"

    @property
    def stops(self) -> Path:
        """Why gpuws itself stopped containers."""
        return self.state_dir / "stopped.json"

    @property
    def command_log(self) -> Path:
        """What gpuws ran on hosts."""
        return self.state_dir / "commands.log"

    @property
    def profiles_dir(self) -> Path:
        return self.config_dir / "profiles"


def find_paths(config_dir: Path | None, environ: Mapping[str, str]) -> Paths:
    """The directories for `--config-dir` and this environment."""
    return Paths(
        config_dir=absolute(config_dir, environ) if config_dir else Path(directories.config_dir(environ)),
        state_dir=Path(directories.state_dir(environ)),
        runtime_dir=Path(directories.runtime_dir(environ)),
    )


def home(environ: Mapping[str, str]) -> Path:
    """The user's home directory on this workstation."""
    return Path(directories.home(environ))


def absolute(path: Path | str, environ: Mapping[str, str], base: Path | None = None) -> Path:
    """`path` with a leading `~` as my home; relative ones start at `base`, else at the working directory."""
    return Path(directories.absolute(os.fspath(path), environ, os.fspath(base) if base else ""))


def is_mine(path: Path, folder: Path, environ: Mapping[str, str]) -> bool:
    """Whether what a shared file in `folder` names is no part of it: what lies in my home, and what the system has.

    Both as it is written and where it leads; a file system that is mounted in my home is not my home."""
    written, leads, own = Path(os.path.normpath(path)), real_path(path), home(environ)
    theirs = written.is_relative_to(os.path.normpath(folder)) or leads.is_relative_to(real_path(folder))
    if theirs or not (written.is_relative_to(own) or written.is_relative_to("/etc")):
        return False
    real = real_path(own)
    return leads.is_relative_to("/etc") or (leads.is_relative_to(real) and _device(leads) == _device(real))


def present(path: Path) -> bool:
    """Whether something is there, readable or not: what can't be read is a problem, not an absence."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def real_path(path: Path | str) -> Path:
    """Where it leads, links followed as far as they can be: `Path.resolve` raises where they go in a circle."""
    return Path(os.path.realpath(path))


def _device(path: Path) -> int | None:
    """The file system that a path lies on, or would."""
    for each in (path, *path.parents):
        try:
            return each.stat().st_dev
        except OSError:
            continue
    return None


def built_in_profiles() -> Path:
    """Profiles that ship with gpuws: inside the wheel, or beside the package in a source checkout."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "profiles"
    return shipped if shipped.is_dir() else package.parent / "profiles"
