"""The relay's frames, which carry many connections over one pair of pipes. Pure; both sides use this file.

A frame is a head (kind, number of the connection, length) and so many bytes. Numbers are given by the near side, which
opens all connections, and never again. What a side may send on a connection is bounded by what the other has promised
to keep: at first its window, then what it gives back as it passes bytes on. So a side never stops reading the pipes,
and a reader that stalls holds up nobody but its own connection."""

import struct

HEAD = struct.Struct(">BII")
OPEN, OPENED, DATA, END, CLOSE, CREDIT, ALIVE = range(1, 8)
# OPEN    near → far   the target: HOST, a line feed, PORT; or the absolute path of a unix socket
# OPENED  near ← far   it is connected
# DATA    both ways    bytes
# END     both ways    nothing more comes from this side; what comes from the other still does
# CLOSE   both ways    the connection is over, in both directions and before its time; from afar with the reason
# CREDIT  both ways    so many bytes more may be sent
# ALIVE   near → far   somebody is there

NEAR_WINDOW = 1 << 20
"""Bytes of a connection that the near side keeps until they are read."""
FAR_WINDOW = 1 << 18
"""Bytes of a connection that the far side keeps until its peer takes them: the memory is another's."""
LARGEST_DATA = 1 << 20
LARGEST_WORD = 1 << 12
"""Bytes of any other frame."""

AMOUNT = struct.Struct(">I")


class Malformed(ValueError):
    """The other side does not speak the protocol."""


def head(kind: int, number: int, length: int) -> bytes:
    """What comes before the bytes of a frame."""
    return HEAD.pack(kind, number, length)


class Frames:
    """Undoes the framing; fed as bytes arrive."""

    def __init__(self) -> None:
        self._held = b""  # the beginning of a frame that has to come whole
        self._number = self._left = 0  # of a DATA that has not come whole

    def feed(self, data: bytes) -> "list[tuple[int, int, bytes]]":
        """A list of (kind, number, bytes). The bytes of a DATA are handed on as they come, in any number of parts."""
        if self._held:
            data, self._held = self._held + data, b""
        found = []  # type: list[tuple[int, int, bytes]]
        at = 0
        while at < len(data):
            if self._left:
                piece = data[at : at + self._left]
                found.append((DATA, self._number, piece))
                self._left -= len(piece)
                at += len(piece)
                continue
            begin = at + HEAD.size
            if begin > len(data):
                break
            kind, number, length = HEAD.unpack_from(data, at)
            self._check(kind, length)
            if kind == DATA:
                self._number, self._left, at = number, length, begin
            elif begin + length <= len(data):
                found.append((kind, number, data[begin : begin + length]))
                at = begin + length
            else:
                break
        self._held = data[at:]
        return found

    def _check(self, kind: int, length: int) -> None:
        if not OPEN <= kind <= ALIVE or length > (LARGEST_DATA if kind == DATA else LARGEST_WORD):
            raise Malformed("no frame of a relay")
        if kind == CREDIT and length != AMOUNT.size:
            raise Malformed("a credit of no amount")
