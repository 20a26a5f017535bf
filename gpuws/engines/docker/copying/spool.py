"""Layers whose turn has not come, kept on this workstation's disk: nothing of an image is held in memory.

Each is a file without a name, so that nothing of it is left, however the program ends."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import IO

from gpuws.model.errors import GpuwsError

LARGE_FILES = "/var/tmp"
"""What /tmp holds is in memory on many systems."""
PIECE = 1 << 20


def directory() -> str:
    """Where large files may lie for a while: TMPDIR, where it is said."""
    return os.environ.get("TMPDIR") or LARGE_FILES


@dataclass(slots=True)
class Spool:
    """Layers by their digest."""

    _files: dict[str, IO[bytes]] = field(default_factory=dict)

    def keep(self, pieces: Iterable[bytes]) -> str:
        """Its digest, `sha256:…` of what was written."""
        found = hashlib.sha256()
        with ExitStack() as undo, _on_disk():
            file = undo.enter_context(tempfile.TemporaryFile(dir=directory()))
            for piece in pieces:
                found.update(piece)
                file.write(piece)
            file.flush()
            undo.pop_all()
        digest = f"sha256:{found.hexdigest()}"
        self.drop(digest)
        self._files[digest] = file
        return digest

    def size(self, digest: str) -> int | None:
        """None where it is not kept."""
        file = self._files.get(digest)
        return None if file is None else file.seek(0, os.SEEK_END)

    def pieces(self, digest: str) -> Iterator[bytes]:
        file = self._files[digest]
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece

    def drop(self, digest: str) -> None:
        if (file := self._files.pop(digest, None)) is not None:
            file.close()

    def close(self) -> None:
        for digest in list(self._files):
            self.drop(digest)


@contextmanager
def _on_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        remedy = "make room there, or set TMPDIR to a directory that has it"
        raise GpuwsError(f"a layer can't be kept in {directory()}: {error.strerror}", remedy) from error
