"""The socket of a keeper: its name, the way to it, and who is at its other end."""

from __future__ import annotations

import _socket  # what `socket` is made of, without the half of a short command's time that it takes to load
import os
import stat
import sys
import zlib

from gpuws.model.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 90  # bytes of a socket's path; the system's limit is 104 on macOS, 108 on Linux


def socket_name(config_dir: str, *, readonly: bool = False) -> str:
    """One for each configuration directory and way to use it, without its directory and suffix."""
    return f"keeper-{checksum(config_dir)}" + ("-readonly" if readonly else "")


def checksum(path: str) -> str:
    """A name for a path; no secret, so the cheapest sum will do."""
    return f"{zlib.crc32(os.fsencode(path)):08x}"


def usual_socket(environ: Mapping[str, str]) -> str | None:
    """`find_home(find_paths(None, environ)).socket` where the environment says plainly where everything is, as that
    of a login does; None: it takes `find_home` to tell."""
    runtime = _runtime(environ)
    config = environ.get("GPUWS_CONFIG_DIR") or _below(environ.get("XDG_CONFIG_HOME", ""), "gpuws")
    config = config or _below(environ.get("HOME", ""), ".config/gpuws")
    if not _plain(runtime) or not _plain(config):
        return None
    path = f"{runtime}/{socket_name(config)}.sock"
    return path if len(os.fsencode(path)) <= LONGEST else None


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


def need_private(directory: str, found: os.stat_result) -> None:
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise UsageError(
            f"{directory} is not a private directory of yours",
            f"remove it (or chmod 700 {directory}), or set XDG_RUNTIME_DIR",
        )


def _runtime(environ: Mapping[str, str]) -> str:
    """The directory of sockets: below the session's own, where there is one, else below that of temporary files."""
    own = environ.get("XDG_RUNTIME_DIR", "")
    if own.startswith("/"):
        return f"{own}/gpuws" if _plain(own) and _mine(own) else ""
    if environ.get("TEMP") or environ.get("TMP"):
        return ""
    temporary = environ.get("TMPDIR") or "/tmp"
    return f"{temporary.rstrip('/')}/gpuws-{os.getuid()}" if _plain(temporary.rstrip("/")) else ""


def _below(base: str, name: str) -> str:
    return f"{base.rstrip('/')}/{name}" if base.startswith("/") else ""


def _plain(path: str) -> bool:
    """pathlib would leave it as it is."""
    return path.startswith("/") and not path.endswith("/") and not {"", "."} & set(path.split("/")[1:])


def _mine(directory: str) -> bool:
    try:
        found = os.stat(directory)  # noqa: PTH116
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
