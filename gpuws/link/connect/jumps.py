"""Jump hosts: one login each, shared and counted by all who go through it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field

from gpuws.link.paramiko.ssh import SshLink

AT_ONCE = 4  # connections set up through one jump host at a time: its MaxStartups, and the network behind it


@dataclass(slots=True, eq=False)
class _Login:
    future: Future[SshLink] = field(default_factory=Future)
    users: int = 0

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
class _Jump:
    gate: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(AT_ONCE))
    login: _Login | None = None


class Jumps:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jumps: dict[Hashable, _Jump] = {}

    def lease(self, route: Hashable, log_in: Callable[[], SshLink]) -> Lease:
        """The link of `route`. Who comes while somebody logs in waits for that login and shares its outcome, errors
        included: eight hosts behind one bastion are one attempt, not eight."""
        with self._lock:
            jump = self._jumps.setdefault(route, _Jump())
            login = jump.login
            if first := login is None or login.over:
                login = jump.login = _Login()
            login.users += 1
        if first:
            try:
                login.future.set_result(log_in())
            except BaseException as error:  # noqa: BLE001 - it is raised below, here and wherever it is awaited
                login.future.set_exception(error)
        try:
            link = login.future.result()
        except BaseException:
            self._release(login)
            raise
        return Lease(link, jump.gate, lambda: self._release(login))

    def _release(self, login: _Login) -> None:
        with self._lock:
            login.users -= 1
            last = login.users == 0
        if last and login.future.exception() is None:
            login.future.result().close()
