"""Accepting a shared file: which one is meant, what it does beyond what was accepted, and that it may from now on."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gpuws.config.load import user_settings
from gpuws.config.paths import Paths, built_in_profiles
from gpuws.model.errors import UsageError

if TYPE_CHECKING:
    from gpuws.config.profiles.profiles import ProfileStore
    from gpuws.config.settings import UserSettings
    from gpuws.config.trust.acceptances import Acceptances
    from gpuws.config.trust.shared import Reading
    from gpuws.model.consent.trust import Kind, Proposal
    from gpuws.model.profile.profile import Build

KEPT = 16
"""Readings that may still be accepted after they were shown."""


class Proposals:
    """Shared files as they were read and shown: what is accepted is that reading, whatever lies there by then.

    `listed`: what a build sends, a line a file. Only config.yaml is read besides: nothing that another file says can
    keep a file from being accepted."""

    def __init__(self, paths: Paths, environ: Mapping[str, str], listed: Callable[[Build], tuple[str, ...]]) -> None:
        self._paths, self._environ, self._listed = paths, environ, listed
        self._shown: dict[str, Reading] = {}
        self._lock = threading.Lock()

    def propose(self, text: str) -> Proposal:
        """Read what `text` names, once: a hosts file or a profile that is shared, by its path, or a profile by its
        name. UsageError where it is not shared, or is wrong: what can't be used can't be accepted."""
        from gpuws.config.hosts.shared_hosts import read_hosts_file
        from gpuws.model.consent.trust import Proposal, differences

        user, store = user_settings(self._paths, self._environ), self.store()
        kind, path = _shared_file(text, user, store)
        hosts = kind == "hosts"
        reading = read_hosts_file(path, self._environ) if hosts else store.read_shared(path, self._listed)
        before = self._acceptances().of(path)
        then = {**before.said(), **before.said_of_sent()} if before else {}
        lines = tuple(differences(then, {**reading.said(), **reading.said_of_sent()}))
        mark = hashlib.sha256(repr(reading).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        with self._lock:
            self._shown = dict([*self._shown.items(), (mark, reading)][-KEPT:])
        return Proposal(mark, str(path), lines, before is not None)

    def accept(self, proposal_id: str) -> None:
        """From now on that reading is what is used. UsageError where it was not shown lately."""
        with self._lock:
            reading = self._shown.pop(proposal_id, None)
        if reading is None:
            raise UsageError("that was not shown lately", "look at it again")
        self._acceptances().keep(reading)

    def store(self) -> ProfileStore:
        """The profiles there are, as far as they are accepted."""
        from gpuws.config.profiles.profiles import ProfileStore

        shared = user_settings(self._paths, self._environ).profile_paths
        return ProfileStore((self._paths.profiles_dir, built_in_profiles()), shared, self._acceptances())

    def _acceptances(self) -> Acceptances:
        from gpuws.config.trust.acceptances import Acceptances

        return Acceptances(self._paths.accepted_dir, self._environ)


def _shared_file(text: str, user: UserSettings, store: ProfileStore) -> tuple[Kind, Path]:
    path = Path(text).absolute()
    for each in user.hosts_files:
        if _same(each, path):
            return "hosts", each
    for folder in store.shelves.shared:
        if _same(folder.path, path):
            names = [name for name, file in store.shelves.listed().items() if file.parent == folder.path]
            raise UsageError(f"{path} is a folder: each file is accepted by itself", f"there are: {', '.join(names)}")
        if _same(folder.path, path.parent):
            return "profile", folder.path / path.name
    if not path.exists() and (theirs := store.shared_root(text)):
        return "profile", theirs
    raise UsageError(
        f"{path if path.exists() else text} is not shared: it is believed as it is",
        "shared is what hosts_files and profile_paths in config.yaml name",
    )


def _same(one: Path, other: Path) -> bool:
    try:
        return one == other or one.samefile(other)
    except OSError:
        return False
