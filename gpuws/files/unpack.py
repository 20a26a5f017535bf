"""A tar from somewhere, unpacked below a directory of this machine and nowhere else.

It may be anybody's: a name that leads out, or through a link, is refused; devices and what gives rights to others
(setuid, setgid) do not come along."""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from gpuws.files.pack import ENCODING, ERRORS, PIECE, Leave
from gpuws.link.incoming import Incoming
from gpuws.model.errors import GpuwsError
from gpuws.model.files.destination import shown

HOLE = b"\0" * PIECE
PERMISSIONS = 0o777
DEEPEST = 256
"""Directories one in another: so many nobody has, and each costs a call within a call."""
NONSENSE = (tarfile.TarError, ValueError, OverflowError, RecursionError)
"""What Python's reader, and what is made of its answers, raise for an archive that was cut short, or made to harm."""


@dataclass(slots=True)
class Unpack:
    """Into `stage`. `without`: files that are whole there: what comes of them is passed over."""

    stage: bytes
    without: Collection[bytes]
    leave: Leave
    _directories: dict[bytes, tarfile.TarInfo] = field(default_factory=dict)

    def take(self, pieces: Iterator[bytes]) -> None:
        """GpuwsError where it ends early: then no file is taken for whole that is not."""
        incoming: Any = Incoming(pieces)
        try:
            with tarfile.open(fileobj=incoming, mode="r|", bufsize=PIECE, encoding=ENCODING, errors=ERRORS) as tar:
                for entry in tar:
                    self._entry(tar, entry)
            for _ in pieces:  # what stands behind the end is padding
                pass
        except NONSENSE as error:
            raise broken(error) from error
        except OSError as error:
            if isinstance(error, GpuwsError):
                raise
            raise GpuwsError(f"{shown(self.stage)}: {error.strerror}") from error
        self._settle()

    def _entry(self, tar: tarfile.TarFile, entry: tarfile.TarInfo) -> None:
        # Python takes for the name of a file with holes what stands in for it, where that is long or not ASCII
        path = inside(os.fsencode(entry.pax_headers.get("GNU.sparse.name", entry.name)))
        full = os.path.join(self.stage, path)
        if not (entry.isreg() or entry.isdir() or entry.issym() or entry.islnk()):
            self.leave(special(path))
        elif entry.isdir():
            self._directory(path)
            self._directories[path] = entry
        elif entry.isreg() and path in self.without:
            return
        else:
            self._directory(os.path.dirname(path))
            _clear(full)
            if entry.issym():
                os.symlink(os.fsencode(entry.linkname), full)
                os.utime(full, ns=_times(entry), follow_symlinks=False)
            elif entry.islnk():
                self._link(entry, full)
            else:
                self._file(tar, entry, full)

    def _directory(self, path: bytes) -> None:
        """With those above it, none of which is a link."""
        at = self.stage
        for name in path.split(b"/") if path else []:
            at = os.path.join(at, name)
            try:
                os.mkdir(at, 0o700)
            except FileExistsError:
                if not stat.S_ISDIR(os.lstat(at).st_mode):
                    raise GpuwsError(f"the archive leads through {shown(path)}, which is no directory") from None
                if not os.access(at, os.W_OK | os.X_OK):
                    os.chmod(at, 0o700)

    def _link(self, entry: tarfile.TarInfo, full: bytes) -> None:
        target = inside(os.fsencode(entry.linkname))
        self._directory(os.path.dirname(target))
        os.link(os.path.join(self.stage, target), full, follow_symlinks=False)

    def _file(self, tar: tarfile.TarFile, entry: tarfile.TarInfo, full: bytes) -> None:
        source = tar.extractfile(entry)
        assert source is not None
        handle = os.open(full, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(handle, "wb", buffering=0) as file:
            _written(source, file, entry.size)
            os.fchmod(file.fileno(), entry.mode & PERMISSIONS)
        os.utime(full, ns=_times(entry))

    def _settle(self) -> None:
        """Directories last: what is made in them changes their times, and some let nobody write."""
        for path, entry in sorted(self._directories.items(), reverse=True):
            if path:
                full = os.path.join(self.stage, path)
                os.chmod(full, entry.mode & PERMISSIONS)
                os.utime(full, ns=_times(entry))


def special(path: bytes) -> str:
    """What is said of a device, a pipe or a socket."""
    return f"{shown(path)} is neither file, directory nor link: left out"


def broken(error: BaseException) -> GpuwsError:
    """Why an archive can't be read to its end."""
    if isinstance(error, tarfile.TarError):
        return GpuwsError("the archive of the files ended early", "the same command goes on from here")
    return GpuwsError("the archive of the files makes no sense", "what is its tar there?")


def inside(name: bytes) -> bytes:
    """A name of the archive, as a path below where it is unpacked; GpuwsError where it leads out, or to nowhere."""
    parts = [part for part in name.split(b"/") if part not in (b"", b".")]
    if name.startswith(b"/") or b".." in parts:
        raise GpuwsError(f"the archive names {shown(name)}, which is outside of what was asked for")
    if len(parts) > DEEPEST:
        raise GpuwsError(f"the archive names what lies in more than {DEEPEST} directories: {shown(name[:80])} …")
    return b"/".join(parts)


def append(path: bytes, pieces: Iterator[bytes], mode: int, modified: int) -> None:
    """Behind a file that came in part; GpuwsError where the disk takes no more."""
    try:
        with open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW), "wb", buffering=0) as file:
            for piece in pieces:
                _all(file, piece)
            os.fchmod(file.fileno(), mode & PERMISSIONS)
        os.utime(path, (modified, modified))
    except OSError as error:
        if isinstance(error, GpuwsError):
            raise
        raise GpuwsError(f"{shown(path)}: {error.strerror}") from error


def _written(source: IO[bytes], file: IO[bytes], size: int) -> None:
    """Where nothing but zeros come, nothing is written: a hole."""
    left = size
    while left:
        piece = source.read(min(PIECE, left))
        if not piece:
            raise tarfile.ReadError("unexpected end of data")
        left -= len(piece)
        if piece == HOLE:
            file.seek(len(piece), os.SEEK_CUR)
        else:
            _all(file, piece)
    file.truncate(size)


def _all(file: IO[bytes], piece: bytes) -> None:
    view = memoryview(piece)
    while view:
        view = view[file.write(view) :]


def _clear(full: bytes) -> None:
    """What an earlier try left under that name."""
    try:
        if not stat.S_ISDIR(os.lstat(full).st_mode):
            os.unlink(full)
    except FileNotFoundError:
        return


def _times(entry: tarfile.TarInfo) -> tuple[int, int]:
    """Nanoseconds; a time is never so far off that this system can't hold it."""
    seconds, _, fraction = entry.pax_headers.get("mtime", "").partition(".")
    if seconds.isdecimal() and fraction.isdecimal():
        at = int(seconds) * 10**9 + int(fraction[:9].ljust(9, "0"))
    else:
        at = int(entry.mtime) * 10**9
    at = max(0, min(at, 2**62))
    return at, at
