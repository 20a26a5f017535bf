"""Notices of a week in one private file: a line for each thing that is written down, added at its end."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from gpuws.config.files import write_atomically
from gpuws.model.errors import GpuwsError
from gpuws.model.notice.record import Entry

log = logging.getLogger(__name__)
_decoder = msgspec.json.Decoder(Entry)


class NoticeFile:
    """Implements `NoticeStore`. One process writes at a time: the keeper that holds the lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._torn = True  # whoever wrote before may have been killed in the middle of a line

    def read(self) -> Iterator[Entry]:
        try:
            data = self._path.read_bytes()
        except OSError:
            return
        for line in data.split(b"\n"):
            with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
                yield _decoder.decode(line)

    def append(self, entries: Sequence[Entry]) -> None:
        """In one piece: what belongs together is there together, or not at all."""
        lines = b"".join(_line(entry) for entry in entries)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
            try:
                data = b"\n" + lines if self._torn else lines
                if os.write(handle, data) < len(data):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                if any(entry.told is not None for entry in entries):
                    os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            self._torn = True
            log.warning("notices can't be written down: %s", error.strerror)
        else:
            self._torn = False

    def rewrite(self, entries: Sequence[Entry]) -> None:
        try:
            write_atomically(self._path, b"".join(map(_line, entries)).decode())
        except GpuwsError as error:
            log.warning("%s", error.message)
        else:
            self._torn = False


def _line(entry: Entry) -> bytes:
    """Without what is None."""
    found = {name: value for name in entry.__dataclass_fields__ if (value := getattr(entry, name)) is not None}
    return msgspec.json.encode(found) + b"\n"
