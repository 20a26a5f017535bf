"""Where configuration, state and sockets live (INTERFACE §2). Looking up creates nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gpuws.model.errors import UsageError


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
    def profiles_dir(self) -> Path:
        return self.config_dir / "profiles"


def find_paths(config_dir: Path | None, environ: Mapping[str, str]) -> Paths:
    """The directories for `--config-dir` and this environment; macOS follows the same rules."""
    return Paths(
        config_dir=absolute(config_dir, environ) if config_dir else _config_dir(environ),
        state_dir=(_base(environ, "XDG_STATE_HOME") or home(environ) / ".local/state") / "gpuws",
        runtime_dir=_runtime_dir(environ),
    )


def home(environ: Mapping[str, str]) -> Path:
    """The user's home directory on this workstation."""
    if value := environ.get("HOME"):
        return Path(value).absolute()
    try:
        return Path.home()
    except RuntimeError as error:
        raise UsageError("your home directory is not known", "set HOME") from error


def absolute(path: Path | str, environ: Mapping[str, str], base: Path | None = None) -> Path:
    """`path` with a leading `~` as my home; relative ones start at `base`, else at the working directory."""
    text = os.fspath(path)
    if text == "~" or text.startswith("~/"):
        return home(environ) / text[2:]
    return (base / text if base else Path(text)).absolute()


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


def _base(environ: Mapping[str, str], name: str) -> Path | None:
    """An XDG base directory; the specification says to ignore relative ones."""
    value = environ.get(name, "")
    return Path(value) if value.startswith("/") else None


def _config_dir(environ: Mapping[str, str]) -> Path:
    if value := environ.get("GPUWS_CONFIG_DIR"):
        return absolute(value, environ)
    return (_base(environ, "XDG_CONFIG_HOME") or home(environ) / ".config") / "gpuws"


def _runtime_dir(environ: Mapping[str, str]) -> Path:
    base = _base(environ, "XDG_RUNTIME_DIR")
    if base and _is_mine(base):
        return base / "gpuws"
    import tempfile

    return private_directory(Path(environ.get("TMPDIR") or tempfile.gettempdir()))


def private_directory(base: Path) -> Path:
    """My directory under a temporary directory that is everybody's."""
    directory = base / f"gpuws-{os.getuid()}"
    _refuse_foreign(directory)
    return directory


def _is_mine(directory: Path) -> bool:
    """After `sudo` or `su` the variable may still name somebody else's directory."""
    try:
        found = directory.stat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()


def _refuse_foreign(directory: Path) -> None:
    """Anybody may make our directory's name under the temporary directory first; sockets there would be theirs."""
    try:
        found = directory.lstat()
    except OSError:
        return  # not there yet
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise UsageError(
            f"{directory} is not a private directory of yours",
            f"remove it (or chmod 700 {directory}), or set XDG_RUNTIME_DIR",
        )
