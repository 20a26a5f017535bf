"""Key files as OpenSSH writes them: their public half without a passphrase, their private half with one."""

from __future__ import annotations

import base64
import io
import os
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paramiko import PKey

_BEGIN, _END = b"-----BEGIN OPENSSH PRIVATE KEY-----", b"-----END OPENSSH PRIVATE KEY-----"
_MAGIC = b"openssh-key-v1\0"
CERTIFICATE = "-cert-v01@openssh.com"
SIZE_LIMIT = 1 << 20  # bytes: nothing longer is a key


class WrongPassphrase(Exception):
    pass


class Unusable(Exception):
    """The file holds no key that can be used; its argument says why."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """`type` as on the wire (`ssh-ed25519`, `…-cert-v01@openssh.com`), `blob` the whole of it."""

    type: str
    blob: bytes


@dataclass(frozen=True, slots=True)
class KeyFile:
    """`public` None: it can't be known before the passphrase. `private`: it is more than a bare `.pub`.
    `exposed`: its permissions, where others than its owner have any (ssh leaves such a file alone)."""

    path: str
    public: PublicKey | None
    private: bool
    encrypted: bool
    exposed: int = 0


def read(path: str) -> KeyFile | None:
    """None: there is no such file, or it can't be read."""
    try:
        data = _bytes(path)
        exposed = _exposed(path)
    except OSError:
        return None
    public = public_line(data)
    if public:
        return KeyFile(path, public, private=False, encrypted=False)
    public, encrypted = _openssh_header(data)
    if public is None:
        encrypted = b"ENCRYPTED" in data
        public = read_public(f"{path}.pub") or (None if encrypted else _derived(path))
    return KeyFile(path, public, private=True, encrypted=encrypted, exposed=exposed)


def kind(path: str) -> str | None:
    """The type of the key in a file as far as its public half tells, without a passphrase; None: it tells nothing."""
    try:
        data = _bytes(path)
    except OSError:
        return None
    public = public_line(data) or _openssh_header(data)[0] or read_public(f"{path}.pub")
    return public.type if public else None


def _exposed(path: str) -> int:
    """As ssh looks at it: only at files of my own, others' and root's are as they are."""
    status = Path(path).stat()
    mode = stat.S_IMODE(status.st_mode)
    return mode if status.st_uid == os.getuid() and mode & 0o077 else 0


def read_public(path: str) -> PublicKey | None:
    """The key or certificate of a `.pub` file."""
    try:
        return public_line(_bytes(path))
    except OSError:
        return None


def load(path: str, passphrase: str | None) -> PKey:
    """The private key, whatever the format of its file. WrongPassphrase (None counts as wrong), Unusable."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    password = passphrase.encode() if passphrase is not None else None
    try:
        data = _bytes(path)
        reader = serialization.load_ssh_private_key if _BEGIN in data else serialization.load_pem_private_key
        plain = reader(data, password).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        )
    except OSError as error:
        raise Unusable(error.strerror or str(error)) from error
    except UnsupportedAlgorithm as error:
        raise Unusable("its kind is not supported") from error
    except TypeError as error:  # a passphrase where none is needed, or none where one is
        if passphrase is not None:
            return load(path, None)
        raise WrongPassphrase from error
    except ValueError as error:
        if passphrase is not None:
            raise WrongPassphrase from error
        raise Unusable("it is damaged or no private key") from error
    return _key(plain.decode())


def rsa_size(key: PublicKey) -> int | None:
    """Bits of an RSA key or of a certificate for one; None: it is of another kind."""
    if key.type.removesuffix(CERTIFICATE) != "ssh-rsa":
        return None
    try:
        rest = _after(key.blob, 3 if key.type.endswith(CERTIFICATE) else 2)  # type, the certificate's nonce, exponent
        return int.from_bytes(_string(rest)[0], "big").bit_length()
    except (ValueError, struct.error):  # cut short
        return 0


def signed_by(certificate: PublicKey) -> tuple[bytes, str]:
    """PROTOCOL.certkeys: the key of the authority, and the algorithm that it signed with. ValueError if cut short."""
    plain, rest = certificate.type.removesuffix(CERTIFICATE), certificate.blob
    try:
        rest = _after(rest, 3 if plain == "ssh-ed25519" else 4)  # type, nonce, the key's own: two but for ed25519
        rest = _after(rest[12:], 2)  # serial and kind; identity, principals
        rest = _after(rest[16:], 3)  # times; conditions, extensions, reserved
        authority, rest = _string(rest)
        return authority, _string(_string(rest)[0])[0].decode(errors="replace")
    except struct.error as error:
        raise ValueError("cut short") from error


def certifies(certificate: PublicKey, key: PublicKey) -> bool:
    """A certificate repeats the key's own fields after its type and a nonce."""
    if certificate.type != f"{key.type}{CERTIFICATE}":
        return False
    return _after(certificate.blob, 2).startswith(_string(key.blob)[1])


def _key(plain: str) -> PKey:
    from paramiko import ECDSAKey, Ed25519Key, RSAKey, SSHException

    for kind in (Ed25519Key, RSAKey, ECDSAKey):
        try:
            return kind.from_private_key(io.StringIO(plain))
        except SSHException:
            continue
    raise Unusable("its kind is not supported")


def _derived(path: str) -> PublicKey | None:
    try:
        key = load(path, None)
    except (WrongPassphrase, Unusable):
        return None
    return PublicKey(key.get_name(), key.asbytes())


def _bytes(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(SIZE_LIMIT)


def public_line(data: bytes) -> PublicKey | None:
    """The key that `data` begins with, as in a `.pub` file."""
    words = data.split(maxsplit=2)
    if len(words) < 2 or words[0].startswith(b"-----"):
        return None
    try:
        blob = base64.b64decode(words[1], validate=True)
        kind = _string(blob)[0]
    except (ValueError, struct.error):
        return None
    return PublicKey(kind.decode(errors="replace"), blob) if kind == words[0] else None


def _openssh_header(data: bytes) -> tuple[PublicKey | None, bool]:
    """PROTOCOL.key: magic, cipher, kdf, kdf options, number of keys, public key; all of it in the clear."""
    try:
        body = base64.b64decode(data.partition(_BEGIN)[2].partition(_END)[0])
        if not body.startswith(_MAGIC):
            return None, False
        cipher, rest = _string(body[len(_MAGIC) :])
        rest = _string(_string(rest)[1])[1]
        blob = _string(rest[4:])[0]
        return PublicKey(_string(blob)[0].decode(errors="replace"), blob), cipher != b"none"
    except (ValueError, struct.error):
        return None, False


def _after(data: bytes, strings: int) -> bytes:
    """What comes after so many length-prefixed strings."""
    for _ in range(strings):
        _, data = _string(data)
    return data


def _string(data: bytes) -> tuple[bytes, bytes]:
    """A length-prefixed string, and what comes after it."""
    (length,) = struct.unpack_from(">I", data)
    if length > len(data) - 4:
        raise ValueError("cut short")
    return data[4 : 4 + length], data[4 + length :]
