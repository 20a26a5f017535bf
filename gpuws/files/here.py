"""This machine's files: looked at, listed, and put into their places, as `scripts` does it elsewhere."""

from __future__ import annotations

import glob
import os
import shutil
import stat
from collections.abc import Iterator, Sequence

from gpuws.model.errors import GpuwsError
from gpuws.model.files.destination import shown
from gpuws.model.files.files import Kind, Listed, Seen


def look(path: str, *, pattern: bool) -> tuple[Seen, ...]:
    """Of what matches it; a path that is there is meant as it stands. `pattern` False: it is never one."""
    full = os.path.expanduser(path) if path.startswith("~") else path
    if pattern and not os.path.lexists(full) and glob.has_magic(full):
        found = sorted(glob.glob(os.fsencode(full)))
        if found:
            return tuple(_seen(os.path.abspath(one)) for one in found)
    linked = path.endswith(("/", "/.", "/..")) and os.path.isdir(full)
    raw = os.fsencode(full)
    return (_seen(os.path.realpath(raw) if linked else os.path.abspath(raw)),)


def _seen(path: bytes) -> Seen:
    try:
        found = os.lstat(path)
    except OSError:
        return Seen(path, "missing")
    leads = _leads(path) if stat.S_ISLNK(found.st_mode) else None
    return Seen(path, "link" if leads else _kind(found), leads, found.st_size, int(found.st_mtime))


def _leads(path: bytes) -> Kind:
    try:
        return _kind(os.stat(path))
    except OSError:
        return "missing"


def _kind(found: os.stat_result) -> Kind:
    if stat.S_ISDIR(found.st_mode):
        return "directory"
    return "file" if stat.S_ISREG(found.st_mode) else "other"


def listed(directory: bytes, names: Sequence[bytes]) -> dict[bytes, Listed]:
    """Regular files below `names`, by their paths in `directory`."""
    found: dict[bytes, Listed] = {}
    for path in _files(directory, names):
        with_path = os.lstat(os.path.join(directory, path))
        mode = stat.S_IMODE(with_path.st_mode) & 0o777
        found[path] = Listed(with_path.st_nlink, mode, with_path.st_size, int(with_path.st_mtime))
    return found


def size(directory: bytes, names: Sequence[bytes]) -> int:
    """Bytes of the regular files below `names`."""
    return sum(os.lstat(os.path.join(directory, path)).st_size for path in _files(directory, names))


def _files(directory: bytes, names: Sequence[bytes]) -> Iterator[bytes]:
    for name in names:
        try:
            found = os.lstat(os.path.join(directory, name))
            below = os.listdir(os.path.join(directory, name)) if stat.S_ISDIR(found.st_mode) else []
        except OSError:
            continue
        if stat.S_ISREG(found.st_mode):
            yield os.path.normpath(name)
        yield from _files(directory, [os.path.join(name, one) for one in below])


def make_stage(directory: bytes, stage: bytes) -> bytes:
    """A directory that nobody else may enter; GpuwsError where somebody else has made what is called so."""
    full = os.path.join(directory, stage)
    try:
        os.mkdir(full, 0o700)
    except FileExistsError as error:
        if not own(full):
            raise GpuwsError(f"{shown(full)} is somebody else's: nothing is put into it") from error
    except OSError as error:
        raise GpuwsError(f"{shown(directory)} can't be written into: {error.strerror}") from error
    return full


def own(stage: bytes) -> bool:
    """In a directory that all may write into, somebody else may have made what is called like it."""
    try:
        found = os.lstat(stage)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def finish(directory: bytes, stage: bytes, pairs: Sequence[tuple[bytes, bytes]]) -> list[str]:
    """Each of `pairs` comes from its name in the stage to its path; what stood in the way of one, in sentences."""
    full, wrong = os.path.join(directory, stage), list[str]()
    for name, final in pairs:
        source = os.path.join(full, name) if name else full
        if os.path.lexists(source):
            _put(source, final, wrong, top=True)
    if not wrong:
        drop(directory, stage)
    return wrong


def drop(directory: bytes, stage: bytes) -> None:
    full = os.path.join(directory, stage)
    for at, below, _ in os.walk(full):
        for name in below:
            inner = os.path.join(at, name)
            if not os.path.islink(inner):
                os.chmod(inner, 0o700)
    shutil.rmtree(full, ignore_errors=True)


def _put(source: bytes, final: bytes, wrong: list[str], *, top: bool = False) -> None:
    directory = os.path.isdir(source) and not os.path.islink(source)
    linked = os.path.islink(final)
    try:
        if directory and os.path.isdir(final) and (top or not linked):
            for name in os.listdir(source):
                _put(os.path.join(source, name), os.path.join(final, name), wrong)
        elif directory and os.path.lexists(final):
            wrong.append(f"{shown(final)}: there is a file of that name, which no directory replaces")
        elif not directory and os.path.isdir(final) and not linked:
            wrong.append(f"{shown(final)}: there is a directory of that name, which no file replaces")
        else:
            _move(source, final, directory=directory)
    except OSError as error:
        wrong.append(f"{shown(final)}: {error.strerror}")


def _move(source: bytes, final: bytes, *, directory: bool) -> None:
    """A directory that may not be written can't be moved by its owner either."""
    mode = stat.S_IMODE(os.lstat(source).st_mode)
    if directory and not mode & stat.S_IWUSR:
        os.chmod(source, mode | stat.S_IWUSR)
        os.rename(source, final)
        os.chmod(final, mode)
    else:
        os.rename(source, final)
