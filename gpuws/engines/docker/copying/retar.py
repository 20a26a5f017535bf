"""A tar that goes through: without what lies in other mounts, and with whose files they are there."""

from __future__ import annotations

import tarfile
from collections.abc import Collection, Iterator
from typing import Any

from gpuws.engines.docker.copying.archive import padding, whole_or_told
from gpuws.link.incoming import Incoming
from gpuws.model.workspace.storage import Renumber

PIECE = 256 << 10
ENCODING, ERRORS = "utf-8", "surrogateescape"
END = b"\0" * 1024


def passed(pieces: Iterator[bytes], without: Collection[str], owners: Renumber) -> Iterator[bytes]:
    """`without`: paths as they stand in it; nothing of what lies below them goes on."""
    incoming: Any = Incoming(pieces)
    with (
        whole_or_told("the archive of the data"),
        tarfile.open(fileobj=incoming, mode="r|", bufsize=PIECE, encoding=ENCODING, errors=ERRORS) as tar,
    ):
        for entry in tar:
            if not _within(entry.name, without):
                yield _renumbered(entry, owners).tobuf(tarfile.PAX_FORMAT, ENCODING, ERRORS)
                yield from _content(tar, entry)
    yield END


def _content(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> Iterator[bytes]:
    file = tar.extractfile(entry) if entry.isreg() else None
    if file is not None:
        while piece := file.read(PIECE):
            yield piece
        yield padding(entry.size)


def _within(name: str, places: Collection[str]) -> bool:
    return any(name.startswith(f"{place}/") for place in places)


def _renumbered(entry: tarfile.TarInfo, owners: Renumber) -> tarfile.TarInfo:
    uid, gid = owners.users.get(entry.uid, entry.uid), owners.groups.get(entry.gid, entry.gid)
    if (uid, gid) != (entry.uid, entry.gid):
        entry.uid, entry.gid = uid, gid
        entry.pax_headers = {key: value for key, value in entry.pax_headers.items() if key not in ("uid", "gid")}
    return entry
