"""A container's log: as plain bytes, or in frames that tell its outputs apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.frames import Frames
from gpuws.engines.docker.api.http import Reply
from gpuws.link.streams import StreamBroken
from gpuws.model.errors import GpuwsError
from gpuws.model.workspace.log_messages import Message, epoch_of, framed
from gpuws.model.workspace.logs import LogWindow

LONGEST_PART = 16384
"""Bytes: Docker cuts longer lines, and gives each part the time of the line."""
NEVER = "0001-"
"""How the times of the engine begin that never were."""
MOMENT = 0.3
"""Seconds from a program's first words to the time that the engine writes down as its start, at most."""
_STAMPED = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z ")


class LogStream:
    """Only to be read. `close` from any thread ends it at once."""

    def __init__(self, client: Client, reply: Reply, decode: Callable[[bytes], bytes]) -> None:
        self._client = client
        self._reply = reply
        self._decode = decode
        self._rest = b""

    def recv(self, limit: int = 65536) -> bytes:
        while not self._rest:
            data = self._more()
            if not data:
                self._rest, self._decode = self._decode(b""), as_it_is
                if not self._rest:
                    return b""
                break
            self._rest = self._decode(data)
        data, self._rest = self._rest[:limit], self._rest[limit:]
        return data

    def sendall(self, data: bytes) -> None:  # noqa: ARG002  a Stream's signature
        raise GpuwsError("a log is only to be read")

    def shutdown_write(self) -> None:
        pass

    def settimeout(self, seconds: float | None) -> None:
        self._reply.stream.settimeout(seconds)

    def close(self) -> None:
        self._reply.close()

    def _more(self) -> bytes:
        try:
            data = self._reply.recv()
        except TimeoutError:
            raise
        except OSError as error:
            if self._reply.closed:
                return b""
            raise StreamBroken(f"the log broke off: the connection to {self._client.host} was lost") from error
        except Exception:
            if self._reply.closed:
                return b""
            with self._client.errors():
                raise
        if not data and self._reply.cut_short and not self._reply.closed:
            raise StreamBroken(f"the log broke off: the connection to {self._client.host} was lost")
        return data


class Stamped:
    """The log of a terminal, which has one output and no frames, in frames: a message ends with its line, or where
    Docker cut it."""

    def __init__(self) -> None:
        self._buffer = b""

    def __call__(self, data: bytes) -> bytes:
        """b"": it has ended."""
        self._buffer += data
        found = []
        while (size := self._whole(ended=not data)) > 0:
            message, self._buffer = self._buffer[:size], self._buffer[size:]
            found.append(_in_a_frame(message))
        return b"".join(found)

    def _whole(self, *, ended: bool) -> int:
        """Bytes of the first message; 0 where it has not all come."""
        stamp = _STAMPED.match(self._buffer)
        begun = stamp.end() if stamp else 0
        line = self._buffer.find(b"\n", begun) + 1
        cut = begun + LONGEST_PART
        if stamp and (line > cut or not line) and _STAMPED.match(self._buffer, cut):
            return cut
        return line or (len(self._buffer) if ended or len(self._buffer) > 4 * LONGEST_PART else 0)


def _in_a_frame(message: bytes) -> bytes:
    stamp = _STAMPED.match(message)
    told = stamp[0][:-1].decode() if stamp else ""
    return framed(Message("stdout", told, message[stamp.end() if stamp else 0 :]))


def as_it_is(data: bytes) -> bytes:
    return data


def unframed() -> Callable[[bytes], bytes]:
    frames = Frames()
    return lambda data: b"".join(piece for _, piece in frames.feed(data))


def open_log(client: Client, container: str, window: LogWindow, *, tty: bool) -> LogStream:
    query = {
        "stdout": True,
        "stderr": True,
        "follow": window.follow,
        "timestamps": window.timestamps or window.framed,
        "tail": "all" if window.tail is None else window.tail,
        "since": _moment(window.since),
        "until": _moment(window.until),
    }
    with client.errors():
        reply = client.open("GET", f"/containers/{container}/logs", query)
    if window.framed:
        return LogStream(client, reply, Stamped() if tty else as_it_is)
    return LogStream(client, reply, as_it_is if tty else unframed())


def _moment(epoch: float | None) -> str | None:
    return None if epoch is None else f"{epoch:.9f}"


def before_the_start(window: LogWindow, state: Mapping[str, Any]) -> LogWindow:
    """`window` with the end that "before the last start" means for a container in this `state`."""
    if not window.previous:
        return window
    end = between_runs(state)
    return replace(window, until=end if window.until is None else min(end, window.until))


def between_runs(state: Mapping[str, Any]) -> float:
    """Epoch seconds between the run that `state` tells of and the one before; the end of that one is told only while
    this one runs. A program may write before its start is written down."""
    started, finished = _epoch(state.get("StartedAt")), _epoch(state.get("FinishedAt"))
    return (started + finished) / 2 if 0 < finished < started else started - MOMENT


def _epoch(word: object) -> float:
    """0 where it never was."""
    return epoch_of(word) if isinstance(word, str) and not word.startswith(NEVER) else 0.0
