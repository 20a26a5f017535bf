"""Accepting a shared file: which one is meant, what it does beyond what was accepted, and that it may from now on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gpuws.config.acceptances import Acceptances
from gpuws.config.profiles import ProfileStore
from gpuws.config.settings import UserSettings
from gpuws.config.shared import Reading
from gpuws.config.shared_hosts import read_hosts_file
from gpuws.model.errors import UsageError
from gpuws.model.profile import Build
from gpuws.model.trust import Kind, differences

Listed = Callable[[Build], tuple[str, ...]]
"""What a build sends, a line a file."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A shared file as it was read just now, and what it does that was not accepted: lines that begin with `+` or `-`
    under the name of what says them. `known`: it was accepted before, as it was then."""

    reading: Reading
    lines: tuple[str, ...]
    known: bool


def propose(kind: Kind, path: Path, store: ProfileStore, acceptances: Acceptances, listed: Listed) -> Proposal:
    """Read it, once. UsageError where it is wrong: what can't be used can't be accepted."""
    hosts = kind == "hosts"
    reading = read_hosts_file(path, acceptances.environ) if hosts else store.read_shared(path, listed)
    before = acceptances.of(path)
    then = {**before.said(), **before.said_of_sent()} if before else {}
    return Proposal(reading, tuple(differences(then, {**reading.said(), **reading.said_of_sent()})), before is not None)


def shared_file(text: str, user: UserSettings, store: ProfileStore) -> tuple[Kind, Path]:
    """What `text` names: a hosts file or a profile that is shared, by its path, or a profile by its name."""
    path = Path(text).absolute()
    for each in user.hosts_files:
        if _same(each, path):
            return "hosts", each
    for folder in store.shelves.shared:
        if path.name and _same(folder.path, path.parent):
            return "profile", folder.path / path.name
    if not path.exists():
        found = store.find(text)
        if store.shelves.folder(found):
            return "profile", found
        path = found
    raise UsageError(
        f"{path} is not shared: it is believed as it is",
        "shared is what hosts_files and profile_paths in config.yaml name",
    )


def _same(one: Path, other: Path) -> bool:
    try:
        return one == other or one.samefile(other)
    except OSError:
        return False
