"""All configuration at once: what the composition root builds a fleet from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gpuws.config.hosts.checked import Checked, memory_of
from gpuws.config.paths import Paths, built_in_profiles, present
from gpuws.config.settings import UserSettings, default_settings, read_settings
from gpuws.config.yaml.problems import ConfigProblems, Problem
from gpuws.model.host.host import LOCAL, Host
from gpuws.model.settings import Keeping, ScreenSettings, Settings

if TYPE_CHECKING:
    from gpuws.config.hosts.hosts import HostFiles, SharedHosts
    from gpuws.model.notice.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Configuration:
    """`configured`: somebody wrote hosts down; else there is only this machine, and aliases may be offered.

    `profile_dirs`: mine, then the built-in ones; `shared_profiles`: the lab's. `notes`: written but not done, one line
    each. `files`: those that decide, whether they are there or not. `accepted_dir`: what I accepted of shared files.
    `notifications` None: as nothing was said of them; so where nothing may be changed, since another keeper sends.
    `command_log`: what is run on hosts is written down."""

    hosts: tuple[Host, ...]
    settings: Settings
    look: ScreenSettings
    profile_dirs: tuple[Path, ...]
    shared_profiles: tuple[Path, ...]
    accepted_dir: Path
    configured: bool
    notes: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    keeping: Keeping = field(default_factory=Keeping)
    notifications: Wishes | None = None
    command_log: bool = True


def load_configuration(paths: Paths, environ: Mapping[str, str], *, readonly: bool = False) -> Configuration:
    """Raises ConfigProblems with all that is wrong with all files. `readonly`: no host may be changed.

    Files that are not there cost nothing, not even an import."""
    problems: list[Problem] = []
    try:
        user = user_settings(paths, environ)
    except ConfigProblems as error:
        user = default_settings(environ)
        problems += error.problems
    shared = open_shared(paths, user, environ)
    hosts, configured, notes = _hosts(paths, shared, environ, problems)
    if problems:
        raise ConfigProblems(problems)
    if readonly:
        hosts = tuple(replace(host, readonly=True) for host in hosts)
    return Configuration(
        hosts=hosts,
        settings=replace(user.settings, readonly=readonly),
        look=user.look,
        profile_dirs=(paths.profiles_dir, built_in_profiles()),
        shared_profiles=user.profile_paths,
        accepted_dir=paths.accepted_dir,
        configured=configured,
        notes=(*notes, *filter(None, map(_no_profiles, user.profile_paths))),
        files=(paths.config_file, paths.hosts_file, *(file for one in shared for file in one.files)),
        keeping=user.keeping,
        notifications=None if readonly else user.notifications,
        command_log=user.command_log,
    )


def user_settings(paths: Paths, environ: Mapping[str, str]) -> UserSettings:
    """What config.yaml says, or would without one. ConfigProblems where it is wrong."""
    return read_settings(paths.config_file, environ) if present(paths.config_file) else default_settings(environ)


def open_shared(paths: Paths, user: UserSettings, environ: Mapping[str, str]) -> tuple[SharedHosts, ...]:
    """What may be used of the hosts files of others."""
    if not user.hosts_files:
        return ()
    from gpuws.config.hosts.shared_hosts import open_hosts_file

    return tuple(open_hosts_file(path, paths.accepted_dir, environ) for path in user.hosts_files)


def read_all_hosts(paths: Paths, shared: Sequence[SharedHosts], environ: Mapping[str, str]) -> HostFiles | None:
    """The hosts of all files, those of others first; None where there is no file."""
    mine = (paths.hosts_file,) if present(paths.hosts_file) else ()
    usable = [one for one in shared if one.tree is not None]
    if not (mine or usable):
        return None
    from gpuws.config.hosts.hosts import read_hosts

    return read_hosts(mine, environ, usable)


def _no_profiles(directory: Path) -> str | None:
    """Why a shared directory gives no profiles; None where it can be read."""
    try:
        next(directory.iterdir(), None)
    except OSError as error:
        reason = "is not there" if not present(directory) else f"can't be read: {error.strerror}"
        return f"{directory}: {reason}; its profiles are missing"
    return None


def _hosts(
    paths: Paths, shared: Sequence[SharedHosts], environ: Mapping[str, str], problems: list[Problem]
) -> tuple[tuple[Host, ...], bool, tuple[str, ...]]:
    notes = tuple(one.note for one in shared if one.note)
    memory = memory_of(paths, environ) if not shared and present(paths.hosts_file) else None
    if memory is not None and (checked := memory.recall()) is not None:
        return checked.hosts, True, checked.notes
    found = read_all_hosts(paths, shared, environ)
    if found is None:
        return (Host(LOCAL),), False, notes
    hosts = found.hosts() if not found.problems else ()
    problems += found.problems
    if memory is not None and not found.problems and memory_of(paths, environ) == memory:  # it did not change meanwhile
        memory.keep(Checked(hosts, found.notes()))
    return hosts, True, (*notes, *found.notes())
