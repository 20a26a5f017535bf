"""A link whose every use is noted in the log of what was run on its host, whatever carries it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from gpuws.link.command_log import CommandLog, Outcome, Recorder, Running, why
from gpuws.link.place import Dialer, Link, Process, Stream, Terminal
from gpuws.model.host.ran import CLOSED, UNTOLD
from gpuws.model.session.terminal import Completed, Size

if TYPE_CHECKING:
    from gpuws.model.checkup.facts import LinkFacts

Begun = TypeVar("Begun", Process, Terminal)


def watched(link: Link, log: CommandLog | None, host: str, user: str) -> Link:
    """`link` to `host`, with a log: what goes over it is noted there."""
    return link if log is None else WatchedLink(link, log.of(host, user))


def asking(stream: Stream, method: str, target: str, body: bytes = b"") -> AbstractContextManager[Outcome]:
    """A call over `stream`, which leads to an engine; its status is set when it has answered. `target`: as HTTP has
    it; `body`: JSON, where it may say what is to be run."""
    record = getattr(stream, "record", None)
    if not isinstance(record, Recorder):
        return nullcontext(Outcome())
    return record.once("request", partial(_request, method, target, body))


class WatchedLink:
    """A `Link` over another one."""

    def __init__(self, link: Link, record: Recorder) -> None:
        self._link = link
        self._record = record
        link.relay_by(self.popen)

    def run(self, argv: Sequence[str], *, input: bytes | None = None, timeout: float = 30.0) -> Completed:  # noqa: A002
        with self._record.once("command", partial(_words, argv)) as outcome:
            done = self._link.run(argv, input=input, timeout=timeout)
            outcome.status = done.status
        return done

    def popen(self, argv: Sequence[str]) -> WatchedProcess:
        running = self._record.begin("command", partial(_words, argv))
        return WatchedProcess(_begun(running, lambda: self._link.popen(argv)), running, self._record)

    def interactive(self, argv: Sequence[str], size: Size, term: str = "xterm-256color") -> WatchedTerminal:
        running = self._record.begin("terminal", partial(_words, argv))
        return WatchedTerminal(_begun(running, lambda: self._link.interactive(argv, size, term)), running)

    def dial_tcp(self, host: str, port: int) -> Stream:
        with self._record.once("forward", lambda: f"{host}:{port}"):
            return self._link.dial_tcp(host, port)

    def dial_unix(self, path: str) -> Stream:
        with self._record.once("forward", lambda: path):
            return WatchedStream(self._link.dial_unix(path), self._record)

    @property
    def relay(self) -> Dialer:
        return WatchedDialer(self._link.relay, self._record)

    def relay_by(self, popen: Callable[[Sequence[str]], Process]) -> None:
        self._link.relay_by(popen)

    @property
    def alive(self) -> bool:
        return self._link.alive

    @property
    def needed_human(self) -> bool:
        return self._link.needed_human

    @property
    def latency(self) -> float | None:
        return self._link.latency

    def facts(self) -> LinkFacts | None:
        return self._link.facts()

    def on_lost(self, callback: Callable[[str], None]) -> None:
        self._link.on_lost(callback)

    def on_crowded(self, give_way: Callable[[], bool]) -> None:
        self._link.on_crowded(give_way)

    def close(self) -> None:
        self._link.close()


class WatchedDialer:
    """A `Dialer` over another one: the relay there."""

    def __init__(self, dialer: Dialer, record: Recorder) -> None:
        self._dialer = dialer
        self._record = record

    def dial_tcp(self, host: str, port: int) -> Stream:
        with self._record.once("forward", lambda: f"{host}:{port} through the relay"):
            return self._dialer.dial_tcp(host, port)

    def dial_unix(self, path: str) -> Stream:
        with self._record.once("forward", lambda: f"{path} through the relay"):
            return WatchedStream(self._dialer.dial_unix(path), self._record)


class WatchedStream:
    """A `Stream` to a socket there, perhaps an engine's: `record` is for what is asked of it."""

    def __init__(self, stream: Stream, record: Recorder) -> None:
        self._stream = stream
        self.record = record

    def recv(self, limit: int = 65536) -> bytes:
        return self._stream.recv(limit)

    def sendall(self, data: bytes) -> None:
        self._stream.sendall(data)

    def shutdown_write(self) -> None:
        self._stream.shutdown_write()

    def settimeout(self, seconds: float | None) -> None:
        self._stream.settimeout(seconds)

    def close(self) -> None:
        self._stream.close()


class WatchedProcess:
    """A `Process` that runs on; its end is noted. `record`: for what is asked through it."""

    def __init__(self, process: Process, running: Running, record: Recorder) -> None:
        self._process = process
        self._running = running
        self.record = record

    def read(self, limit: int = 65536) -> bytes:
        return self._process.read(limit)

    def write(self, data: bytes) -> None:
        self._process.write(data)

    def close_stdin(self) -> None:
        self._process.close_stdin()

    def read_stderr(self, limit: int = 65536) -> bytes:
        return self._process.read_stderr(limit)

    def wait(self, timeout: float | None = None) -> int | None:
        status = self._process.wait(timeout)
        self._running.end(status, "" if status is not None else UNTOLD)
        return status

    def close(self) -> None:
        self._process.close()
        self._running.end(error=CLOSED)


class WatchedTerminal:
    """A `Terminal`; its end is noted."""

    def __init__(self, terminal: Terminal, running: Running) -> None:
        self._terminal = terminal
        self._running = running

    def recv(self, limit: int = 65536) -> bytes:
        return self._terminal.recv(limit)

    def sendall(self, data: bytes) -> None:
        self._terminal.sendall(data)

    def resize(self, size: Size) -> None:
        self._terminal.resize(size)

    def exit_status(self) -> int | None:
        status = self._terminal.exit_status()
        self._running.end(status, "" if status is not None else UNTOLD)
        return status

    def close(self) -> None:
        self._terminal.close()
        self._running.end(error=CLOSED)


def _begun(running: Running, start: Callable[[], Begun]) -> Begun:
    try:
        return start()
    except BaseException as error:
        running.end(error=why(error))
        raise


def _words(argv: Sequence[str]) -> str:
    from gpuws.model.host.told import words_told

    return words_told(argv) if argv else "(login shell)"


def _request(method: str, target: str, body: bytes) -> str:
    """A program that is run inside a container is told, too."""
    from gpuws.model.host.told import request_told

    argv: list[str] = []
    if body and target.partition("?")[0].endswith("/exec"):
        import json

        told = json.loads(body)
        argv = [str(word) for word in told.get("Cmd") or ()] if isinstance(told, dict) else []
    return request_told(method, target, argv)
