"""The hosts of a file that was checked and has not changed since: loading the validator takes longer than most of what
follows, so its result is remembered.

It counts for the very bytes of the file, this version of gpuws and its rules. What looks like a secret is not written
down. Anything else that lies there is ignored, and the file is checked as ever."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from gpuws.config.paths import Paths
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import DockerAccess, Host

LARGEST = 1 << 20  # bytes
RULES = ("hosts_file.py", "hosts.py", "ranges.py")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file says once it is checked."""

    hosts: tuple[Host, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Memory:
    """Of the hosts file of `paths`. `key`: what a result counts for; "" where there is no such file."""

    path: Path
    key: str

    def recall(self) -> Checked | None:
        """None where it was not checked yet as it is now."""
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            key, whole, text = _private(self.path).split("\n", 2)
            if self.key and key == self.key and whole == _hash(text.encode()):
                told = json.loads(text)
                return Checked(tuple(map(_host, told["hosts"])), tuple(told["notes"]))
        return None

    def keep(self, checked: Checked) -> None:
        """What can't be written is checked again the next time; so is what holds a secret."""
        from gpuws.config.files import write_atomically
        from gpuws.model.secret import is_secret

        values = [pair for host in checked.hosts for pair in (*host.vars.items(), *host.ssh_options.items())]
        text = json.dumps({"hosts": [asdict(host) for host in checked.hosts], "notes": checked.notes})
        if self.key and len(text) < LARGEST and not any(is_secret(*pair) for pair in (*values, ("", text))):
            with contextlib.suppress(GpuwsError):
                write_atomically(self.path, f"{self.key}\n{_hash(text.encode())}\n{text}")


def memory_of(paths: Paths, environ: Mapping[str, str]) -> Memory:
    """As the file is now."""
    from gpuws._version import __version__

    folder = Path(__file__).parent
    rules = [(folder / name).stat() for name in RULES]
    try:
        with paths.hosts_file.open("rb") if paths.hosts_file.is_file() else contextlib.nullcontext() as file:
            data = file.read(LARGEST + 1) if file else b""
    except OSError:
        data = b""
    if not 0 < len(data) <= LARGEST:
        return Memory(paths.checked_hosts, "")
    about = [
        __version__,
        *(f"{rule.st_size} {rule.st_mtime_ns}" for rule in rules),
        *(field.name for kind in (Host, DockerAccess) for field in fields(kind)),
        *map(str, (paths.hosts_file, environ.get("HOME"), len(data))),
    ]
    return Memory(paths.checked_hosts, _hash("\0".join(about).encode() + b"\0" + data))


def _host(told: dict[str, Any]) -> Host:
    return Host(**{**told, "docker": DockerAccess(**told["docker"]), "tags": tuple(told["tags"])})


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _private(path: Path) -> str:
    """The text of a file that nobody but me may have written; OSError otherwise."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        mine = stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid() and not stat.S_IMODE(found.st_mode) & 0o077
        if not mine:
            raise PermissionError("not a private file of mine")
        return file.read(2 * LARGEST).decode()
