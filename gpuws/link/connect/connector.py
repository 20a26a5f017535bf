"""From a host of the configuration to a Link. One Connector serves a whole fleet."""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Callable, Hashable, Iterable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from gpuws.link.changes import address_gone
from gpuws.link.connect.backends import Backends
from gpuws.link.connect.readonly_addresses import ReadOnlyAddresses
from gpuws.link.connect.route import open_route, why_lost
from gpuws.link.paramiko.keepalive import Keepalive
from gpuws.link.paramiko.keys import KeyRing
from gpuws.link.place import Ask, Link
from gpuws.link.resolve import destination
from gpuws.link.resolve.backend import NeedsOpenSsh
from gpuws.link.resolve.host_key import Accepted, known_for
from gpuws.link.resolve.remembered import Remembered
from gpuws.link.resolve.resolve import Resolved
from gpuws.link.watched import watched
from gpuws.model.errors import Blocked, Cancelled, GpuwsError, HostKeyChanged, HostKeyUnknown, UsageError
from gpuws.model.host import naming
from gpuws.model.host.host import Host

if TYPE_CHECKING:
    from gpuws.link.command_log import CommandLog
    from gpuws.link.connect.jumps import Jumps, Lease
    from gpuws.link.openssh.master import Master
    from gpuws.link.paramiko.second_link import SecondLink
    from gpuws.link.paramiko.ssh import SshLink
    from gpuws.link.paramiko.transport import SshTransport
    from gpuws.model.host.question import Answer, Question

HURRIED = 5.0  # seconds for a connection while somebody waits: a way that is back takes the next one
Phase = Callable[[str], None]
Route = tuple[str, str, int, tuple[str, ...], str]
Way = tuple[Resolved, ...]
"""A host, the jump host before it, the one before that."""


def _quiet(_: str) -> None:
    pass


def _nothing() -> None:
    pass


def _load() -> None:
    """paramiko takes 30 ms: it is loaded while ssh is asked what it knows of the host, and the host is dialled."""
    from gpuws.link.paramiko import login, ssh  # noqa: F401


def _unheard(_: Hashable) -> None:
    pass


def _my_login() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _nobody(_: Question) -> None:
    """Nobody is asked."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What an attempt hands on to the jump hosts on its way. `person`: somebody wants it now. `hurried` as of
    `Connector.connect`."""

    ask: Ask
    phase: Phase
    person: bool
    hurried: bool = False

    def hurrying(self, resolved: Resolved) -> Resolved:
        """With the time for its connection that there is."""
        return replace(resolved, connect_timeout=min(resolved.connect_timeout, HURRIED)) if self.hurried else resolved

    def alone(self) -> _Attempt:
        """A later one, for which nobody is asked."""
        return _Attempt(_nobody, _quiet, person=False)


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
    UserKnownHostsFile), so that each is asked for once and its change is seen. `log`: where all that is done on hosts
    is noted; it ends with this."""

    def __init__(
        self, hosts: Iterable[Host] = (), own_known_hosts: str | None = None, log: CommandLog | None = None
    ) -> None:
        self._own_known_hosts = own_known_hosts
        self._log = log
        self._hosts = {host.name: host for host in hosts}
        self._readonly = ReadOnlyAddresses(self._hosts.values())
        self._ring = KeyRing()
        self._accepted = Accepted()
        self._backends = Backends()
        self._remembered = Remembered()
        self._on_change: Callable[[], None] = _nothing
        self._keepalive = Keepalive(self._changed)
        self._lock = threading.Lock()
        self._made_jumps: Jumps | None = None
        self._told: Callable[[Hashable], None] = _unheard
        self._transports: weakref.WeakSet[SshTransport] = weakref.WeakSet()
        self._masters: weakref.WeakSet[Master] = weakref.WeakSet()
        self._closed = False

    def connect(
        self, host: Host, ask: Ask, phase: Phase = _quiet, *, person: bool = True, hurried: bool = False
    ) -> Link:
        """Blocks until logged in; `phase` is told what goes on. A `GpuwsError` otherwise.

        `person`: somebody wants it now. Without, a login at which a person was asked, here or at a jump host, is not
        tried again: `HostError` with `asks`. `hurried`: it was tried a moment ago, and somebody waits."""
        if host.is_local:
            from gpuws.link.local.local import LocalLink

            return watched(LocalLink(), self._log, host.name, _my_login())
        self._keepalive.start()
        if not hurried:
            threading.Thread(target=_load, name="loading", daemon=True).start()
        try:
            if not hurried:
                phase("resolving")
            way = self._way(host, hurried=hurried)
            self._readonly.reach(way[0])
            attempt = _Attempt(ask, phase, person, hurried)
            link = self._jumps().own(_route(way[0]), host.name, lambda: self._connect(way, attempt), person=person)
            return watched(link, self._log, host.name, way[0].user)
        except GpuwsError as error:
            if self._closed:
                raise Cancelled(f"{host.name}: connecting was stopped") from error
            raise

    def on_change(self, told: Callable[[], None]) -> None:
        """Have it called where the network of this machine is another, or it woke; it must return at once."""
        self._on_change = told

    def on_login(self, told: Callable[[Hashable], None]) -> None:
        """Have `told` called, from any thread, with the `login` of a `HostError` once somebody is logged in there."""
        self._told = told

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
            transports, masters = list(self._transports), list(self._masters)
        self._keepalive.close()
        for transport in transports:
            transport.fail("gpuws is ending")
        for master in masters:
            master.end()
        if self._log is not None:
            self._log.close()

    def _changed(self) -> None:
        """Links that are there are asked already."""
        self._remembered.forget()
        with self._lock:
            transports = list(self._transports)
        for transport in transports:
            if transport.alive and address_gone(transport.sock):
                transport.fail("this machine's network is another")
        self._on_change()

    def _resolved(self, host: Host, *, hurried: bool) -> Resolved:
        resolved = self._remembered.resolve(host, again=hurried)
        if resolved.known_hosts_files or self._own_known_hosts is None:
            return resolved
        return replace(resolved, known_hosts_files=(self._own_known_hosts,))

    def _connect(self, way: Way, attempt: _Attempt) -> SshLink:
        """By what the configuration asks for, or by ssh where paramiko finds out that it lacks something before it has
        offered any credential."""
        try:
            return self._by_its_backend(way, attempt)
        except (HostKeyUnknown, HostKeyChanged, Blocked) as error:
            from gpuws.link.connect.unknown_key import awaited

            raise awaited(error, way[0]) from error

    def _by_its_backend(self, way: Way, attempt: _Attempt) -> SshLink:
        resolved = way[0]
        choice = self._backends.choice(resolved)
        if choice.backend == "paramiko":
            try:
                return self._by_paramiko(way, attempt, choice.why)
            except NeedsOpenSsh as error:
                choice = self._backends.instead(resolved, error)
        attempt.phase(f"by the system's ssh: {choice.why}")
        return self._by_openssh(way, attempt, choice.why)

    def _by_paramiko(self, way: Way, attempt: _Attempt, why: str) -> SshLink:
        return self._over_jumps(way, attempt, lambda lease: self._log_in(way, lease, attempt, why))

    def _over_jumps(self, way: Way, attempt: _Attempt, log_in: Callable[[Lease | None], SshLink]) -> SshLink:
        """What `log_in` makes with a share of the jump host's link, which is the link's from then on."""
        lease = self._lease(way[1:], attempt) if way[1:] else None
        try:
            with self._noted(way):
                return log_in(lease)
        except BaseException:
            if lease:
                lease.release()
            raise

    def _log_in(self, way: Way, lease: Lease | None, attempt: _Attempt, why: str) -> SshLink:
        resolved = way[0]
        ask, began = _Asking(attempt.ask), time.monotonic()
        keys = known_for(resolved)
        with ExitStack() as undo:
            with lease.gate if lease else nullcontext():
                attempt.phase("connecting")
                route = open_route(attempt.hurrying(resolved), lease)
                undo.callback(route.close)
                from gpuws.link.paramiko.login import Handshake

                handshake = Handshake(resolved, route, keys, self._ring, self._accepted)
                undo.callback(handshake.transport.close)
                self._register(handshake.transport)
                handshake.exchange()
            attempt.phase("checking the host key")
            handshake.check_host_key(ask, attempt.phase)
            attempt.phase("logging in")
            login = handshake.log_in(ask, self._backends.look(resolved))
            undo.pop_all()
        from gpuws.link.paramiko.ssh import SshLink

        link = SshLink(
            resolved.name,
            handshake.transport,
            asks=login.needed_human,
            jump=lease.link if lease else None,
            environment=resolved.environment,
            release=lease.release if lease else None,
            explain=partial(why_lost, lease, route),
            second=None if login.needed_human else self._second(way, attempt),
            python=self._python_of(resolved),
            shell=resolved.shell,
            besides=resolved.besides,
            login=None if ask.asked else time.monotonic() - began,
            exposed=login.exposed,
            why=why,
            told=login.told,
        )
        self._keepalive.add(link)
        return link

    def _noted(self, way: Way) -> AbstractContextManager[object]:
        """The login that is tried."""
        if self._log is None:
            return nullcontext()
        through = f" through {way[1].name}" if way[1:] else ""
        where = f"{way[0].hostname}:{way[0].port}{through}"
        return self._log.of(way[0].name, way[0].user).once("login", lambda: where)

    def _by_openssh(self, way: Way, attempt: _Attempt, why: str) -> SshLink:
        """Over the user's own ssh where that is there, else over one of ours."""
        from gpuws.link.openssh.theirs import along

        link: SshLink | None = along(way[0], self._python_of(way[0]), why)
        if link is None:
            link = self._over_jumps(way, attempt, lambda lease: self._ssh(way, lease, attempt, why))
        else:
            with self._noted(way):  # nobody logged in anew; what runs there is gpuws' all the same
                pass
        self._keepalive.add(link)
        return link

    def _ssh(self, way: Way, lease: Lease | None, attempt: _Attempt, why: str) -> SshLink:
        from gpuws.link.openssh.crossing import Crossing
        from gpuws.link.openssh.login import log_in

        resolved, again = attempt.hurrying(way[0]), partial(self._connect, way, attempt.alone())
        python = self._python_of(resolved)
        with ExitStack() as undo:
            attempt.phase("connecting")
            crossing = undo.enter_context(Crossing(resolved, lease)) if lease else None
            link = log_in(resolved, crossing, attempt.ask, attempt.phase, self._hold, again, python, why)
            undo.pop_all()
        return link

    def _python_of(self, resolved: Resolved) -> str | None:
        return self._hosts[resolved.name].python if resolved.name in self._hosts else None

    def _second(self, way: Way, attempt: _Attempt) -> SecondLink[SshLink]:
        """A second connection of the same kind, by the same route."""
        from gpuws.link.paramiko.second_link import SecondLink

        return SecondLink(partial(self._connect, way, attempt.alone()))

    def _register(self, transport: SshTransport) -> None:
        with self._lock:
            if self._closed:
                raise Cancelled("connecting was stopped")
            self._transports.add(transport)

    def _hold(self, master: Master) -> None:
        with self._lock:
            if self._closed:
                raise Cancelled("connecting was stopped")
            self._masters.add(master)

    # jump hosts

    def _way(self, host: Host, *, hurried: bool) -> Way:
        """UsageError where it never ends."""
        way = [self._resolved(host, hurried=hurried)]
        routes = {_route(way[0])}
        while jump := self._jump(way[-1], host.ssh_config, hurried=hurried):
            if _route(jump) in routes:
                raise UsageError(f"{host.name}: its jump hosts go in a circle at {jump.name}", "see jump and ProxyJump")
            routes.add(_route(jump))
            way.append(jump)
        return tuple(way)

    def _jump(self, resolved: Resolved, ssh_config: str | None, *, hurried: bool) -> Resolved | None:
        """The last one before it, which is reached through those before that."""
        if not resolved.jumps:
            return None
        *before, last = resolved.jumps
        jump = self._resolved(self._jump_host(last, ssh_config), hurried=hurried)
        if before:
            jump = replace(jump, jumps=tuple(before), proxy_command="")
        if (jump.hostname, jump.port) == (resolved.hostname, resolved.port):
            return None  # `ProxyJump bastion` under `Host *` is meant for all but the bastion
        return jump

    def _lease(self, way: Way, attempt: _Attempt) -> Lease:
        """A share of the link to the jump host at the beginning of `way`."""
        name = way[0].name
        attempt.phase(f"waiting for {name}")
        further = replace(attempt, phase=lambda step: attempt.phase(f"{name}: {step}"))
        return self._jumps().lease(_route(way[0]), lambda: self._connect(way, further), person=attempt.person)

    def _jump_host(self, written: str, ssh_config: str | None) -> Host:
        if (name := naming.bare(written)) in self._hosts:
            return self._hosts[name]
        where = destination.parse(written)
        return Host(written, hostname=where.host, user=where.user, port=where.port, ssh_config=ssh_config)

    def _jumps(self) -> Jumps:
        from gpuws.link.connect.jumps import Jumps

        with self._lock:
            self._made_jumps = self._made_jumps or Jumps(lambda route: self._told(route))
            return self._made_jumps


def _route(resolved: Resolved) -> Route:
    return (resolved.user, resolved.hostname, resolved.port, resolved.jumps, resolved.proxy_command)
