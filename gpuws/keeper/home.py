"""Where a keeper lives: one socket and one lock for a user, a configuration directory and a way to use it."""

from __future__ import annotations

import fcntl
import os
import socket
import stat
import zlib
from dataclasses import dataclass
from pathlib import Path

from gpuws.config.paths import Paths, private_directory
from gpuws.model.errors import GpuwsError, UsageError

LONGEST = 90  # bytes of a socket's path; the system's limit is 104 on macOS, 108 on Linux


@dataclass(frozen=True, slots=True)
class Home:
    """`readonly`: a keeper of its own, through which nothing can be changed."""

    paths: Paths
    readonly: bool
    directory: Path
    name: str

    @property
    def socket(self) -> Path:
        return self.directory / f"{self.name}.sock"

    @property
    def lock(self) -> Path:
        """Held by the keeper for life: the kernel lets go of it however the keeper ends."""
        return self.directory / f"{self.name}.lock"

    @property
    def tunnels(self) -> Path:
        """Which tunnels to open again after a keeper that was killed or replaced. Holds no token."""
        return self.directory / f"{self.name}.tunnels"

    @property
    def log(self) -> Path:
        return self.paths.state_dir / "keeper.log"


def find_home(paths: Paths, *, readonly: bool = False) -> Home:
    """Looking up creates nothing. Where the runtime directory's name is too long for a socket, a short one is used."""
    name = f"keeper-{_short(paths.config_dir)}" + ("-readonly" if readonly else "")
    directory = paths.runtime_dir
    if len(os.fsencode(directory / f"{name}.sock")) > LONGEST:
        directory = private_directory(Path("/tmp"))
        name = f"{name}-{_short(paths.runtime_dir)}"
    return Home(paths, readonly, directory, name)


def _short(path: Path) -> str:
    """A name for a path; no secret, so the cheapest sum will do."""
    return f"{zlib.crc32(os.fsencode(path)):08x}"


def prepare(home: Home) -> None:
    """Make the directory, or see that it is mine alone; whoever could write there could pose as the keeper."""
    try:
        home.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = home.directory.lstat()
    except OSError as error:
        raise GpuwsError(f"{home.directory} can't be made: {error.strerror}", "set XDG_RUNTIME_DIR") from error
    _need_private(home, found)


def connect(home: Home) -> socket.socket | None:
    """A connection to the keeper that listens here; None: nobody does."""
    from gpuws.keeper.peer import peer_uid

    try:
        directory, found = home.directory.lstat(), home.socket.lstat()
    except OSError:
        return None
    _need_private(home, directory)
    if found.st_uid != os.getuid() or not stat.S_ISSOCK(found.st_mode):
        raise UsageError(f"{home.socket} is not a socket of yours", f"remove it: rm {home.socket}")
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(0)  # one that is stopped takes nobody any more, and would hold us for good
    try:
        sock.connect(os.fspath(home.socket))
    except OSError:
        sock.close()
        return None
    sock.settimeout(None)
    if peer_uid(sock) != os.getuid():
        sock.close()
        raise UsageError(f"somebody else listens on {home.socket}", f"remove it: rm {home.socket}")
    return sock


def listen(home: Home) -> socket.socket:
    """The keeper's socket. Only the holder of the lock calls this: what lies there is a dead keeper's."""
    home.socket.unlink(missing_ok=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        sock.bind(os.fspath(home.socket))
    finally:
        os.umask(before)
    sock.listen(64)
    return sock


def take_lock(home: Home) -> int | None:
    """A descriptor that holds the lock; None: a keeper lives here, or is being started."""
    try:
        descriptor = os.open(home.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise GpuwsError(f"{home.lock} can't be opened: {error.strerror}", f"remove it: rm {home.lock}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def sign_lock(descriptor: int) -> None:
    """Say in the lock's file who holds it, for the day when the keeper answers no more."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)


def holder(home: Home) -> str:
    """The pid of the keeper, as it signed; PID where it did not."""
    try:
        signed = home.lock.read_text(errors="replace")
    except OSError:
        signed = ""
    return signed if signed.isdecimal() else "PID"


def _need_private(home: Home, found: os.stat_result) -> None:
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise UsageError(
            f"{home.directory} is not a private directory of yours",
            f"remove it (or chmod 700 {home.directory}), or set XDG_RUNTIME_DIR",
        )
