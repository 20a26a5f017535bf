"""What goes by in a tar, told while it is passed on unchanged: names, how many, whether its end came."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gpuws.model.errors import GpuwsError

BLOCK = 512
LONGEST_HEAD = 1 << 20
"""Bytes of a name or of extensions, which whoever unpacks it keeps in memory: no tar writes as many."""
_RECORD = re.compile(rb"(\d{1,7}) ([^=]+)=")


@dataclass(slots=True)
class Tally:
    """`content`: bytes of the files. `entry`: the one that goes by, with `size` and `modified` as it is in its place.
    `ended`: the tar came to its end; without that its last file is not whole. `special`: devices and pipes."""

    files: int = 0
    content: int = 0
    entry: bytes = b""
    size: int = 0
    modified: int = 0
    ended: bool = False
    special: dict[bytes, None] = field(default_factory=dict)


@dataclass(slots=True)
class Walk:
    """One pass over one tar; a `tally` may go on over several."""

    tally: Tally
    _buffer: bytearray = field(default_factory=bytearray)
    _skip: int = 0
    _head: str = ""
    _wanted: int = 0
    _long: dict[str, bytes] = field(default_factory=dict)

    def passed(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Raises GpuwsError where a name, or what is said of one, is longer than any is."""
        self.tally.ended = False
        for piece in pieces:
            self._feed(piece)
            yield piece

    def _feed(self, piece: bytes) -> None:
        if self._skip >= len(piece) and not self._buffer:
            self._skip -= len(piece)
            return
        self._buffer += piece
        while self._buffer and not self.tally.ended and self._step():
            pass
        if self.tally.ended:
            self._buffer.clear()

    def _step(self) -> bool:
        """False: more bytes are needed."""
        if self._skip:
            dropped = min(self._skip, len(self._buffer))
            del self._buffer[:dropped]
            self._skip -= dropped
            return bool(self._buffer)
        need = self._wanted or BLOCK
        if len(self._buffer) < need:
            return False
        block = bytes(self._buffer[:need])
        del self._buffer[:need]
        if self._head:
            self._extension(self._head, block)
            self._head, self._wanted = "", 0
        else:
            self._header(block)
        return True

    def _header(self, block: bytes) -> None:
        if not any(block):
            self.tally.ended = True
            return
        kind, size = chr(block[156]), _number(block[124:136])
        if kind in "xLKg":
            if size > LONGEST_HEAD:
                raise GpuwsError("the archive of the files makes no sense", "what is its tar there?")
            self._head, self._wanted = kind, -(-size // BLOCK) * BLOCK
            self._long["length"] = str(size).encode()
            return
        name = self._long.get("path") or _name(block)
        size = _decimal(self._long.get("size"), size)
        tally = self.tally
        if kind in "0\x007":
            tally.files += 1
            tally.size = _decimal(self._long.get("GNU.sparse.realsize"), size)
            tally.content += tally.size
        if kind in "0\x007":
            tally.entry = (self._long.get("GNU.sparse.name") or name).removeprefix(b"./")
            tally.modified = _decimal(self._long.get("mtime"), _number(block[136:148]))
        elif kind in "346":
            tally.special[name.removeprefix(b"./")] = None
        self._long = {}
        self._skip = -(-size // BLOCK) * BLOCK if kind in "0\x007S" or kind not in "123456" else 0

    def _extension(self, kind: str, data: bytes) -> None:
        data = data[: int(self._long.pop("length", b"0"))]
        if kind == "L":
            self._long["path"] = data.rstrip(b"\0")
        elif kind == "x":
            self._records(data)

    def _records(self, data: bytes) -> None:
        at = 0
        while found := _RECORD.match(data, at):
            end = at + int(found[1])
            if end <= found.end():
                return
            self._long[found[2].decode("ascii", "replace")] = data[found.end() : end - 1]
            at = end


def _number(raw: bytes) -> int:
    try:
        return max(int(tarfile.nti(raw)), 0)  # type: ignore[attr-defined] # octal, or binary where that is too small
    except tarfile.TarError:
        return 0


def _decimal(told: bytes | None, otherwise: int) -> int:
    whole = (told or b"").partition(b".")[0]
    return int(whole) if whole.isdigit() and len(whole) < 20 else otherwise


def _name(block: bytes) -> bytes:
    name, prefix = block[:100].partition(b"\0")[0], block[345:500].partition(b"\0")[0]
    return prefix + b"/" + name if prefix and block[257:262] == b"ustar" and block[262:263] == b"\0" else name
