"""Where a keeper lives: one socket and one lock for a user, a configuration directory and a way to use it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from gpuws.config.paths import Paths
from gpuws.model.errors import GpuwsError
from gpuws.quick.directories import need_private
from gpuws.quick.endpoint import dial, keeper_place

MACHINE_ID = Path("/etc/machine-id")


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
        """Which tunnels the next keeper opens again, also after a logout or a reboot. Holds no token.

        A home directory may be that of several machines: a local port belongs to one."""
        return self.paths.state_dir / "tunnels" / f"{self.name}{_machine()}.json"

    @property
    def waits(self) -> Path:
        """Which waits to go on with, likewise."""
        return self.directory / f"{self.name}.waits"

    @property
    def tasks(self) -> Path:
        """Tasks of the last day, with their logs: a folder that is made with the first."""
        return self.paths.state_dir / "tasks" / self.name

    @property
    def notices(self) -> Path:
        """What happened in the last week, and what is to be told when it ends."""
        return self.paths.state_dir / "notices" / f"{self.name}.jsonl"

    @property
    def history(self) -> Path:
        """How GPUs were used; SQLite's files are no good on several machines at once."""
        return self.paths.state_dir / "history" / f"{self.name}{_machine()}.sqlite3"

    @property
    def log(self) -> Path:
        return self.paths.state_dir / "keeper.log"


def _machine() -> str:
    """Tells this machine from others, where that is known; its id itself is not to be handed on."""
    try:
        text = MACHINE_ID.read_bytes().strip()
    except OSError:
        return ""
    return f"-{hashlib.sha256(b'gpuws ' + text).hexdigest()[:8]}" if text else ""


def find_home(paths: Paths, *, readonly: bool = False) -> Home:
    """Looking up creates nothing."""
    directory, name = keeper_place(os.fspath(paths.config_dir), os.fspath(paths.runtime_dir), readonly=readonly)
    return Home(paths, readonly, Path(directory), name)


def prepare(home: Home) -> None:
    """Make the directory, or see that it is mine alone; whoever could write there could pose as the keeper."""
    try:
        home.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = home.directory.lstat()
    except OSError as error:
        raise GpuwsError(f"{home.directory} can't be made: {error.strerror}", "set XDG_RUNTIME_DIR") from error
    need_private(os.fspath(home.directory), found)


def connect(home: Home) -> socket.socket | None:
    """A connection to the keeper that listens here; None: nobody does."""
    sock = dial(os.fspath(home.socket))
    return None if sock is None else socket.socket(fileno=sock.detach())


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
