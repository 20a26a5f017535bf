"""The host key of a new connection is checked here, before any login."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gpuws.link.paramiko import key_files
from gpuws.link.paramiko.key_files import CERTIFICATE, PublicKey
from gpuws.link.place import Ask
from gpuws.link.resolve import host_cert, known_hosts
from gpuws.link.resolve.known_hosts import KnownKey, fingerprint, host_name, judge, ordered
from gpuws.link.resolve.policy import common
from gpuws.link.resolve.resolve import Resolved
from gpuws.link.resolve.revoked import Unreadable, revokes
from gpuws.model import text
from gpuws.model.errors import Blocked, HostKeyChanged, HostKeyUnknown
from gpuws.model.host.question import Question

NEW_KEY = "the server must get a new key; ask who runs it"


@dataclass(slots=True)
class Accepted:
    """Keys that a person accepted in this program, whether or not a file could keep them."""

    keys: set[tuple[str, bytes]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class HostKeys:
    """What is known of one host: under its `name` in known_hosts, and under its name without the port."""

    resolved: Resolved
    name: str
    known: tuple[KnownKey, ...]
    portless: tuple[KnownKey, ...] = ()

    def algorithms(self, available: Sequence[str]) -> tuple[str, ...]:
        """What to ask the server for: certificates where an authority is known, then keys that are known."""
        both = (*available, *(f"{name}{CERTIFICATE}" for name in available))
        found = common(self.resolved.name, "HostKeyAlgorithms", self.resolved.policy.host_keys, both)
        plain = [name for name in found if not name.endswith(CERTIFICATE)]
        certified = [name for name in found if name.endswith(CERTIFICATE)]
        known = (*self.known, *self.portless)
        asked = certified if not plain or any(key.marker == "CA" for key in self.known) else ()
        return (*ordered(asked, known), *ordered(plain, known))


def known_for(resolved: Resolved) -> HostKeys:
    files = (*resolved.known_hosts_files, *resolved.global_known_hosts_files)
    name = host_name(resolved.hostname, resolved.port, resolved.host_key_alias)
    plain = resolved.host_key_alias or resolved.hostname.lower()
    known = known_hosts.look_up(name, files)
    # Each look is a process. With a key of its own, only a marker under the bare name could still say anything.
    unsaid = all(key.marker for key in known) or known_hosts.marked(files)
    return HostKeys(resolved, name, known, known_hosts.look_up(plain, files) if plain != name and unsaid else ())


def check(
    keys: HostKeys,
    key: PublicKey,
    certificate: PublicKey | None,
    ask: Ask,
    accepted: Accepted,
    note: Callable[[str], None],
) -> None:
    """Returns if `key` may be trusted; HostKeyChanged, Blocked (revoked, too small) or HostKeyUnknown otherwise."""
    _allowed(keys, key, certificate)
    revoked = (known for known in keys.portless if known.marker == "REVOKED")
    verdict = judge((*keys.known, *revoked), key.type, key.blob)
    if verdict.status == "revoked":
        raise _revoked(keys, verdict.known, key)
    objection = _objection(keys, certificate) if certificate else ""
    if certificate and not objection:
        return
    if verdict.status == "changed":
        raise _changed(keys, verdict.known, key)
    # A key known for the name without its port is good for every port, as with ssh.
    if verdict.status == "ok" or judge(keys.portless, key.type, key.blob).status == "ok":
        return
    if (keys.name, key.blob) not in accepted.keys:
        _accept(keys, key, objection, ask)
        accepted.keys.add((keys.name, key.blob))
        _save(keys, key, note)


def _allowed(keys: HostKeys, key: PublicKey, certificate: PublicKey | None) -> None:
    """Blocked by RequiredRSASize or RevokedHostKeys, whatever known_hosts says of it."""
    resolved, policy = keys.resolved, keys.resolved.policy
    shown = f"{resolved.name}: the host key {fingerprint(key.blob)} of {keys.name}"
    size = key_files.rsa_size(key)
    if size is not None and size < policy.rsa_size:
        raise Blocked(
            f"{shown} has {size} bits, and RequiredRSASize is {policy.rsa_size}", "the server must get a larger key"
        )
    for file in policy.revoked_files:
        try:
            revoked = revokes(file, certificate or key)
        except Unreadable as error:
            raise Blocked(
                f"{resolved.name}: RevokedHostKeys names {file}, which can't be used: {text.plain(str(error))}",
                "mend the file: ssh, too, believes no server without it",
            ) from error
        if revoked:
            raise Blocked(f"{shown} is revoked ({file})", NEW_KEY)


def _objection(keys: HostKeys, certificate: PublicKey) -> str:
    name = keys.resolved.host_key_alias or keys.resolved.hostname.lower()
    known, signatures = (*keys.known, *keys.portless), keys.resolved.policy.authority_signatures
    return host_cert.objection(certificate, known, signatures, name, time.time())


def _accept(keys: HostKeys, key: PublicKey, objection: str, ask: Ask) -> None:
    resolved, shown = keys.resolved, f"{key.type} {fingerprint(key.blob)}"
    fault = f"its certificate does not hold: {objection}" if objection else ""
    unknown = f"{resolved.name}: the host key of {keys.name} is not known{fault and f' ({fault})'}"
    if resolved.strict == "accept-new" and not objection:
        return
    if resolved.strict == "yes" or resolved.policy.silent:
        option = "StrictHostKeyChecking" if resolved.strict == "yes" else "BatchMode"
        raise Blocked(f"{unknown}, and {option} is `yes`", f"add it to known_hosts after checking it: {shown}")
    detail = (shown, fault) if fault else (shown,)
    words = f"The host key of {keys.name} is not known. Is this its fingerprint?"
    answer = ask(Question("host-key", resolved.name, words, detail))
    if answer is None or not answer.accept:
        raise HostKeyUnknown(
            f"{unknown} and nobody confirmed it",
            f"compare {fingerprint(key.blob)} with the server's, then connect again and accept it",
        )


def _save(keys: HostKeys, key: PublicKey, note: Callable[[str], None]) -> None:
    resolved = keys.resolved
    if not resolved.known_hosts_files:
        return
    file = resolved.known_hosts_files[0]
    try:
        known_hosts.remember(file, keys.name, key.type, key.blob, hashed=resolved.hash_known_hosts)
    except OSError as error:
        note(f"the host key could not be kept in {file}: {error.strerror}")


def _changed(keys: HostKeys, known: KnownKey | None, key: PublicKey) -> HostKeyChanged:
    assert known is not None
    return HostKeyChanged(
        f"{keys.resolved.name}: the host key of {keys.name} has changed: known {known.type} {fingerprint(known.blob)}"
        f" ({known.where}), now {key.type} {fingerprint(key.blob)}",
        f"if the server was set up anew: ssh-keygen -f {known.file} -R '{keys.name}'; otherwise somebody is in between",
    )


def _revoked(keys: HostKeys, known: KnownKey | None, key: PublicKey) -> Blocked:
    assert known is not None
    return Blocked(
        f"{keys.resolved.name}: the host key {fingerprint(key.blob)} of {keys.name} is revoked ({known.where})",
        NEW_KEY,
    )
