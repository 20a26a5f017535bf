"""One call of a verb: sent to the keeper on a connection of its own, and its answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from gpuws.keeper.client.dialer import Dialer, good
from gpuws.keeper.client.leased_tunnels import LeasedTunnels
from gpuws.keeper.client.view import View
from gpuws.keeper.wire.messages import Begun, Call, Cancel, FromKeeper, Message, Progressed, Result
from gpuws.keeper.wire.typed import Wire, encode
from gpuws.keeper.wire.verbs import Given, Kind, Verb, verb
from gpuws.model.errors import Cancelled, GpuwsError, TargetError
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Progress, Report
from gpuws.model.task import Task, Why
from gpuws.quick.connection import KeeperConnection, OpenedStream
from gpuws.quick.failures import keeper_ended
from gpuws.quick.framing import Broken
from gpuws.quick.streams import CarriedProcess, CarriedStream, CarriedTerminal

STREAMS: Mapping[Kind, Callable[[OpenedStream], CarriedProcess | CarriedStream | CarriedTerminal]] = {
    "terminal": CarriedTerminal,
    "process": CarriedProcess,
    "stream": CarriedStream,
}
GLANCE = 0.1  # seconds between looks whether the user cancelled
FOLLOW = "follow_task"
CATCH_UP = 2.0  # seconds from the word that something is done to the sight of it


@dataclass(slots=True)
class _Watch:
    """One who watches a long verb. `begun`: the task that it is; `told`: the keeper knows that it is to end."""

    report: Report
    cancel: threading.Event
    begun: Begun | None = None
    told: bool = False


class Caller:
    """Of one program. `view`: what it sees, `leased`: its tunnels that end with it, `environ`: its environment."""

    def __init__(self, dialer: Dialer, view: View, leased: LeasedTunnels, environ: Mapping[str, str]) -> None:
        self._dialer = dialer
        self._view = view
        self._leased = leased
        self._environ = environ

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """What the fleet's method of that name gives for these arguments, or raises."""
        called = verb(name)
        given, local = called.bind(args, kwargs, self._environ)
        if called.kind == "plain":
            return self._do(called, given)
        if called.kind == "long":
            return self._do_long(called, given, **local)
        return self._open(called, given)

    def _do(self, called: Verb, given: Given) -> Any:
        if called.crossing.lease == "closed":
            self._leased.drop(given["tunnel_id"])
        answer = self._dialer.ask(_message(called, given))
        if not isinstance(answer, Result):
            raise GpuwsError(f"the keeper answered {called.name} with {type(answer).__name__}")
        value = self._seen(called, answer)
        if called.crossing.lease == "opened" and not given["keep"]:
            again = {"target": value.target, "local_port": value.local_port, "keep": False, "bind": value.bind}
            self._leased.add(value, lambda: self._do(verb("hold_tunnel"), again))
        return value

    def _do_long(self, called: Verb, given: Given, report: Report, cancel: threading.Event) -> Any:
        watch = _Watch(report, cancel)
        try:
            return self._seen(called, self._watched(called, given, watch))
        except Broken as broken:
            if watch.begun is not None:
                return self._followed(called, watch.begun, watch)
            if cancel.is_set():
                raise Cancelled("cancelled") from broken
            raise keeper_ended() from broken

    def _watched(self, called: Verb, given: Given, watch: _Watch) -> Result:
        """Broken: the keeper is gone."""
        wire = self._dialer.open()
        try:
            wire.send(_message(called, given))
            while True:
                if watch.cancel.is_set() and not watch.told:
                    watch.told = True
                    self._cancel(wire, watch.begun if called.name == FOLLOW else None)
                try:
                    message = good(wire.receive(GLANCE))
                except TimeoutError:
                    continue
                if isinstance(message, Progressed):
                    watch.report(called.step(message.value))
                elif isinstance(message, Begun):
                    watch.begun = message
                elif isinstance(message, Result):
                    return message
        finally:
            wire.close()

    def _cancel(self, wire: Wire[FromKeeper], followed: Begun | None) -> None:
        """The call itself, or the task that it follows."""
        if followed is None:
            wire.send(Cancel())
        else:
            self._do(verb("cancel_task"), {"task_id": followed.task})

    def _followed(self, called: Verb, begun: Begun, watch: _Watch) -> Any:
        """What the next keeper knows of a task whose keeper is gone, until it has ended: as the first would have told.

        Each next keeper may go, too."""
        follow = verb(FOLLOW)
        while True:
            watch.report(Progress("checking", "what became of it: the keeper ended, the next one looks"))
            watch.told = False
            try:
                task = self._seen(follow, self._watched(follow, {"task_id": begun.task}, watch))
            except Broken:
                continue
            except TargetError as error:
                raise keeper_ended() from error
            if task.mark != begun.mark:
                raise keeper_ended()
            return _outcome(called, task)

    def _seen(self, called: Verb, answer: Result) -> Any:
        """The verb's value, once what it did shows in the snapshots."""
        if called.crossing.shown:
            self._view.catch_up(CATCH_UP)
        try:
            return called.value(answer.value)
        except msgspec.DecodeError as error:
            raise GpuwsError(f"the keeper's answer to {called.name} makes no sense: {error}") from error

    def _open(self, called: Verb, given: Given) -> CarriedProcess | CarriedStream | CarriedTerminal:
        wire = self._dialer.open()
        connection = KeeperConnection(wire.frames)
        try:
            wire.send(_message(called, given))
            opened = connection.opened()
            if opened is None:
                raise GpuwsError(f"the keeper did not open what {called.name} asked for")
            return STREAMS[called.kind](opened)
        except Broken as broken:
            connection.close()
            raise keeper_ended() from broken
        except BaseException:
            connection.close()
            raise


def _outcome(called: Verb, task: Task) -> Any:
    """What the verb would have given, or raised."""
    if task.state == "done":
        made = task.made
        if called.gives is str:
            return task.result
        return Launched(made) if made is not None and called.gives is Launched else made
    error = task.error or Why(f"{task.title}: {task.state}")
    kind = Cancelled if task.state == "cancelled" else GpuwsError
    raise kind(error.message, error.remedy)


def _message(called: Verb, given: Given) -> Message:
    return Call(called.name, msgspec.Raw(encode(given)))
