"""A second connection to a host whose server opens no more sessions on the first: sshd's MaxSessions, 10 by default."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from gpuws.model.errors import GpuwsError


class Reusable(Protocol):
    """A link, as far as it is asked whether anybody needs it."""

    @property
    def alive(self) -> bool:
        """Neither lost nor closed."""
        ...

    @property
    def sessions(self) -> int:
        """How many programs and terminals are open over it."""
        ...

    def close(self) -> None:
        """Returns at once, however dead the other side is."""
        ...


LinkT = TypeVar("LinkT", bound=Reusable)


class SecondLink(Generic[LinkT]):
    """A second link, made when it is needed first and closed when it is idle. `connect` logs in without asking anybody.

    One that was refused is never tried again: servers ban for it."""

    def __init__(self, connect: Callable[[], LinkT]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._link: LinkT | None = None
        self._users = 0
        self._over = False

    @property
    def sessions(self) -> int:
        """How many are open over it."""
        link = self._link
        return link.sessions if link is not None and link.alive else 0

    @contextmanager
    def lent(self, *, make: bool) -> Iterator[LinkT | None]:
        """The link, where there is one or, with `make`, one can be had; nobody closes it meanwhile but `close`."""
        with self._lock:
            link = self._link if self._link is not None and self._link.alive else self._made() if make else None
            self._users += 1
        try:
            yield link
        finally:
            with self._lock:
                self._users -= 1

    def _made(self) -> LinkT | None:
        if self._over:
            return None
        try:
            self._link = link = self._connect()
        except GpuwsError:
            self._over = True
            return None
        if self._over:  # closed meanwhile
            link.close()
        return link

    def rest(self) -> None:
        """Close it where nothing is open over it any more; returns at once."""
        if self._link is None or not self._lock.acquire(blocking=False):
            return
        try:
            if not self._users and not self.sessions:
                self._link.close()
                self._link = None
        finally:
            self._lock.release()

    def close(self) -> None:
        """Returns at once, also while somebody connects."""
        self._over = True
        link = self._link
        if link is not None:
            link.close()
