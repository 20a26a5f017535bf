"""All configuration at once: what the composition root builds a fleet from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from gpuws.config.paths import Paths, built_in_profiles
from gpuws.config.problems import ConfigProblems, Problem
from gpuws.config.settings import UserSettings, default_settings, read_settings
from gpuws.model.host import LOCAL, Host
from gpuws.model.settings import Keeping, Look, Settings


@dataclass(frozen=True, slots=True)
class Configuration:
    """`configured`: somebody wrote hosts down; else there is only this machine, and aliases may be offered.

    `profile_dirs`: mine first, then the lab's, then the built-in ones. `notes`: written but not done, one line each.
    `files`: those that decide, whether they are there or not."""

    hosts: tuple[Host, ...]
    settings: Settings
    look: Look
    profile_dirs: tuple[Path, ...]
    configured: bool
    notes: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    keeping: Keeping = field(default_factory=Keeping)
    notifications: bool | Mapping[str, object] = True


def load_configuration(paths: Paths, environ: Mapping[str, str], *, readonly: bool = False) -> Configuration:
    """Raises ConfigProblems with all that is wrong with all files. `readonly`: no host may be changed.

    Files that are not there cost nothing, not even an import."""
    problems: list[Problem] = []
    user = default_settings(environ)
    if present(paths.config_file):
        try:
            user = read_settings(paths.config_file, environ)
        except ConfigProblems as error:
            problems += error.problems
    hosts, configured, notes = _hosts(paths, user, environ, problems)
    if problems:
        raise ConfigProblems(problems)
    if readonly:
        hosts = tuple(replace(host, readonly=True) for host in hosts)
    return Configuration(
        hosts=hosts,
        settings=replace(user.settings, readonly=readonly),
        look=user.look,
        profile_dirs=tuple(dict.fromkeys((paths.profiles_dir, *user.profile_paths, built_in_profiles()))),
        configured=configured,
        notes=notes,
        files=(paths.config_file, paths.hosts_file, *user.hosts_files),
        keeping=user.keeping,
        notifications=user.notifications,
    )


def hosts_files(paths: Paths, user: UserSettings) -> tuple[Path, ...]:
    """Hosts files that exist: those of others, then mine."""
    return tuple(path for path in (*user.hosts_files, paths.hosts_file) if present(path))


def present(path: Path) -> bool:
    """Whether something is there, readable or not: what can't be read is a problem, not an absence."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _no_profiles(directory: Path) -> str | None:
    """Why a shared directory gives no profiles; None where it can be read."""
    try:
        next(directory.iterdir(), None)
    except OSError as error:
        reason = "is not there" if not present(directory) else f"can't be read: {error.strerror}"
        return f"{directory}: {reason}; its profiles are missing"
    return None


def _hosts(
    paths: Paths, user: UserSettings, environ: Mapping[str, str], problems: list[Problem]
) -> tuple[tuple[Host, ...], bool, tuple[str, ...]]:
    notes = tuple(
        f"{path}: is not there; its hosts are missing" for path in user.hosts_files if not present(path)
    ) + tuple(note for path in user.profile_paths if (note := _no_profiles(path)))
    files = hosts_files(paths, user)
    if not files:
        return (Host(LOCAL),), False, notes
    from gpuws.config.hosts import read_hosts

    found = read_hosts(files, environ)
    hosts = found.hosts() if not found.problems else ()
    problems += found.problems
    return hosts, True, (*notes, *found.notes())
