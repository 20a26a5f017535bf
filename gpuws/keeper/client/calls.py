"""One call of a verb: sent to the keeper on a connection of its own, and its answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from gpuws.keeper.client.dialer import Dialer, good
from gpuws.keeper.client.leased_tunnels import LeasedTunnels
from gpuws.keeper.client.view import View
from gpuws.keeper.wire.messages import Call, Cancel, Message, Progressed, Result
from gpuws.keeper.wire.typed import encode
from gpuws.keeper.wire.verbs import Given, Kind, Verb, verb
from gpuws.model.errors import Cancelled, GpuwsError
from gpuws.model.placement.plan import Report
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
CATCH_UP = 2.0  # seconds from the word that something is done to the sight of it


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
            renewed = {**given, "local_port": value.local_port}
            self._leased.add(value, lambda: self._do(called, renewed))
        return value

    def _do_long(self, called: Verb, given: Given, report: Report, cancel: threading.Event) -> Any:
        wire = self._dialer.open()
        try:
            wire.send(_message(called, given))
            told = False
            while True:
                if cancel.is_set() and not told:
                    told = True
                    wire.send(Cancel())
                try:
                    message = good(wire.receive(GLANCE))
                except TimeoutError:
                    continue
                if isinstance(message, Progressed):
                    report(called.step(message.value))
                elif isinstance(message, Result):
                    return self._seen(called, message)
        except Broken as broken:
            if cancel.is_set():
                raise Cancelled("cancelled") from broken
            raise keeper_ended() from broken
        finally:
            wire.close()

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


def _message(called: Verb, given: Given) -> Message:
    return Call(called.name, msgspec.Raw(encode(given)))
