"""Files of this machine as a tar, made while it is sent: links stay links, holes holes, times keep their fractions."""

from __future__ import annotations

import errno
import os
import stat
import tarfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from gpuws.model.errors import GpuwsError
from gpuws.model.files.destination import shown

PIECE = 256 << 10
END = b"\0" * 1024
ENCODING, ERRORS = "utf-8", "surrogateescape"
Leave = Callable[[str], None]
"""Told in a sentence what did not come along."""


@dataclass(slots=True)
class Pack:
    """Of `names` in `directory`. `without`: paths of files below it that are left out. `plain`: without extensions of
    POSIX, for a tar that knows none: times in whole seconds. `holes`: told, as GNU's tar
    tells them and understands."""

    directory: bytes
    names: Sequence[bytes]
    without: Collection[bytes]
    plain: bool
    leave: Leave
    holes: bool = False
    _links: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def pieces(self) -> Iterator[bytes]:
        for name in self.names:
            yield from self._tree(name)
        yield END

    def _tree(self, path: bytes) -> Iterator[bytes]:
        full = os.path.join(self.directory, path)
        try:
            found = os.lstat(full)
            yield from self._entry(path, full, found)
            below = sorted(os.listdir(full)) if stat.S_ISDIR(found.st_mode) else []
        except OSError as error:
            self.leave(f"{shown(full)}: {error.strerror}")
            return
        for name in below:
            yield from self._tree(os.path.join(path, name))

    def _entry(self, path: bytes, full: bytes, found: os.stat_result) -> Iterator[bytes]:
        mode = found.st_mode
        head = tarfile.TarInfo("./" + os.fsdecode(path))
        head.mode = stat.S_IMODE(mode)
        head.mtime = int(found.st_mtime)
        if not self.plain:
            head.pax_headers = {"mtime": f"{found.st_mtime_ns // 10**9}.{found.st_mtime_ns % 10**9:09d}"}
        if stat.S_ISREG(mode):
            yield from self._file(path, full, head, found)
        elif stat.S_ISDIR(mode):
            head.type = tarfile.DIRTYPE
            yield self._head(head)
        elif stat.S_ISLNK(mode):
            head.type, head.linkname = tarfile.SYMTYPE, os.fsdecode(os.readlink(full))
            yield self._head(head)
        else:
            self.leave(f"{shown(full)} is neither file, directory nor link: left out")

    def _file(self, path: bytes, full: bytes, head: tarfile.TarInfo, found: os.stat_result) -> Iterator[bytes]:
        if path in self.without:
            return
        first = self._links.setdefault((found.st_dev, found.st_ino), path) if found.st_nlink > 1 else path
        if first != path:
            head.type, head.linkname = tarfile.LNKTYPE, "./" + os.fsdecode(first)
            yield self._head(head)
            return
        with open(full, "rb", buffering=0) as file:
            parts = extents(file.fileno(), found) if self.holes else [(0, found.st_size)]
            table = _told(head, parts, found.st_size)
            head.size = len(table) + sum(size for _, size in parts)
            yield self._head(head)
            if table:
                yield table
            left = 0
            for offset, size in parts:
                file.seek(offset)
                left = size
                while left and (piece := _read(file, min(PIECE, left), full)):
                    left -= len(piece)
                    yield piece
                yield from _zeros(left)
        if left:
            self.leave(f"{shown(full)} became shorter while it was read")
        yield b"\0" * (-head.size % 512)

    def _head(self, head: tarfile.TarInfo) -> bytes:
        return head.tobuf(tarfile.GNU_FORMAT if self.plain else tarfile.PAX_FORMAT, ENCODING, ERRORS)


def extents(file: int, found: os.stat_result) -> list[tuple[int, int]]:
    """Where something is written in it, and how many bytes: all of it where it has no holes, or its file system tells
    none."""
    size = found.st_size
    if found.st_blocks * 512 >= size:
        return [(0, size)]
    parts, at = list[tuple[int, int]](), 0
    while at < size:
        try:
            begin = os.lseek(file, at, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # nothing more is written
                break
            return [(0, size)]
        at = os.lseek(file, begin, os.SEEK_HOLE)
        parts.append((begin, min(at, size) - begin))
    return parts


def _told(head: tarfile.TarInfo, parts: Sequence[tuple[int, int]], size: int) -> bytes:
    """What stands before the content of a file with holes, as version 1.0 of GNU's format has it; `head` says so."""
    if list(parts) == [(0, size)]:
        return b""
    records = {"major": "1", "minor": "0", "name": head.name, "realsize": str(size)}
    head.pax_headers = {**head.pax_headers, **{f"GNU.sparse.{key}": value for key, value in records.items()}}
    above, _, base = head.name.rpartition("/")
    head.name = f"{above}/GNUSparseFile.0/{base}"
    numbers = [len(parts) + 1, *(number for part in parts for number in part), size, 0]
    table = "".join(f"{number}\n" for number in numbers).encode()
    return table + b"\0" * (-len(table) % 512)


def _read(file: IO[bytes], size: int, path: bytes) -> bytes:
    """What a disk can't read any more is no file to copy in part."""
    try:
        return file.read(size)
    except OSError as error:
        raise GpuwsError(f"{shown(path)}: {error.strerror}") from error


def rest(path: bytes, offset: int) -> Iterator[bytes]:
    """What stands in a file from there on."""
    with open(path, "rb", buffering=0) as file:
        file.seek(offset)
        while piece := _read(file, PIECE, path):
            yield piece


def _zeros(size: int) -> Iterator[bytes]:
    while size:
        yield b"\0" * min(size, PIECE)
        size -= min(size, PIECE)
