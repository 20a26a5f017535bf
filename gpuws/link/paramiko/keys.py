"""Which keys to try, in ssh's order; and the ring that remembers unlocked ones while the program runs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gpuws.link.paramiko import key_files
from gpuws.link.paramiko.key_files import CERTIFICATE, KeyFile, PublicKey, Unusable, WrongPassphrase, certifies
from gpuws.link.resolve.resolve import Resolved

if TYPE_CHECKING:
    from paramiko import PKey

    from gpuws.link.paramiko.agent import HeldKey, SshAgent

PASSPHRASE_TRIES = 3

AskPassphrase = Callable[[str, bool], str | None]
"""(path, the last one was wrong) → the passphrase; None: nobody gives it."""


class KeyRing:
    """Unlocked keys, in memory only. However many hosts want a key at once, its passphrase is asked once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._unlocked: dict[tuple[str, float], PKey] = {}
        self._asking: dict[str, Future[PKey | None]] = {}

    def load(self, file: KeyFile, ask: AskPassphrase | None) -> PKey | None:
        """None: nobody gave the passphrase (`ask` None: nobody may be asked), or it stayed wrong. Unusable where the
        file is."""
        if not file.encrypted:
            return key_files.load(file.path, None)
        stamp = (file.path, _modified(file.path))
        with self._lock:
            if key := self._unlocked.get(stamp):
                return key
            if ask is None:
                return None
            waiting = self._asking.get(file.path)
            future = self._asking[file.path] = waiting or Future()
        if waiting:
            return waiting.result()
        try:
            key = _unlock(file.path, ask)
        except BaseException as error:
            future.set_exception(error)
            raise
        else:
            future.set_result(key)
            if key is not None:
                self._unlocked[stamp] = key
            return key
        finally:
            with self._lock:
                del self._asking[file.path]


def _unlock(path: str, ask: AskPassphrase) -> PKey | None:
    for attempt in range(PASSPHRASE_TRIES):
        passphrase = ask(path, attempt > 0)
        if passphrase is None:
            return None
        with contextlib.suppress(WrongPassphrase):
            return key_files.load(path, passphrase)
    return None


def _modified(path: str) -> float:
    try:
        return Path(path).stat().st_mtime
    except OSError:
        return 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A key to try. `costly`: using it may ask or bother a person, so the server is asked first if it would take it."""

    label: str
    public: PublicKey | None
    load: Callable[[AskPassphrase], PKey | None]
    costly: bool


@dataclass(slots=True)
class Candidates:
    """ssh's order: certificates, the agent's keys that are configured, its other ones, key files.

    `remarks`: why a key could not be used. `exposed`: private key files that others can read."""

    resolved: Resolved
    agent: SshAgent
    ring: KeyRing
    remarks: list[str] = field(default_factory=list)
    exposed: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Candidate]:
        held = {key.blob: key for key in self.agent.held()}
        files = [file for path in self.resolved.identity_files if (file := self._file(path))]
        yield from self._certificates(files, held)
        known = [file.public.blob for file in files if file.public and file.public.blob in held]
        others = [] if self.resolved.identities_only else [blob for blob in held if blob not in known]
        if unused := len(held) - len(set(known) | set(others)):
            keys = f"{unused} key" if unused == 1 else f"{unused} keys"
            self.remarks.append(f"IdentitiesOnly is `yes`: {keys} of the agent not offered")
        for blob in (*dict.fromkeys(known), *others):
            yield _from_agent(held[blob])
        for file in files:
            if file.private and not (file.public and file.public.blob in held):
                yield self._from_file(file, None)

    def _file(self, path: str) -> KeyFile | None:
        file = key_files.read(path)
        if file is None:
            if self.resolved.configured_keys:
                self.remarks.append(f"{_short(path)} can't be read")
            return None
        if file.public and file.public.type.startswith("sk-"):
            self.remarks.append(f"{_short(path)} is a security key: load it into an agent (`ssh-add`)")
        elif file.exposed:
            self.remarks.append(
                f"{_short(path)} is an unprotected private key file ({file.exposed:04o}, others can read it)"
            )
            self.exposed.append(path)
        else:
            return file
        return replace(file, private=False)  # an agent may have it

    def _certificates(self, files: list[KeyFile], held: dict[bytes, HeldKey]) -> Iterator[Candidate]:
        beside = [f"{file.path.removesuffix('.pub')}-cert.pub" for file in files]
        for path in (*self.resolved.certificate_files, *beside):
            certificate = key_files.read_public(path)
            if certificate is None or not certificate.type.endswith(CERTIFICATE):
                continue
            for key in held.values():
                if certifies(certificate, PublicKey(key.get_name(), key.blob)):
                    yield _from_agent(key, path, certificate)
                    break
            else:
                for file in files:
                    if file.private and file.public and certifies(certificate, file.public):
                        yield self._from_file(file, path, certificate)

    def _from_file(self, file: KeyFile, certificate_path: str | None, public: PublicKey | None = None) -> Candidate:
        def load(ask: AskPassphrase) -> PKey | None:
            silent = self.resolved.policy.silent
            try:
                key = self.ring.load(file, None if silent else ask)
            except Unusable as error:
                self.remarks.append(f"{_short(file.path)}: {error}")
                return None
            if key is None and silent:
                self.remarks.append(f"{_short(file.path)} needs its passphrase, and BatchMode is `yes`")
            return _certified(key, certificate_path) if key and certificate_path else key

        return Candidate(_short(certificate_path or file.path), public or file.public, load, file.encrypted)


def _from_agent(key: HeldKey, certificate_path: str | None = None, public: PublicKey | None = None) -> Candidate:
    label = f"{_short(certificate_path or key.comment or key.get_name())} (agent)"
    return Candidate(
        label,
        public or PublicKey(key.get_name(), key.blob),
        lambda _: _certified(key, certificate_path) if certificate_path else key,
        costly=True,
    )


def _certified(key: PKey, path: str) -> PKey:
    """The same key, shown with its certificate."""
    import copy

    twin = copy.copy(key)
    twin.load_certificate(path)
    return twin


def _short(path: str) -> str:
    home = str(Path.home())
    return f"~{path[len(home) :]}" if path.startswith(f"{home}/") else path
