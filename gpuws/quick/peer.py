"""Who is at the other end of a unix socket."""

from __future__ import annotations

import _socket  # what `socket` is made of, without the half of a short command's time that it takes to load
import sys


def peer_uid(sock: _socket.socket) -> int:
    """Whose process it is, as the kernel says."""
    if sys.platform == "linux":
        return _field(sock.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12))  # struct ucred: pid, uid, gid
    return _field(sock.getsockopt(0, 1, 76))  # macOS: SOL_LOCAL, LOCAL_PEERCRED, struct xucred: version, uid, …


def _field(found: bytes) -> int:
    """The second of its 32-bit fields."""
    return int.from_bytes(found[4:8], sys.byteorder)
