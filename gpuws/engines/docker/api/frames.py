"""Decoders for what an engine streams: HTTP chunks and the frames of stdout and stderr. Pure; fed as bytes arrive."""

from __future__ import annotations

from typing import Literal

Which = Literal["stdout", "stderr"]

LONGEST_CHUNK_HEAD = 1024


class Malformed(ValueError):
    """The other side does not speak the protocol."""


class Chunks:
    """Undoes HTTP's chunked transfer coding. Trailers are ignored."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._left = 0  # bytes of the chunk at hand, with its closing CRLF
        self.ended = False

    def feed(self, data: bytes) -> bytes:
        self._buffer += data
        out = bytearray()
        while self._buffer and not self.ended:
            if self._left:
                out += self._take()
            elif not self._next_chunk():
                break
        return bytes(out)

    def _take(self) -> bytes:
        piece = bytes(self._buffer[: self._left])
        payload = piece[: max(self._left - 2, 0)]
        del self._buffer[: len(piece)]
        self._left -= len(piece)
        return payload

    def _next_chunk(self) -> bool:
        line, found, rest = self._buffer.partition(b"\r\n")
        if not found:
            if len(self._buffer) > LONGEST_CHUNK_HEAD:
                raise Malformed("a chunk without a size")
            return False
        digits = bytes(line.split(b";", 1)[0].strip())
        if not digits or digits.strip(b"0123456789abcdefABCDEF"):
            raise Malformed("a chunk without a size")
        size = int(digits, 16)
        self._buffer = rest
        self._left = size + 2
        self.ended = size == 0
        return True


class Frames:
    """Parts stdout and stderr of a program without a terminal: 8 bytes of header, then the payload.

    What the daemon itself has to say (type 3) goes with stderr."""

    def __init__(self) -> None:
        self._header = bytearray()
        self._left = 0
        self._which: Which = "stdout"

    def feed(self, data: bytes) -> list[tuple[Which, bytes]]:
        out: list[tuple[Which, bytes]] = []
        at = 0
        while at < len(data):
            if self._left == 0:
                at = self._read_header(data, at)
                continue
            piece = data[at : at + self._left]
            out.append((self._which, piece))
            at += len(piece)
            self._left -= len(piece)
        return out

    def _read_header(self, data: bytes, at: int) -> int:
        piece = data[at : at + 8 - len(self._header)]
        self._header += piece
        if len(self._header) == 8:
            kind = self._header[0]
            if kind > 3 or any(self._header[1:4]):
                raise Malformed("not a stream of stdout and stderr")
            self._which = "stderr" if kind >= 2 else "stdout"
            self._left = int.from_bytes(self._header[4:], "big")
            self._header.clear()
        return at + len(piece)
