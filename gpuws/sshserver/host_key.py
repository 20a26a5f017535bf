"""The server's own key: made once for a user, and told to ssh by a known_hosts file of its own."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from paramiko import Ed25519Key, SSHException

from gpuws.model.errors import GpuwsError

REMEDY = "gpuws ssh-config writes it"


def read_key(path: Path) -> Ed25519Key:
    """GpuwsError where there is none: one that were made here no known_hosts file would know."""
    try:
        return Ed25519Key(filename=str(path))
    except FileNotFoundError as error:
        raise GpuwsError(f"there is no host key {path}", REMEDY) from error
    except (OSError, ValueError, SSHException) as error:
        raise GpuwsError(f"{path} is no host key: {error}", f"remove it; {REMEDY} anew") from error


def made_key(path: Path) -> Ed25519Key:
    """The one that is there, else a new one in a file that only its owner may read. GpuwsError where neither can be."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _make(path)
    except OSError as error:
        raise GpuwsError(
            f"{path} can't be written: {error.strerror}", "check the directory's permissions and space"
        ) from error
    return read_key(path)


def known_hosts_line(name: str, key: Ed25519Key) -> str:
    """`name`: what ssh looks for, its HostKeyAlias."""
    return f"{name} {key.get_name()} {key.get_base64()}\n"


def _make(path: Path) -> None:
    """Of several that make one at the same time the first counts."""
    data = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(temporary)
    finally:
        Path(temporary).unlink()
