"""Where profiles are looked for, and whose they are. What can't be looked at is not there.

A name is mine, else a built-in one's, else that of a shared folder; where it could be taken for another, a shared one
has its folder's label in front: `lab/torch`."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gpuws.config.paths import built_in_profiles
from gpuws.model.errors import UsageError
from gpuws.model.host.host import NAME
from gpuws.model.profile.profile import Owner

ENDINGS = (".yaml", ".yml")
_USUAL = frozenset({"profiles", "gpuws", ".config", "config", "share", ".local", "/"})


@dataclass(frozen=True, slots=True)
class SharedFolder:
    """A directory of `profile_paths`. `label`: what stands in front of its profiles' names."""

    path: Path
    label: str


@dataclass(frozen=True, slots=True)
class Shelves:
    """`own`: mine, then the built-in ones. None of the directories need exist.

    `admitted`: the only files of shared folders that there are; None: whatever lies there now."""

    own: tuple[Path, ...]
    shared: tuple[SharedFolder, ...] = ()
    admitted: Collection[Path] | None = None

    def listed(self) -> dict[str, Path]:
        """Every profile's file by the name that leads to it, sorted; no file is read."""
        own: dict[str, Path] = {}
        for path in (path for directory in self.own for path in profile_files(directory)):
            own.setdefault(path.stem, path)
        theirs = {folder.label: {path.stem: path for path in profile_files(folder.path)} for folder in self.shared}
        many = Counter(name for files in theirs.values() for name in files)
        found = {
            f"{label}/{name}" if name in own or many[name] > 1 else name: path
            for label, files in theirs.items()
            for name, path in files.items()
        }
        return dict(sorted((own | found).items()))

    def find(self, name: str) -> Path | None:
        """The file of a profile. UsageError where several shared folders have one."""
        label, slash, stem = name.rpartition("/")
        if slash:
            return next((self._file(folder.path, stem) for folder in self.shared if folder.label == label), None)
        if mine := next(filter(None, (self._file(directory, name) for directory in self.own)), None):
            return mine
        found = {folder.label: path for folder in self.shared if (path := self._file(folder.path, name))}
        if len(found) > 1:
            remedy = "say which: " + ", ".join(f"{label}/{name}" for label in found)
            raise UsageError(f"{len(found)} shared folders have a profile {name!r}", remedy)
        return next(iter(found.values()), None)

    def extended(self, name: str, by: Path) -> Path | None:
        """The file that `extends: name` in the file `by` means: beside it, then mine, then the others.

        A file may extend its own name: what comes after its directory counts then."""
        if "/" in name:
            return self.find(name)
        order = list(self._around(by.parent))
        if name == by.stem and by.parent in order:
            order = order[order.index(by.parent) + 1 :]
        return next(filter(None, (self._file(directory, name) for directory in order)), None)

    def folder(self, path: Path) -> SharedFolder | None:
        """The shared folder that a profile's file lies in; None: it is not shared."""
        if path.parent in self.own:
            return None
        return next((folder for folder in self.shared if folder.path == path.parent), None)

    def owner(self, path: Path) -> Owner:
        if self.folder(path):
            return "shared"
        return "built-in" if path.parent == built_in_profiles() else "mine"

    def _around(self, directory: Path) -> Iterator[Path]:
        folders = [folder.path for folder in self.shared]
        yield from (folder for folder in folders if folder == directory and folder not in self.own)
        yield from self.own
        yield from (folder for folder in folders if folder != directory and folder not in self.own)

    def _file(self, directory: Path, name: str) -> Path | None:
        if not NAME.match(name):
            return None
        theirs = self.admitted is not None and directory not in self.own
        for path in (directory / f"{name}{ending}" for ending in ENDINGS):
            if path in (self.admitted or ()) if theirs else _there(path):
                return path
        return None


def shared_folders(paths: Sequence[Path]) -> tuple[SharedFolder, ...]:
    """Each with a label of its own: the last word of its path that says something."""
    found: list[SharedFolder] = []
    for path in dict.fromkeys(paths):
        parts = Path(os.path.normpath(path)).parts
        word = next((part for part in reversed(parts) if part.lower() not in _USUAL), "shared")
        label = re.sub(r"[^A-Za-z0-9._-]+", "-", word).strip("-.") or "shared"
        taken = sum(re.fullmatch(rf"{re.escape(label)}(-\d+)?", folder.label) is not None for folder in found)
        found.append(SharedFolder(path, f"{label}-{taken + 1}" if taken else label))
    return tuple(found)


def profile_files(directory: Path) -> list[Path]:
    """The profiles of a directory by name; hidden files are an editor's."""
    try:
        return sorted(path for path in directory.iterdir() if path.suffix in ENDINGS and not path.name.startswith("."))
    except OSError:
        return []


def first_named(dirs: Sequence[Path], name: str) -> Path | None:
    """The file of the profile `name` in the first directory that has one."""
    return Shelves(tuple(dirs)).find(name)


def _there(path: Path) -> bool:
    """Whether the directory has such a name; a broken link is there, and says so when it is read."""
    try:
        path.lstat()
    except OSError:
        return False
    return True
