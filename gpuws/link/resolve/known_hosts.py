"""Which host keys are known: `ssh-keygen -F` reads the files (hashed names, globs, markers); a line is appended, never
a file rewritten."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import hmac
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gpuws.link.paramiko.key_files import CERTIFICATE
from gpuws.link.resolve.openssh import CommandFailed, output
from gpuws.link.resolve.policy import RSA_SIGNATURES
from gpuws.model.errors import GpuwsError

TIMEOUT = 5.0  # seconds
_MARKED = re.compile(rb"^[ \t]*@", re.MULTILINE)

Marker = Literal["", "CA", "REVOKED"]
Status = Literal["ok", "unknown", "changed", "revoked"]


@dataclass(frozen=True, slots=True)
class KnownKey:
    """One line of a known_hosts file that speaks of a host. `blob`: the key as on the wire."""

    marker: Marker
    type: str
    blob: bytes
    file: str
    line: int

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`known`: the line that decided."""

    status: Status
    known: KnownKey | None = None


def host_name(hostname: str, port: int, alias: str = "") -> str:
    """How a host is written in known_hosts."""
    if alias:
        return alias
    return hostname.lower() if port == 22 else f"[{hostname.lower()}]:{port}"


def fingerprint(blob: bytes) -> str:
    """As ssh prints it: `SHA256:…`."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def look_up(name: str, files: Sequence[str]) -> tuple[KnownKey, ...]:
    """All lines about `name` in those of `files` that exist."""
    found: list[KnownKey] = []
    for file in files:
        if os.access(file, os.R_OK):
            found += _keys(_search(name, file), file)
    return tuple(found)


def marked(files: Sequence[str]) -> bool:
    """Whether a line of `files` revokes a key or names an authority, or may: what can't be read might."""
    try:
        return any(_MARKED.search(Path(file).read_bytes()) for file in files if os.access(file, os.R_OK))
    except OSError:
        return True


def _search(name: str, file: str) -> str:
    try:
        return output(["ssh-keygen", "-F", name, "-f", file], TIMEOUT)
    except FileNotFoundError:
        raise GpuwsError(
            "host keys can't be checked: there is no ssh-keygen here", "install the OpenSSH client"
        ) from None
    except CommandFailed as error:
        if error.status is None:
            raise GpuwsError(f"{file} could not be read within {TIMEOUT:g} s") from None
        return ""  # 1: nothing found; 255: no such file any more


def _keys(found: str, file: str) -> list[KnownKey]:
    """`# Host NAME found: line N [CA|REVOKED]`, then the line itself."""
    keys: list[KnownKey] = []
    number, marker = 0, ""
    for line in found.splitlines():
        if line.startswith("# Host "):
            words = line.rpartition(" found: line ")[2].split()
            number, marker = int(words[0]) if words and words[0].isdigit() else 0, (words[1:] or [""])[0]
            continue
        words = line.split()
        if words and words[0].startswith("@"):
            words = words[1:]
        try:
            blob = base64.b64decode(words[2], validate=True)
        except (IndexError, ValueError):
            continue
        if marker in ("", "CA", "REVOKED"):
            keys.append(KnownKey(marker, words[1], blob, file, number))  # type: ignore[arg-type]
    return keys


def judge(known: Sequence[KnownKey], key_type: str, blob: bytes) -> Verdict:
    """What ssh says of this key. A key of another type than those known counts as changed, too: the server was asked
    for a known type first."""
    for key in known:
        if key.marker == "REVOKED" and key.blob == blob:
            return Verdict("revoked", key)
    plain = [key for key in known if not key.marker]
    for key in plain:
        if key.blob == blob:
            return Verdict("ok", key)
    if not plain:
        return Verdict("unknown")
    return Verdict("changed", next((key for key in plain if key.type == key_type), plain[0]))


def ordered(algorithms: Sequence[str], known: Sequence[KnownKey]) -> tuple[str, ...]:
    """`algorithms` with those first whose keys are known, so that the server shows a key we can check."""
    types = {key.type for key in known if not key.marker}
    return tuple(sorted(algorithms, key=lambda algorithm: key_type(algorithm) not in types))


def key_type(algorithm: str) -> str:
    """The type of key that an algorithm signs with."""
    plain = algorithm.removesuffix(CERTIFICATE)
    return "ssh-rsa" if plain in RSA_SIGNATURES else plain


def remember(file: str, name: str, key_type: str, blob: bytes, *, hashed: bool) -> None:
    """Append one line to `file`; OSError where it can't be written."""
    path = Path(file)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = f"{_hashed(name) if hashed else name} {key_type} {base64.b64encode(blob).decode()}\n".encode()
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = b"\n" + line
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


def _hashed(name: str) -> str:
    salt = os.urandom(20)
    digest = hmac.new(salt, name.encode(), "sha1").digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"
