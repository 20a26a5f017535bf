"""A stream of bytes handed to a client: its data runs over a socket pair of its own, whose other end the client gets.

The kernel's buffers are the flow control: a client that does not read stalls its own program and nothing else."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

from gpuws.keeper.wire.messages import Ended, Failure, FromClient, Opened, Resize
from gpuws.keeper.wire.typed import Wire
from gpuws.link.place import Process, Stream, Terminal
from gpuws.model.errors import GpuwsError
from gpuws.model.session.terminal import Size
from gpuws.quick.framing import Broken

log = logging.getLogger(__name__)
CHUNK = 65536
FAREWELL = 1.0  # seconds for a thread to notice that its stream is closed


@dataclass(frozen=True, slots=True)
class Source:
    """What the three kinds of streams have in common. `read` gives b"" at the end."""

    read: Callable[[], bytes]
    write: Callable[[bytes], None]
    end_writing: Callable[[], None]
    close: Callable[[], None]
    status: Callable[[], int | None]
    read_errors: Callable[[], bytes] | None = None
    resize: Callable[[Size], None] | None = None


def of_terminal(terminal: Terminal) -> Source:
    return Source(
        lambda: terminal.recv(CHUNK),
        terminal.sendall,
        lambda: None,  # a terminal has no end of input; it is hung up
        terminal.close,
        terminal.exit_status,
        resize=terminal.resize,
    )


def of_process(process: Process) -> Source:
    return Source(
        lambda: process.read(CHUNK),
        process.write,
        process.close_stdin,
        process.close,
        process.wait,
        read_errors=lambda: process.read_stderr(CHUNK),
    )


def of_stream(stream: Stream) -> Source:
    return Source(lambda: stream.recv(CHUNK), stream.sendall, stream.shutdown_write, stream.close, lambda: None)


class PassedStream:
    """`run` returns when the client is gone or has closed the stream."""

    def __init__(self, wire: Wire[FromClient], source: Source, opened: Opened = Opened()) -> None:  # noqa: B008 - frozen
        self._wire = wire
        self._source = source
        self._opened = opened
        self._failure: Failure | None = None
        self._ours: list[socket.socket] = []  # data, and for programs stderr
        self._threads: list[threading.Thread] = []

    def run(self) -> None:
        try:
            self._hand_over()
            self._begin(self._down)
            self._begin(self._up)
            while True:
                self._obey(self._wire.receive())
        except Broken:
            pass
        finally:
            self._source.close()
            for sock in self._ours:
                _end(sock, socket.SHUT_RDWR)
            for thread in self._threads:
                thread.join(FAREWELL)
            for sock in self._ours:
                sock.close()

    def _begin(self, work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=work, name=f"stream {work.__name__}", daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _hand_over(self) -> None:
        theirs: list[socket.socket] = []
        try:
            for _ in range(1 if self._source.read_errors is None else 2):
                mine, other = socket.socketpair()
                self._ours.append(mine)
                theirs.append(other)
            self._wire.send(self._opened, tuple(sock.fileno() for sock in theirs))
        finally:
            for sock in theirs:
                sock.close()

    def _obey(self, message: FromClient) -> None:
        if isinstance(message, Resize) and self._source.resize is not None:
            with contextlib.suppress(GpuwsError, OSError):  # the program is gone: its end is on the way
                self._source.resize(message.size)

    def _down(self) -> None:
        """From the program to the client, until both outputs have ended; then how it ended."""
        errors = self._begin(self._down_errors)
        self._copy(self._source.read, self._ours[0])
        errors.join()
        with contextlib.suppress(Broken):
            self._wire.send(Ended(self._status(), self._failure))

    def _down_errors(self) -> None:
        if self._source.read_errors is not None:
            self._copy(self._source.read_errors, self._ours[1])

    def _status(self) -> int | None:
        try:
            return self._source.status()
        except GpuwsError as error:
            self._failure = self._failure or Failure.of(error)
        except Exception:
            log.exception("a status could not be read")
        return None

    def _copy(self, read: Callable[[], bytes], sock: socket.socket) -> None:
        try:
            while data := read():
                sock.sendall(data)
        except GpuwsError as error:
            self._failure = Failure.of(error)
        except OSError:  # the client reads no more
            pass
        except Exception as error:
            log.exception("a stream broke")
            self._failure = Failure("GpuwsError", f"the stream broke: {error}")
        finally:
            _end(sock, socket.SHUT_WR)

    def _up(self) -> None:
        """From the client to the program."""
        try:
            while data := self._ours[0].recv(CHUNK):
                self._source.write(data)
            self._source.end_writing()
        except (GpuwsError, OSError):  # the program takes no more; what it says still goes down
            _end(self._ours[0], socket.SHUT_RD)


def _end(sock: socket.socket, how: int) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(how)
