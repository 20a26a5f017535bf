"""From a host of the configuration to a Link. One Connector serves a whole fleet."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterable
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from gpuws.link.connect.readonly_addresses import ReadOnlyAddresses
from gpuws.link.connect.route import open_route, why_lost
from gpuws.link.paramiko.keepalive import Keepalive
from gpuws.link.paramiko.keys import KeyRing
from gpuws.link.place import Ask, Link
from gpuws.link.resolve import destination
from gpuws.link.resolve.host_key import Accepted, known_for
from gpuws.link.resolve.resolve import Resolved, resolve
from gpuws.model.errors import Cancelled, GpuwsError, UsageError
from gpuws.model.host.host import Host

if TYPE_CHECKING:
    from gpuws.link.connect.jumps import Jumps, Lease
    from gpuws.link.paramiko.second_link import SecondLink
    from gpuws.link.paramiko.ssh import SshLink
    from gpuws.link.paramiko.transport import SshTransport
    from gpuws.model.host.question import Answer, Question

Phase = Callable[[str], None]
Route = tuple[str, str, int, tuple[str, ...], str]


def _quiet(_: str) -> None:
    pass


def _load() -> None:
    """paramiko takes 30 ms: it is loaded while ssh is asked what it knows of the host, and the host is dialled."""
    from gpuws.link.paramiko import login, ssh  # noqa: F401


def _nobody(_: Question) -> None:
    """Nobody is asked."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What an attempt hands on to the jump hosts on its way; `path`: those it is on the way to already."""

    ssh_config: str | None
    ask: Ask
    phase: Phase
    path: tuple[Route, ...] = ()


@dataclass(slots=True)
class _Asking:
    """Hands questions on, and remembers that there was one."""

    ask: Ask
    asked: bool = False

    def __call__(self, question: Question) -> Answer | None:
        self.asked = True
        return self.ask(question)


class Connector:
    """Holds what links share: jump hosts, unlocked keys, the watch over them. `hosts`: the fleet's, so that a jump host
    may be one of them. `own_known_hosts`: the file for keys of hosts whose SSH configuration keeps none (a null
    UserKnownHostsFile), so that each is asked for once and its change is seen."""

    def __init__(self, hosts: Iterable[Host] = (), own_known_hosts: str | None = None) -> None:
        self._own_known_hosts = own_known_hosts
        self._hosts = {host.name: host for host in hosts}
        self._readonly = ReadOnlyAddresses(self._hosts.values())
        self._ring = KeyRing()
        self._accepted = Accepted()
        self._keepalive = Keepalive()
        self._lock = threading.Lock()
        self._made_jumps: Jumps | None = None
        self._transports: weakref.WeakSet[SshTransport] = weakref.WeakSet()
        self._closed = False

    def connect(self, host: Host, ask: Ask, phase: Phase = _quiet) -> Link:
        """Blocks until logged in; `phase` is told what goes on. A `GpuwsError` otherwise."""
        if host.is_local:
            from gpuws.link.local.local import LocalLink

            return LocalLink()
        threading.Thread(target=_load, name="loading", daemon=True).start()
        try:
            phase("resolving")
            resolved = self._resolved(host)
            self._readonly.reach(resolved)
            return self._connect(resolved, _Attempt(host.ssh_config, ask, phase))
        except GpuwsError as error:
            if self._closed:
                raise Cancelled(f"{host.name}: connecting was stopped") from error
            raise

    def know(self, hosts: Iterable[Host]) -> None:
        """The fleet's hosts are others now."""
        self._hosts = {host.name: host for host in hosts}
        self._readonly = self._readonly.of(self._hosts.values())

    def readonly_elsewhere(self, name: str) -> bool:
        """Whether another host of the fleet has the address of this one and may not be changed; never blocks."""
        return self._readonly.leads_to(name)

    def close(self) -> None:
        """End everything that was ever connected or is being connected; returns at once."""
        with self._lock:
            self._closed = True
            transports = list(self._transports)
        self._keepalive.close()
        for transport in transports:
            transport.fail("gpuws is ending")

    def _resolved(self, host: Host) -> Resolved:
        resolved = resolve(host)
        if resolved.known_hosts_files or self._own_known_hosts is None:
            return resolved
        return replace(resolved, known_hosts_files=(self._own_known_hosts,))

    def _connect(self, resolved: Resolved, attempt: _Attempt) -> SshLink:
        lease = self._lease(resolved, attempt)
        try:
            return self._log_in(resolved, lease, attempt)
        except BaseException:
            if lease:
                lease.release()
            raise

    def _log_in(self, resolved: Resolved, lease: Lease | None, attempt: _Attempt) -> SshLink:
        ask, began = _Asking(attempt.ask), time.monotonic()
        keys = known_for(resolved)
        with ExitStack() as undo:
            with lease.gate if lease else nullcontext():
                attempt.phase("connecting")
                route = open_route(resolved, lease)
                undo.callback(route.close)
                from gpuws.link.paramiko.login import Handshake

                handshake = Handshake(resolved, route, keys, self._ring, self._accepted)
                undo.callback(handshake.transport.close)
                self._register(handshake.transport)
                handshake.exchange()
            attempt.phase("checking the host key")
            handshake.check_host_key(ask, attempt.phase)
            attempt.phase("logging in")
            login = handshake.log_in(ask)
            undo.pop_all()
        from gpuws.link.paramiko.ssh import SshLink

        link = SshLink(
            resolved.name,
            handshake.transport,
            needed_human=login.needed_human or (lease is not None and lease.link.needed_human),
            environment=resolved.environment,
            release=lease.release if lease else None,
            explain=partial(why_lost, lease, route),
            second=None if login.needed_human else self._second(resolved, attempt),
            python=self._hosts[resolved.name].python if resolved.name in self._hosts else None,
            login=None if ask.asked else time.monotonic() - began,
            exposed=login.exposed,
            told=login.told,
        )
        self._keepalive.add(link)
        return link

    def _second(self, resolved: Resolved, attempt: _Attempt) -> SecondLink[SshLink]:
        """A second connection of the same kind, by the same route."""
        from gpuws.link.paramiko.second_link import SecondLink

        alone = replace(attempt, ask=_nobody, phase=_quiet)
        return SecondLink(lambda: self._connect(resolved, alone))

    def _register(self, transport: SshTransport) -> None:
        with self._lock:
            if self._closed:
                raise Cancelled("connecting was stopped")
            self._transports.add(transport)

    # jump hosts

    def _lease(self, resolved: Resolved, attempt: _Attempt) -> Lease | None:
        """A share of the link to the last jump host, which goes through those before it."""
        if not resolved.jumps:
            return None
        *before, last = resolved.jumps
        jump = self._resolved(self._jump_host(last, attempt.ssh_config))
        if before:
            jump = replace(jump, jumps=tuple(before), proxy_command="")
        if (jump.hostname, jump.port) == (resolved.hostname, resolved.port):
            return None  # `ProxyJump bastion` under `Host *` is meant for all but the bastion
        route: Route = (jump.user, jump.hostname, jump.port, jump.jumps, jump.proxy_command)
        if route in attempt.path:
            raise UsageError(f"{resolved.name}: its jump hosts go in a circle at {last}", "see jump and ProxyJump")
        attempt.phase(f"waiting for {last}")
        further = replace(attempt, phase=lambda step: attempt.phase(f"{last}: {step}"), path=(*attempt.path, route))
        return self._jumps().lease(route, lambda: self._connect(jump, further))

    def _jump_host(self, written: str, ssh_config: str | None) -> Host:
        if written in self._hosts:
            return self._hosts[written]
        where = destination.parse(written)
        return Host(written, hostname=where.host, user=where.user, port=where.port, ssh_config=ssh_config)

    def _jumps(self) -> Jumps:
        from gpuws.link.connect.jumps import Jumps

        with self._lock:
            self._made_jumps = self._made_jumps or Jumps()
            return self._made_jumps
