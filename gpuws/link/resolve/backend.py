"""Which of the two speaks SSH to a host, and why: paramiko, unless it lacks what is asked for. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from gpuws.link.paramiko.key_files import CERTIFICATE
from gpuws.link.resolve.resolve import Resolved
from gpuws.model import text
from gpuws.model.errors import AuthFailed, HostError

KEX = frozenset(
    (
        *("mlkem768x25519-sha256", "curve25519-sha256", "curve25519-sha256@libssh.org"),
        *("ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521", "diffie-hellman-group-exchange-sha256"),
        *("diffie-hellman-group14-sha256", "diffie-hellman-group16-sha512"),
    )
)
CIPHERS = frozenset(
    (
        *("aes128-ctr", "aes192-ctr", "aes256-ctr", "aes128-gcm@openssh.com", "aes256-gcm@openssh.com"),
        *("aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"),
    )
)
MACS = frozenset(
    (
        *("hmac-sha2-256", "hmac-sha2-512", "hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"),
        *("hmac-sha1", "hmac-sha1-96", "hmac-md5", "hmac-md5-96"),
    )
)
KEYS = frozenset(
    (
        *("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
        *("rsa-sha2-512", "rsa-sha2-256"),
    )
)
AGENT_KEYS = frozenset({"sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"})
"""An agent signs with these; a server's key is never one of them to paramiko."""
SHOWN = 3
"""Algorithms of a list that are named in a reason."""


Moment = Literal["begin", "person", "end"]
"""Of a login: nothing was offered yet; somebody would have to answer now; nothing is left, and nothing was offered."""

Instead = Callable[[Moment, Sequence[str]], None]
"""Told of each moment with the methods that the server takes; raises LoginNeedsOpenSsh where ssh can do better."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`why`: the option or the fact that decided, in a few words; "": nothing speaks against paramiko."""

    backend: Literal["paramiko", "openssh"]
    why: str = ""


class NeedsOpenSsh(HostError):
    """What paramiko could not do for `host` before any credential was offered, and ssh may. `why` as a Choice has
    it."""

    def __init__(self, host: str, message: str, remedy: str, why: str) -> None:
        super().__init__(f"{host}: {message}", remedy)
        self.host = host
        self.why = why


class LoginNeedsOpenSsh(NeedsOpenSsh, AuthFailed):
    """The same of the login itself."""


def chosen(resolved: Resolved, security_keys: Sequence[str], *, ssh: bool) -> Choice:
    """`security_keys`: files of FIDO keys that a login needs. `ssh`: there is such a program here."""
    if resolved.backend != "auto":
        return Choice(resolved.backend, "hosts.yaml says so")
    why = next(_lacking(resolved, security_keys), "") if ssh else ""
    return Choice("openssh", why) if why else Choice("paramiko")


def _lacking(resolved: Resolved, security_keys: Sequence[str]) -> Iterator[str]:
    """What of the configuration paramiko can't do, each in a few words."""
    demands = resolved.demands
    if demands.passes_descriptor and resolved.proxy_command:
        yield "ProxyUseFdpass"
    if demands.keys_by_command:
        yield "KnownHostsCommand"
    if demands.token:
        yield "PKCS11Provider"
    if security_keys:
        yield f"security key {security_keys[0]}"
    if demands.host_based:
        yield "HostbasedAuthentication"
    if demands.kerberos:
        yield "GSSAPIAuthentication"
    policy = resolved.policy
    certified = frozenset(f"{name}{CERTIFICATE}" for name in KEYS)
    signing = KEYS | certified | AGENT_KEYS | {_certified(name) for name in AGENT_KEYS}
    for option, wanted, ours in (
        ("KexAlgorithms", policy.key_exchanges, KEX),
        ("HostKeyAlgorithms", policy.host_keys, KEYS | certified),
        ("Ciphers", policy.ciphers, CIPHERS),
        ("MACs", policy.macs, MACS),
        ("PubkeyAcceptedAlgorithms", policy.user_keys, signing),
    ):
        if wanted and ours.isdisjoint(wanted):
            yield f"{option} {listed(wanted)}"


def _certified(name: str) -> str:
    """A certificate's name has the domain at its end, whatever the key's has."""
    return f"{name.removesuffix('@openssh.com')}{CERTIFICATE}"


def listed(names: Sequence[str]) -> str:
    """The first few, and that there are more."""
    return text.plain(", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else ""), 120)
