"""The files of a build context, as docker would send them: what `.dockerignore` leaves, root's, in their order."""

from __future__ import annotations

import copy
import io
import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gpuws.model.build.dockerignore import NAME, BadPattern, Ignore, Matched
from gpuws.model.errors import UsageError

BLOCK = tarfile.BLOCKSIZE
LATEST = 8**11 - 1
"""Epoch seconds: later ones don't fit into a header."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One member of the tar. `path`: where its bytes lie; None: in `data`."""

    info: tarfile.TarInfo
    path: Path | None = None
    data: bytes = b""

    def with_data(self, data: bytes) -> Entry:
        """The same, with other bytes: those that were looked at are those that are sent."""
        info = copy.copy(self.info)
        info.type, info.linkname, info.size = tarfile.REGTYPE, "", len(data)
        return Entry(info, data=data)

    def header(self) -> bytes:
        return self.info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")

    @property
    def length(self) -> int:
        """Bytes of it in the tar."""
        return len(self.header()) + -(-self.info.size // BLOCK) * BLOCK


def text(name: str, data: bytes) -> Entry:
    """A file that lies nowhere."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    return Entry(info, data=data)


def ignore_of(root: Path, dockerfile: str) -> tuple[Ignore, str]:
    """What is left out, and the name of the file that says it; "" where there is none.

    `NAME.dockerignore` beside a Dockerfile goes before, as with BuildKit: who wrote it meant it. UsageError where it
    can't be read."""
    for name in (f"{dockerfile}{NAME}", NAME):
        file = root / name
        try:
            said = file.read_text(encoding="utf-8", errors="surrogateescape")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise UsageError(f"{file} can't be read: {error.strerror}") from error
        try:
            return Ignore.of(said, (NAME, dockerfile)), name
        except BadPattern as error:
            raise _odd(error, file) from error
    return Ignore(), ""


def entries(root: Path, ignore: Ignore, by: str) -> Iterator[Entry]:
    """UsageError where something that is to be sent can't be read, or a pattern is none once a file is held against it,
    as with docker. Sockets can't be sent and are left out. `by`: the name of the file that says what is left out."""
    with tarfile.open(fileobj=io.BytesIO(), mode="w", format=tarfile.PAX_FORMAT) as tar:  # knows what is a hard link
        try:
            yield from _walk(root, "", ignore, (), tar)
        except BadPattern as error:
            raise _odd(error, root / by) from error


def _walk(root: Path, directory: str, ignore: Ignore, above: Matched, tar: tarfile.TarFile) -> Iterator[Entry]:
    try:
        there = sorted(os.scandir(root / directory), key=lambda one: one.name)
    except OSError as error:
        raise _unreadable(root / directory, error) from error
    for one in there:
        name = f"{directory}/{one.name}" if directory else one.name
        out, matched = ignore.look(name, above)
        inner = one.is_dir(follow_symlinks=False)
        if not out and (entry := _entry(Path(one.path), name, tar)):
            yield entry
        if inner and (not out or ignore.enters(name)):
            yield from _walk(root, name, ignore, matched, tar)


def _entry(path: Path, name: str, tar: tarfile.TarFile) -> Entry | None:
    try:
        info = tar.gettarinfo(path, arcname=name)
    except OSError as error:
        raise _unreadable(path, error) from error
    if info is None:
        return None
    if info.isreg() and not os.access(path, os.R_OK):
        raise UsageError(f"{path} is to be sent and can't be read", "name it in .dockerignore, or change its mode")
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mtime = min(max(int(info.mtime), 0), LATEST)
    return Entry(info, path)


def _odd(error: BadPattern, file: Path) -> UsageError:
    return UsageError(f"{file}: {error} is no pattern that docker understands")


def _unreadable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path} of the build context can't be read: {error.strerror}", "name it in .dockerignore")
