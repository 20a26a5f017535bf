"""Logins that are shared: that of a jump host by all who go through it, itself included where the fleet has it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gpuws.model.errors import GpuwsError, HostError, NeedsPerson, Unreachable

if TYPE_CHECKING:
    from gpuws.link.paramiko.ssh import SshLink

AT_ONCE = 4  # connections set up through one jump host at a time: its MaxStartups, and the network behind it
LINGER = 180.0
"""Seconds that the link of a jump host is kept for nobody where a person logged in: hosts behind it that are away for a
moment come back through it, and are tried more often than that."""


@dataclass(slots=True, eq=False)
class _Login:
    """`users`: who has it, or waits for it; `owned`: one of them is the host itself."""

    future: Future[SshLink] = field(default_factory=Future)
    users: int = 0
    owned: bool = False
    lingering: threading.Timer | None = None

    @property
    def over(self) -> bool:
        """It failed, or its link is gone."""
        return self.future.done() and (self.future.exception() is not None or not self.future.result().alive)


@dataclass(frozen=True, slots=True)
class Lease:
    """A share of a jump host. `release` once; the last one closes the link."""

    link: SshLink
    gate: threading.Semaphore
    release: Callable[[], None]


@dataclass(slots=True, eq=False)
class _Way:
    """To one login of one server. `asks`: the last attempt that came so far asked a person."""

    gate: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(AT_ONCE))
    login: _Login | None = None
    asks: bool = False

    @property
    def owned(self) -> bool:
        return self.login is not None and self.login.owned and not self.login.over

    def refusal(self, route: Hashable) -> HostError | None:
        """Why only a person may have it tried now."""
        if self.login is None or not self.asks:
            return None
        failure = self.login.future.exception()
        if failure is None:
            name = self.login.future.result().name
            found: HostError = NeedsPerson(
                f"{name}: the link was lost, and this login needs you", "reconnect to log in again"
            )
        elif isinstance(failure, HostError) and failure.login == route:
            found = type(failure)(failure.message, failure.remedy)
        else:
            found = NeedsPerson(str(failure), "reconnect to log in again")
        found.asks, found.login = True, route
        return found


class Jumps:
    """`logged_in` is told each route at which somebody logged in."""

    def __init__(self, logged_in: Callable[[Hashable], None] = lambda _: None) -> None:
        self._logged_in = logged_in
        self._lock = threading.Lock()
        self._ways: dict[Hashable, _Way] = {}

    def lease(self, route: Hashable, log_in: Callable[[], SshLink], *, person: bool = True) -> Lease:
        """The link of `route`. Who comes while somebody logs in waits for that login and shares its outcome, errors
        included: eight hosts behind one bastion are one attempt, not eight.

        `person`: somebody wants it tried now. Without, what would ask a person raises why instead."""
        with self._lock:
            way = self._ways.setdefault(route, _Way())
            login, first = self._entered(way, route, person=person)
        link = self._outcome(way, route, login, log_in if first else None)
        return Lease(link, way.gate, lambda: self._release(login, linger=True))

    def own(self, route: Hashable, name: str, log_in: Callable[[], SshLink], *, person: bool) -> SshLink:
        """The link of the host `name` for itself, until it is closed; others may go through it as long as they like.
        Hosts of two names that are reached in the same way have a link each."""
        with self._lock:
            ways = (self._ways.setdefault(key, _Way()) for key in (route, (route, name)))
            way = next((way for way in ways if not way.owned), None) or _Way()
            login, first = self._entered(way, route, person=person)
            login.owned = True
        link = self._outcome(way, route, login, log_in if first else None)
        link.give_to(lambda: self._disown(login))
        return link

    def _entered(self, way: _Way, route: Hashable, *, person: bool) -> tuple[_Login, bool]:
        """The login that goes on or is done; True: the caller has to do it."""
        login = way.login
        if first := login is None or login.over:
            if not person and (refusal := way.refusal(route)):
                raise refusal
            login = way.login = _Login()
        assert login is not None  # as `first` says
        login.users += 1
        if login.lingering is not None:
            login.lingering.cancel()
            login.lingering = None
        return login, first

    def _outcome(self, way: _Way, route: Hashable, login: _Login, log_in: Callable[[], SshLink] | None) -> SshLink:
        if log_in is not None:
            try:
                link = log_in()
                way.asks = link.asks
                login.future.set_result(link)
                self._logged_in(route)
            except GpuwsError as error:
                login.future.set_exception(_judged(error, way, route))
            except BaseException as error:  # noqa: BLE001 - it is raised below, here and wherever it is awaited
                login.future.set_exception(error)
        try:
            return login.future.result()
        except BaseException:
            self._release(login)
            raise

    def _disown(self, login: _Login) -> None:
        with self._lock:
            login.owned = False
        self._release(login)

    def _release(self, login: _Login, *, linger: bool = False) -> None:
        with self._lock:
            login.users -= 1
            if login.users or login.over:
                return
            if linger and login.future.result().asks:
                login.lingering = threading.Timer(LINGER, self._end, (login,))
                login.lingering.daemon = True
                login.lingering.start()
                return
        self._end(login)

    def _end(self, login: _Login) -> None:
        with self._lock:
            if login.users:
                return
        login.future.result().end()


def _judged(error: GpuwsError, way: _Way, route: Hashable) -> GpuwsError:
    """Where a person was asked, or will be, nothing is tried again without one."""
    if not isinstance(error, HostError):
        return error
    way.asks = way.asks or (error.asks and error.login is None)
    if way.asks and isinstance(error, Unreachable):
        error = NeedsPerson(error.message, error.remedy or "connect again once it can be reached")
        error.asks, error.login = True, route
    elif error.login is None:
        error.login = route
    return error
