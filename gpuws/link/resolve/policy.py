"""What the SSH configuration allows: which algorithms, keys of which size, whether anything is asked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.link.paramiko.key_files import CERTIFICATE
from gpuws.model.errors import Blocked

AUTHORITY_SIGNATURES = (
    *("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    *("sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com", "rsa-sha2-512", "rsa-sha2-256"),
)
"""ssh's own: without SHA-1 (`ssh-rsa`)."""
_UNCHOSEN_CIPHERS = (
    *("chacha20-poly1305@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr"),
    *("aes128-gcm@openssh.com", "aes256-gcm@openssh.com"),
)
"""ssh's own up to 9.8; later ones have GCM before CTR."""
RSA_SIGNATURES = ("rsa-sha2-512", "rsa-sha2-256")


@dataclass(frozen=True, slots=True)
class Policy:
    """Lists are in ssh's order. An empty one: ssh was not asked, whatever is there may be used.

    `rsa_size`: bits of the smallest RSA key. `revoked_files`: where revoked host keys stand. `silent`: BatchMode,
    nothing is asked."""

    ciphers: tuple[str, ...] = ()
    macs: tuple[str, ...] = ()
    key_exchanges: tuple[str, ...] = ()
    host_keys: tuple[str, ...] = ()
    user_keys: tuple[str, ...] = ()
    authority_signatures: tuple[str, ...] = AUTHORITY_SIGNATURES
    rsa_size: int = 1024
    revoked_files: tuple[str, ...] = ()
    silent: bool = False

    @property
    def preferred_ciphers(self) -> tuple[str, ...]:
        """Those allowed, in ssh's order. Where nobody has chosen any, GCM first: CTR needs a MAC besides, and what ssh
        would take itself, ChaCha20, paramiko has not."""
        if self.ciphers != _UNCHOSEN_CIPHERS:
            return self.ciphers
        return tuple(sorted(self.ciphers, key=lambda name: "gcm" not in name))

    def signatures(self, key_type: str) -> tuple[str, ...]:
        """How a user's key of that type (`ssh-rsa`, `…-cert-v01@openssh.com`) may sign, without the certificate's
        suffix; empty where PubkeyAcceptedAlgorithms does not allow it."""
        plain = key_type.removesuffix(CERTIFICATE)
        suffix = key_type[len(plain) :]
        able = {f"{name}{suffix}": name for name in (RSA_SIGNATURES if plain == "ssh-rsa" else (plain,))}
        return tuple(able[name] for name in self.user_keys or able if name in able)


def common(host: str, option: str, wanted: Sequence[str], ours: Sequence[str]) -> tuple[str, ...]:
    """What of `wanted` is there, in its order. Blocked where nothing is: `option` of `host` asks for it."""
    found = tuple(name for name in wanted or ours if name in ours)
    if not found:
        raise Blocked(
            f"{host}: {option} allows {', '.join(wanted)} only, and gpuws has none of it",
            f"allow {', '.join(ours[:3])} by {option}, or one of them",
        )
    return found
