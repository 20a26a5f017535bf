"""The host key of a new connection is checked here, before any login."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gpuws.link import host_cert, known_hosts
from gpuws.link.key_files import CERTIFICATE, PublicKey
from gpuws.link.known_hosts import KnownKey, fingerprint, host_name, judge, ordered
from gpuws.link.place import Ask
from gpuws.link.resolve import Resolved
from gpuws.model.errors import Blocked, HostKeyChanged, HostKeyUnknown
from gpuws.model.question import Question


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
        wanted = [name for name in available if name in self.resolved.host_key_algorithms] or available
        plain = ordered(wanted, (*self.known, *self.portless))
        trusted = any(key.marker == "CA" for key in self.known)
        return (*(f"{name}{CERTIFICATE}" for name in plain), *plain) if trusted else plain


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
    """Returns if `key` may be trusted; HostKeyChanged, Blocked (revoked) or HostKeyUnknown otherwise."""
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


def _objection(keys: HostKeys, certificate: PublicKey) -> str:
    name = keys.resolved.host_key_alias or keys.resolved.hostname.lower()
    return host_cert.objection(certificate, (*keys.known, *keys.portless), name, time.time())


def _accept(keys: HostKeys, key: PublicKey, objection: str, ask: Ask) -> None:
    resolved, shown = keys.resolved, f"{key.type} {fingerprint(key.blob)}"
    unknown = f"{resolved.name}: the host key of {keys.name} is not known"
    if resolved.strict == "yes":
        raise HostKeyUnknown(
            f"{unknown}, and StrictHostKeyChecking is `yes`", f"add it to known_hosts after checking it: {shown}"
        )
    if resolved.strict == "accept-new" and not objection:
        return
    detail = (shown, f"its certificate does not hold: {objection}") if objection else (shown,)
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
        "the server must get a new key; ask who runs it",
    )
