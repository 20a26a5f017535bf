"""Host certificates: whether an authority of known_hosts (`@cert-authority`) vouches for a server's key."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.link.key_files import PublicKey
from gpuws.link.known_hosts import KnownKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.serialization import SSHCertificate


def objection(certificate: PublicKey, known: Sequence[KnownKey], name: str, now: float) -> str:
    """ "" if it holds for host `name` (without port) at `now` (epoch seconds), else what is wrong with it."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import SSHCertificate, load_ssh_public_identity

    try:
        read = load_ssh_public_identity(f"{certificate.type} {base64.b64encode(certificate.blob).decode()}".encode())
        if not isinstance(read, SSHCertificate):
            return "it is no certificate"
        read.verify_cert_signature()
        signer = _blob(read)
    except InvalidSignature:
        return "its signature is wrong"
    except (ValueError, UnsupportedAlgorithm) as error:
        return f"it can't be read: {error}"
    if any(key.marker == "REVOKED" and key.blob == signer for key in known):
        return "its authority is revoked"
    if not any(key.marker == "CA" and key.blob == signer for key in known):
        return "its authority is not known"
    return _scope(read, name, now)


def _scope(certificate: SSHCertificate, name: str, now: float) -> str:
    from cryptography.hazmat.primitives.serialization import SSHCertificateType

    principals = [principal.decode(errors="replace") for principal in certificate.valid_principals]
    if certificate.type is not SSHCertificateType.HOST:
        return "it is not made for hosts"
    if not certificate.valid_after <= now < certificate.valid_before:
        return "it is not valid now"
    if certificate.critical_options:
        return "it has conditions that are not known"
    if principals and name not in principals:  # no patterns, as with ssh
        return f"it is made for {', '.join(principals)}"
    return ""


def _blob(certificate: SSHCertificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    line = certificate.signature_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return base64.b64decode(line.split()[1])
