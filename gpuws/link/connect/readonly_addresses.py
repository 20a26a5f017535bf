"""Addresses that a host of the fleet calls read-only: no other name of theirs may change what is there."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator

from gpuws.link.resolve.resolve import Resolved, resolve
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import Host

Address = tuple[str, int, tuple[str, ...], str]
"""Host, port, and the way there."""


class ReadOnlyAddresses:
    """Found by ssh's configuration alone, so that the rule holds although nobody has dialled the strict name."""

    def __init__(self, hosts: Iterable[Host]) -> None:
        self._hosts = [host for host in hosts if host.readonly and not host.is_local]
        self._lock = threading.Lock()
        self._found: frozenset[Address] | None = None if self._hosts else frozenset()
        self._reached: dict[str, Address] = {}

    def reach(self, resolved: Resolved) -> None:
        """A host was found there. Asks ssh for the read-only ones, once."""
        with self._lock:
            if self._found is None:
                self._found = frozenset(self._resolve())
        self._reached[resolved.name] = _address(resolved)

    def leads_to(self, name: str) -> bool:
        """Whether a host that was reached is one of them; never blocks."""
        return self._reached.get(name) in (self._found or ())

    def of(self, hosts: Iterable[Host]) -> ReadOnlyAddresses:
        """The same for other hosts, of which some are reached already."""
        other = ReadOnlyAddresses(hosts)
        other._found, other._reached = frozenset(other._resolve()), dict(self._reached)
        return other

    def _resolve(self) -> Iterator[Address]:
        for host in self._hosts:
            with contextlib.suppress(GpuwsError):  # it is told when that host is dialled
                yield _address(resolve(host))


def _address(resolved: Resolved) -> Address:
    return resolved.hostname.lower(), resolved.port, resolved.jumps, resolved.proxy_command
