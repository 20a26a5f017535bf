"""A tar that goes through to an engine, which unpacks it as it stands: other names and owners, no rights to give."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator, Mapping
from typing import Any

from gpuws.files.pack import ENCODING, END, ERRORS, PIECE, Leave
from gpuws.files.unpack import NONSENSE, PERMISSIONS, broken, inside
from gpuws.link.incoming import Incoming
from gpuws.model.files.destination import shown


def rewritten(
    pieces: Iterator[bytes], names: Mapping[bytes, bytes], owner: tuple[int, int], leave: Leave
) -> Iterator[bytes]:
    """`names`: what each thing at the top is called from now on, "" where what lies in it comes to lie at the top."""
    incoming: Any = Incoming(pieces)
    try:
        with tarfile.open(fileobj=incoming, mode="r|", bufsize=PIECE, encoding=ENCODING, errors=ERRORS) as tar:
            for entry in tar:
                if not (entry.isreg() or entry.isdir() or entry.issym() or entry.islnk()):
                    leave(f"{shown(os.fsencode(entry.name))} is neither file, directory nor link: left out")
                elif path := renamed(os.fsencode(entry.name), names):
                    yield _head(entry, path, names, owner)
                    yield from _content(tar, entry)
    except NONSENSE as error:
        raise broken(error) from error
    yield END


def renamed(name: bytes, names: Mapping[bytes, bytes]) -> bytes:
    """A path of the archive; "" where that is the top itself."""
    first, slash, rest = inside(name).partition(b"/")
    new = names.get(first, first)
    return rest if not new else new + slash + rest


def _head(entry: tarfile.TarInfo, path: bytes, names: Mapping[bytes, bytes], owner: tuple[int, int]) -> bytes:
    if entry.islnk():
        entry.linkname = os.fsdecode(renamed(os.fsencode(entry.linkname), names))
    kept = {key: value for key, value in entry.pax_headers.items() if key == "mtime"}
    entry.name, entry.pax_headers = os.fsdecode(path), kept
    entry.mode &= PERMISSIONS
    (entry.uid, entry.gid), entry.uname, entry.gname = owner, "", ""
    entry.mtime = int(entry.mtime)
    return entry.tobuf(tarfile.PAX_FORMAT, ENCODING, ERRORS)


def _content(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> Iterator[bytes]:
    file = tar.extractfile(entry) if entry.isreg() else None
    left = entry.size if file is not None else 0
    while file is not None and left:
        piece = file.read(min(PIECE, left))
        if not piece:
            raise tarfile.ReadError("unexpected end of data")
        left -= len(piece)
        yield piece
    yield b"\0" * (-entry.size % 512 if entry.isreg() else 0)
