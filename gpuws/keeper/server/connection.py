"""One connection of a client, served by a thread of its own. What it gets wrong ends this connection only."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable
from typing import Any

import msgspec

from gpuws import __version__
from gpuws.fleet.background.verbs import ATTENDED
from gpuws.keeper.server.clients import Client
from gpuws.keeper.server.entrance import greeted, opening
from gpuws.keeper.server.passed_stream import PassedStream, Source, of_process, of_stream, of_terminal
from gpuws.keeper.server.server import Server
from gpuws.keeper.server.subscription import Subscription
from gpuws.keeper.server.telling import Telling
from gpuws.keeper.wire.messages import (
    Call,
    Cancel,
    CatchUp,
    Describe,
    Enter,
    Failure,
    FromClient,
    Glance,
    Hello,
    Hurry,
    Inquire,
    Known,
    Message,
    Opened,
    Prepare,
    Reconnect,
    Reply,
    Result,
    Retire,
    Stay,
    Subscribe,
    Unready,
    Watch,
    Welcome,
)
from gpuws.keeper.wire.typed import Wire, encode
from gpuws.keeper.wire.verbs import Given, Kind, Verb, verb
from gpuws.model.errors import GpuwsError
from gpuws.quick.framing import Broken
from gpuws.quick.greeting import PROTOCOL

log = logging.getLogger(__name__)
PATIENCE = 5.0  # seconds for the first message
SOURCES: dict[Kind, Callable[[Any], Source]] = {"terminal": of_terminal, "process": of_process, "stream": of_stream}


class Connection:
    def __init__(self, server: Server, wire: Wire[FromClient]) -> None:
        self._server = server
        self._wire = wire
        self._hello: Hello | None = None
        self._client: Client | None = None
        self.needs_keeper = False  # it did more than ask how the keeper is
        self._subscription: Subscription | None = None

    def run(self) -> None:
        try:
            self._greet()
            while True:
                self._obey(self._wire.receive())
        except Broken as broken:
            log.debug("a client left: %s", broken)
        except Exception:
            log.exception("a connection was ended by a fault of the keeper")
        finally:
            self._leave()

    def close(self) -> None:
        self._wire.close()

    # the order of things

    def _greet(self) -> None:
        """A side of another protocol may do no more than ask us to retire."""
        hello = self._wire.receive_soon(PATIENCE)
        if not isinstance(hello, Hello):
            raise Broken("the first message was no hello")
        self._hello = hello
        self._server.adopt(hello.environ)
        self._wire.send(Welcome(PROTOCOL, __version__, os.getpid(), self._server.others(hello.client)))
        if hello.protocol != PROTOCOL:
            message = self._wire.receive_soon(PATIENCE)
            if not isinstance(message, Retire):
                raise Broken(f"it speaks protocol {hello.protocol}")
            self._obey(message)

    def _obey(self, message: FromClient) -> None:
        self.needs_keeper |= not isinstance(message, Inquire | Glance | Retire)
        if isinstance(message, Call):
            self._call(message)
        elif isinstance(message, Reply):
            self._server.questions.reply(self._name(), message.question, message.answer)
        elif isinstance(message, Watch | CatchUp):
            self._look(message)
        elif isinstance(message, Subscribe):
            self._answered(lambda: self._subscribe(message))
        elif isinstance(message, Describe | Inquire | Glance | Prepare | Stay):
            self._answered(lambda: self._say(self._told(message)))
        elif isinstance(message, Enter):
            self._answered(lambda: self._enter(message))
        elif isinstance(message, Reconnect | Hurry):
            fleet = self._server.fleet
            with contextlib.suppress(GpuwsError):
                (fleet.reconnect if isinstance(message, Reconnect) else fleet.hurry)(message.host)
        elif isinstance(message, Retire):
            self._server.retire(forget=message.forget)  # this connection ends when all is given back
        else:
            raise Broken(f"{type(message).__name__} has no place here")

    def _told(self, message: Describe | Inquire | Glance | Prepare | Stay) -> Message:
        """What is known now."""
        if isinstance(message, Describe):
            return self._server.describe()
        if isinstance(message, Stay):
            self._server.connect(None, person=False)
        if isinstance(message, Inquire | Stay):
            return self._server.condition()
        if isinstance(message, Prepare):
            return self._server.ready(message.hosts, message.tags)
        return Known(self._server.known())

    def _leave(self) -> None:
        self._wire.close()
        self._server.forget(self)
        if self._subscription is not None:
            self._subscription.close()
        if self._client is not None:
            self._server.clients.leave(self._client)
            log.info("client %s left", self._client.name)

    def _name(self) -> str:
        return self._hello.client if self._hello else ""

    @property
    def client(self) -> str:
        return self._name()

    # looking

    def _subscribe(self, message: Subscribe) -> None:
        if self._client is not None or self._hello is None:
            raise Broken("it is subscribed already")
        hosts = None if message.hosts is None else frozenset(message.hosts)
        client = self._client = Client(self._hello.client, hosts, self._hello.person)
        self._server.clients.enter(client)
        log.info("client %s looks at %s", client.name, "all hosts" if hosts is None else ", ".join(sorted(hosts)))
        self._server.connect(hosts, person=client.person)
        self._subscription = Subscription(
            self._wire,
            self._server.fleet,
            client,
            lambda: self._server.questions.open_for(client.name, client.person, client.sees),
            self._server.tunnels,
        )
        self._subscription.start()

    def _look(self, message: Watch | CatchUp) -> None:
        if self._client is None or self._subscription is None:
            return
        if isinstance(message, CatchUp):
            self._subscription.catch_up(message.number)
        else:
            self._client.watched = message.host
            self._server.watch()

    # verbs

    def _call(self, call: Call) -> None:
        try:
            called = verb(call.verb)
            given = called.arguments(call.arguments)
        except (KeyError, msgspec.DecodeError) as error:
            raise Broken(f"a call makes no sense: {error}") from error
        if called.kind == "plain":
            self._answered(lambda: self._result(self._server.do(called, given, self._name())))
        elif called.kind == "long":
            self._long(called, given)
        else:
            self._answered(lambda: self._open(called, given))

    def _result(self, value: object) -> None:
        self._wire.send(Result(msgspec.Raw(encode(value))))

    def _long(self, called: Verb, given: Given) -> None:
        """Cancelled by a word; a client that leaves ends what is done for it alone, and no task."""
        cancel, telling = threading.Event(), Telling(self._wire)

        def done() -> object:
            try:
                return self._server.do(called, {**given, "report": telling.report, "cancel": cancel}, self._name())
            finally:
                telling.end()

        def work() -> None:
            with contextlib.suppress(Broken):
                self._answered(lambda: self._result(done()))

        threading.Thread(target=work, name=called.name, daemon=True).start()
        try:
            while True:
                if not isinstance(self._wire.receive(), Cancel):
                    raise Broken("one call at a time")
                cancel.set()
        finally:
            if called.name in ATTENDED:
                cancel.set()

    def _open(self, called: Verb, given: Given, told: Opened = Opened()) -> None:  # noqa: B008 - frozen
        stream = getattr(self._server.fleet, called.name)(**given)
        kinds: dict[Kind, Callable[[Any], Source]] = {
            "terminal": of_terminal,
            "process": of_process,
            "stream": of_stream,
        }
        PassedStream(self._wire, kinds[called.kind](stream), told).run()
        raise Broken("the stream is over")

    def _enter(self, message: Enter) -> None:
        """Its sender did not wait for our welcome: one of another version goes the long road."""
        same = self._hello is not None and self._hello.version == __version__
        found = self._server.entrance(message.verb, message.target) if same else None
        if found is None:
            self._say(Unready())
            return
        name, given = opening(found, message)
        self._open(verb(name), given, greeted(found, message))

    def _answered(self, work: Any) -> None:
        """Whatever goes wrong is an answer, too."""
        try:
            work()
        except GpuwsError as error:
            self._say(Failure.of(error))
        except Broken:
            raise
        except Exception as error:
            log.exception("a request failed")
            self._say(
                Failure(
                    "GpuwsError",
                    f"the keeper met a fault of its own: {type(error).__name__}: {error}",
                    "its log has more: gpuws keeper log",
                )
            )

    def _say(self, message: Message) -> None:
        self._wire.send(message)
