"""A forwarded connection: a channel of the client joined to a port of the workspace. Half-closes go through."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Protocol

from paramiko.common import OPEN_FAILED_CONNECT_FAILED

from gpuws.fleet.base import Stream
from gpuws.link.paramiko.outgoing import FAILURES
from gpuws.model.errors import GpuwsError
from gpuws.sshserver.channel import CHUNK, ServerChannel


class Answering(Protocol):
    """The transport, which tells the client what became of its channel."""

    def confirm(self, channel: ServerChannel) -> None: ...

    def refuse(self, channel: ServerChannel, code: int, reason: str) -> None: ...


class Forward:
    """Two threads: one dials and carries up, one carries down."""

    def __init__(self, channel: ServerChannel, dial: Callable[[], Stream], transport: Answering) -> None:
        self._channel = channel
        self._dial = dial
        self._transport = transport

    def start(self) -> None:
        self._channel.working = True
        threading.Thread(target=self._run, name="ssh forward", daemon=True).start()

    def _run(self) -> None:
        try:
            self._carry()
        finally:
            self._channel.rest()

    def _carry(self) -> None:
        try:
            stream = self._dial()
        except GpuwsError as error:
            self._refuse(error.message)
            return
        except Exception as error:  # noqa: BLE001 - a fault of ours: nobody must wait for ever
            self._refuse(f"a bug in gpuws: {type(error).__name__}: {error}")
            return
        self._channel.gone = stream.close
        try:
            self._transport.confirm(self._channel)
        except FAILURES:
            stream.close()
            return
        down = threading.Thread(target=self._down, args=(stream,), name="ssh forward down", daemon=True)
        down.start()
        with contextlib.suppress(GpuwsError, OSError):  # it takes no more: what it has sent still comes down
            while data := self._channel.take():
                stream.sendall(data)
            stream.shutdown_write()
        down.join()
        self._channel.close()
        stream.close()

    def _refuse(self, why: str) -> None:
        with contextlib.suppress(*FAILURES):
            self._transport.refuse(self._channel, OPEN_FAILED_CONNECT_FAILED, why)

    def _down(self, stream: Stream) -> None:
        """An end is passed on as one. What breaks there closes the channel, so that a cut answer never looks whole."""
        try:
            while data := stream.recv(CHUNK):
                self._channel.give(data)
            self._channel.shutdown_write()
        except (GpuwsError, *FAILURES):
            self._channel.close()
