"""The keeper's fleet, as the programs of the user see it: what is looked at is known here, all else is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from gpuws.fleet.publisher import Publisher
from gpuws.keeper.client.dialer import Dialer
from gpuws.keeper.client.leased_tunnels import LeasedTunnels
from gpuws.keeper.client.view import View
from gpuws.keeper.wire.messages import FromKeeper, Hurry, Reconnect
from gpuws.keeper.wire.typed import Wire

if TYPE_CHECKING:  # commands that only look start without what the others need
    from gpuws.fleet.events import Listener
    from gpuws.keeper.client.calls import Caller
    from gpuws.model.host.question import Answer, Question
    from gpuws.model.host.snapshot import HostSnapshot
    from gpuws.model.placement.queued_wait import QueuedWait
    from gpuws.model.session.tunnel import Tunnel
    from gpuws.model.task import Task


class KeeperFleet:
    """Implements `Fleet`. `names`: the hosts to look at, None: all. `wire`: a connection that is open already.

    What it shows comes by one connection; each verb has one of its own, so that none waits for another."""

    def __init__(
        self,
        dialer: Dialer,
        names: Collection[str] | None = None,
        wire: Wire[FromKeeper] | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._dialer = dialer
        self._first = wire
        self._environ = environ
        self._publisher = Publisher()
        self._leased = LeasedTunnels()
        self._publisher.subscribe(self._leased.on_event)
        self._view = View(dialer, names, self._publisher.publish, lost=self._leased.lost, found=self._leased.open_again)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """The verb of that name: it takes and gives what the protocol says."""
        if name.startswith("_"):
            raise AttributeError(name)
        from gpuws.keeper.wire.verbs import verbs

        if name not in verbs():
            raise AttributeError(name)
        return partial(self._caller.call, name)

    @cached_property
    def _caller(self) -> Caller:
        from gpuws.keeper.client.calls import Caller

        return Caller(self._dialer, self._view, self._leased, self._environ)

    def start(self) -> None:
        self._view.start(self._first)

    def close(self) -> None:
        self._view.close()
        if self._first is not None:
            self._first.close()

    def snapshots(self) -> tuple[HostSnapshot, ...]:
        return self._view.snapshots

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        return self._publisher.subscribe(listener)

    def questions(self) -> tuple[Question, ...]:
        return self._view.questions

    def answer(self, question_id: str, answer: Answer | None) -> None:
        self._view.reply(question_id, answer)

    def reconnect(self, host: str) -> None:
        self._view.tell(Reconnect(host))

    def hurry(self, host: str) -> None:
        self._view.tell(Hurry(host))

    def watch(self, host: str | None) -> None:
        self._view.watch(host)

    def tunnels(self) -> tuple[Tunnel, ...]:
        return self._leased.added_to(self._view.tunnels)

    def waits(self) -> tuple[QueuedWait, ...]:
        return self._view.waits

    def tasks(self) -> tuple[Task, ...]:
        return self._view.tasks
