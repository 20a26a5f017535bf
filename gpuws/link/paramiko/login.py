"""From a connected socket to a transport that is logged in: key exchange, host key, authentication."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from paramiko.transport import SecurityOptions

from gpuws.link.connect.faults import handshake_fault, late_fault, proxy_fault
from gpuws.link.connect.proxy import ProxySocket
from gpuws.link.paramiko.auth import Authentication
from gpuws.link.paramiko.key_files import PublicKey
from gpuws.link.paramiko.keys import KeyRing
from gpuws.link.paramiko.transport import SshTransport
from gpuws.link.place import Ask
from gpuws.link.resolve import host_key
from gpuws.link.resolve.backend import Instead
from gpuws.link.resolve.host_key import Accepted, HostKeys
from gpuws.link.resolve.policy import common
from gpuws.link.resolve.resolve import Resolved
from gpuws.model.errors import Unreachable

HANDSHAKE_TIMEOUT = 15.0  # seconds for the banner and the key exchange


class Handshake:
    """The steps of one connection; `transport.close()` from another thread ends any of them."""

    def __init__(self, resolved: Resolved, way: Any, keys: HostKeys, ring: KeyRing, accepted: Accepted) -> None:
        self.transport = SshTransport(way)
        self._way = way
        self._resolved = resolved
        self._ring = ring
        self._accepted = accepted
        self._keys = keys

    def exchange(self) -> None:
        """The key exchange."""
        transport, resolved = self.transport, self._resolved
        self._choose(transport.get_security_options())
        transport.host_key_algorithms = self._keys.algorithms(transport._preferred_keys)
        done = threading.Event()
        transport.start_client(event=done)
        if transport.reason:  # failed before it had started, which paramiko does not notice
            transport.close()
            raise Unreachable(f"{resolved.name}: {transport.reason}")
        if done.wait(HANDSHAKE_TIMEOUT) and transport.alive:
            return
        if isinstance(self._way, ProxySocket) and (words := self._way.last_words()):
            raise proxy_fault(resolved, words)
        raise handshake_fault(resolved, transport) if done.is_set() else late_fault(resolved)

    def _choose(self, options: SecurityOptions) -> None:
        """The algorithms that the SSH configuration allows, in its order; Blocked where none of a kind is there."""
        name, policy = self._resolved.name, self._resolved.policy
        options.ciphers = common(name, "Ciphers", policy.preferred_ciphers, options.ciphers)
        options.digests = common(name, "MACs", policy.macs, options.digests)
        options.kex = common(name, "KexAlgorithms", policy.key_exchanges, options.kex)

    def check_host_key(self, ask: Ask, phase: Callable[[str], None]) -> None:
        key = self.transport.host_key
        if key is None:
            raise Unreachable(f"{self._resolved.name}: the connection was lost: {self.transport.why()}")
        shown = PublicKey(key.get_name(), key.asbytes())
        blob = key.public_blob
        certificate = PublicKey(blob.key_type, blob.key_blob) if blob else None
        host_key.check(self._keys, shown, certificate, ask, self._accepted, phase)

    def log_in(self, ask: Ask, instead: Instead) -> Authentication:
        """The login, done; or what `instead` raises."""
        login = Authentication(self.transport, self._resolved, ask, self._ring, instead)
        login.run()
        return login
