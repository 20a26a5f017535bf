"""Who is at the other end of a unix socket."""

from __future__ import annotations

import socket
import struct
import sys


def peer_uid(sock: socket.socket) -> int:
    """Whose process it is, as the kernel says."""
    if sys.platform == "linux":
        _, uid, _ = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        return int(uid)
    _, uid = struct.unpack("2I", sock.getsockopt(0, 1, 76)[:8])  # macOS: SOL_LOCAL, LOCAL_PEERCRED, struct xucred
    return int(uid)
