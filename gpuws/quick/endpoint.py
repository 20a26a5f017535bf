"""The socket of a keeper: its name, the way to it, and who is at its other end."""

from __future__ import annotations

import _socket  # what `socket` is made of, without the half of a short command's time that it takes to load
import os
import stat
import sys
import zlib

from gpuws.model.errors import UsageError
from gpuws.quick.directories import config_dir, need_private, private_directory, runtime_dir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 90  # bytes of a socket's path; the system's limit is 104 on macOS, 108 on Linux


def usual_socket(environ: Mapping[str, str]) -> str | None:
    """Of the keeper that a command without options asks; None where the environment leads to none."""
    try:
        return socket_of(config_dir(environ), runtime_dir(environ))
    except UsageError:
        return None


def socket_of(config: str, runtime: str, *, readonly: bool = False) -> str:
    return "{}/{}.sock".format(*keeper_place(config, runtime, readonly=readonly))


def keeper_place(config: str, runtime: str, *, readonly: bool = False) -> tuple[str, str]:
    """The directory of a keeper's socket and lock, and their name without its suffix: one for each directory of
    configuration and way to use it. Where `runtime` is too long for a socket's name, a short one is taken."""
    name = f"keeper-{_checksum(config)}" + ("-readonly" if readonly else "")
    if len(os.fsencode(f"{runtime}/{name}.sock")) <= LONGEST:
        return runtime, name
    return private_directory("/tmp"), f"{name}-{_checksum(runtime)}"


def _checksum(path: str) -> str:
    """A name for a path; no secret, so the cheapest sum will do."""
    return f"{zlib.crc32(os.fsencode(path)):08x}"


def dial(path: str) -> _socket.socket | None:
    """A connection to the keeper that listens there; None: nobody does. Raises where it may be somebody else's."""
    directory = os.path.dirname(path)  # noqa: PTH120 - pathlib takes longer to load than all the rest
    try:
        room, found = os.lstat(directory), os.lstat(path)
    except OSError:
        return None
    need_private(directory, room)
    if found.st_uid != os.getuid() or not stat.S_ISSOCK(found.st_mode):
        raise UsageError(f"{path} is not a socket of yours", f"remove it: rm {path}")
    sock = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    sock.settimeout(0)  # one that is stopped takes nobody any more, and would hold us for good
    try:
        sock.connect(path)
    except OSError:
        sock.close()
        return None
    sock.settimeout(None)
    if peer_uid(sock) != os.getuid():
        sock.close()
        raise UsageError(f"somebody else listens on {path}", f"remove it: rm {path}")
    return sock


def peer_uid(sock: _socket.socket) -> int:
    """Whose process is at the other end, as the kernel says."""
    if sys.platform == "linux":
        return _uid(sock.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12))  # struct ucred: pid, uid, gid
    return _uid(sock.getsockopt(0, 1, 76))  # macOS: SOL_LOCAL, LOCAL_PEERCRED, struct xucred: version, uid, …


def _uid(found: bytes) -> int:
    """The second of its 32-bit fields."""
    return int.from_bytes(found[4:8], sys.byteorder)
