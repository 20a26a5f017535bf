"""RevokedHostKeys: a file of keys that no server may show, a list or a KRL (which `ssh-keygen` reads)."""

from __future__ import annotations

import base64
import contextlib
from pathlib import Path

from gpuws.link.paramiko import key_files
from gpuws.link.paramiko.key_files import CERTIFICATE, PublicKey
from gpuws.link.resolve.openssh import CommandFailed, output

TIMEOUT = 5.0  # seconds
_KRL = b"SSHKRL\n\0"


class Unreadable(Exception):
    """The file can't be used; its argument says why. ssh then believes no server at all."""


def revokes(file: str, key: PublicKey) -> bool:
    """Whether `file` names `key`, or what is in it if it is a certificate: its key, its authority. Unreadable."""
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error
    return _in_krl(file, key) if data.startswith(_KRL) else _in_list(data, key)


def _in_list(data: bytes, key: PublicKey) -> bool:
    """One key a line, as in a `.pub` file. Every line is read: one that can't be might be the one."""
    blobs, found = {key.blob}, False
    if key.type.endswith(CERTIFICATE):
        with contextlib.suppress(ValueError):  # cut short: no authority vouches for it
            blobs.add(key_files.signed_by(key)[0])
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith(b"#"):
            continue
        listed = key_files.public_line(line)
        if listed is None:
            raise Unreadable(f"line {number} is no key")
        found |= listed.blob in blobs or key_files.certifies(key, listed)
    return found


def _in_krl(file: str, key: PublicKey) -> bool:
    line = f"{key.type} {base64.b64encode(key.blob).decode()}\n".encode()
    try:
        output(["ssh-keygen", "-Q", "-f", file, "/dev/stdin"], TIMEOUT, line)
    except FileNotFoundError:
        raise Unreadable("there is no ssh-keygen here") from None
    except CommandFailed as error:
        if error.status == 1:
            return True
        raise Unreadable(error.reason) from error
    return False
