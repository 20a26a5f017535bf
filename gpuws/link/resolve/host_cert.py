"""Host certificates: whether an authority of known_hosts (`@cert-authority`) vouches for a server's key."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.link.paramiko.key_files import PublicKey, signed_by
from gpuws.link.resolve.known_hosts import KnownKey
from gpuws.model.text import plain

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.serialization import SSHCertificate


def objection(
    certificate: PublicKey, known: Sequence[KnownKey], signatures: Sequence[str], name: str, now: float
) -> str:
    """ "" if it holds for host `name` (without port) at `now` (epoch seconds), else what is wrong with it.

    `signatures`: the algorithms that an authority may have signed it with."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import SSHCertificate, load_ssh_public_identity

    try:
        read = load_ssh_public_identity(f"{certificate.type} {base64.b64encode(certificate.blob).decode()}".encode())
        if not isinstance(read, SSHCertificate):
            return "it is no certificate"
        read.verify_cert_signature()
        signer, algorithm = signed_by(certificate)
    except InvalidSignature:
        return "its signature is wrong"
    except (ValueError, UnsupportedAlgorithm) as error:
        return f"it can't be read: {plain(str(error), 200)}"
    if any(key.marker == "REVOKED" and key.blob == signer for key in known):
        return "its authority is revoked"
    if not any(key.marker == "CA" and key.blob == signer for key in known):
        return "its authority is not known"
    if algorithm not in signatures:
        return f"it is signed with {plain(algorithm, 60)}, which CASignatureAlgorithms does not allow"
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
        return f"it is made for {plain(', '.join(principals), 200)}"
    return ""
