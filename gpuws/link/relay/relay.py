"""The relay's near side: one program, many connections through it."""

from __future__ import annotations

import queue
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from itertools import count

from gpuws.link import interpreter
from gpuws.link.place import Process
from gpuws.link.relay import start
from gpuws.link.relay.far.frames import (
    ALIVE,
    AMOUNT,
    CLOSE,
    CREDIT,
    DATA,
    END,
    LARGEST_WORD,
    OPEN,
    OPENED,
    Frames,
    Malformed,
    head,
)
from gpuws.link.relay.stream import RelayStream
from gpuws.link.streams import StreamBroken
from gpuws.model.errors import GpuwsError

READY = 20.0  # seconds for the program to be there: an interpreter on a slow file system takes several
DIAL = 12.0  # seconds for a connection; the far side gives up after 10
BEAT = 10.0  # seconds between two words to the far side, a third of its lease
IDLE = 60.0  # seconds without a connection, after which it ends
CHUNK = 1 << 18  # bytes read at once
NOISE = 1 << 18  # bytes that start files of a login shell may print before it


class RelayOver(GpuwsError):
    """It has ended; another one may be made."""


class NoRelay(GpuwsError):
    """None can be made there."""


class Relay:
    """Made, it is ready; `NoRelay` otherwise. `what` names the place in errors."""

    def __init__(self, popen: Callable[[Sequence[str]], Process], what: str, python: str | None = None) -> None:
        self._what = what
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._streams: dict[int, RelayStream] = {}
        self._numbers = count(1)
        self._used = time.monotonic()
        self._posted: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._over = False
        nonce = secrets.token_hex(8)
        self._process = popen(start.argv(nonce, python))
        rest = self._await_program(f"{start.MAGIC} {nonce}\n".encode())
        try:
            self._write(start.program())
        except StreamBroken:
            self._process.close()
            raise
        threading.Thread(target=self._read, args=(rest,), name="relay", daemon=True).start()
        threading.Thread(target=self._beat, name="relay beat", daemon=True).start()

    @property
    def over(self) -> bool:
        return self._over

    def dial(self, target: str, label: str) -> RelayStream:
        """Connect from there; `target` is as a frame has it, `label` as a person reads it. `RelayOver` where it is."""
        wanted = target.encode()
        if len(wanted) > LARGEST_WORD:
            raise GpuwsError(f"{label} is longer than any address")
        with self._lock:
            if self._over:
                raise RelayOver(f"{self._what}: the relay there has ended")
            number = next(self._numbers)
            stream = self._streams[number] = RelayStream(self, number, f"{self._what}: {label}")
        try:
            self.send(OPEN, number, wanted)
            refused = stream.await_open(DIAL)
        except TimeoutError:
            refused = "no answer in time"
        except StreamBroken as error:
            raise RelayOver(error.message) from error
        if refused is None:
            return stream
        stream.close()
        if self._over:
            raise RelayOver(f"{self._what}: the relay there has ended")
        raise GpuwsError(f"{self._what}: {label} can't be reached from there ({refused.lower()})")

    def close(self) -> None:
        """End it and all its connections; returns at once."""
        self._end("it was closed")

    # for its streams

    def send(self, kind: int, number: int, payload: bytes = b"") -> None:
        self._write(head(kind, number, len(payload)) + payload)

    def post(self, kind: int, number: int) -> None:
        self._posted.put(head(kind, number, 0))

    def forget(self, number: int) -> None:
        with self._lock:
            self._streams.pop(number, None)
            self._used = time.monotonic()

    def _write(self, data: bytes) -> None:
        try:
            with self._writing:
                self._process.write(data)
        except (GpuwsError, OSError) as error:
            self._end("the connection broke")
            raise StreamBroken(f"{self._what}: the connection broke") from error

    # its threads

    def _await_program(self, magic: bytes) -> bytes:
        """Past what start files print. What came behind its first word."""
        giving_up = threading.Timer(READY, self._process.close)
        giving_up.daemon = True
        giving_up.start()
        seen = b""
        try:
            while magic not in seen and len(seen) < NOISE and (data := self._process.read()):
                seen += data
        except (GpuwsError, OSError):
            self._process.close()
            raise
        finally:
            giving_up.cancel()
        _, found, rest = seen.partition(magic)
        if not found:
            why = self._why()
            self._process.close()
            raise NoRelay(f"{self._what}: no relay could be made there: {why}", "install python3 there")
        return rest

    def _why(self) -> str:
        said = b""
        try:
            status = self._process.wait(1.0)
            said = self._process.read_stderr()
        except (GpuwsError, OSError):  # a TimeoutError is one
            status = None
        if interpreter.NO_PYTHON_WORD.encode() in said:
            return "it has no Python"
        return "it does not start" if status is None else f"it ended with status {status}"

    def _read(self, data: bytes) -> None:
        frames = Frames()
        reason = "the connection broke"
        try:
            while True:
                for kind, number, payload in frames.feed(data):
                    self._hear(kind, number, payload)
                if not (data := self._process.read(CHUNK)):
                    break
        except Malformed:
            reason = "its relay does not speak as one"
        except (GpuwsError, OSError):
            pass
        self._end(reason)

    def _hear(self, kind: int, number: int, payload: bytes) -> None:
        with self._lock:
            stream = self._streams.get(number)
        if stream is None:
            return
        if kind == DATA:
            stream.feed(payload)
        elif kind == CREDIT:
            stream.grant(AMOUNT.unpack(payload)[0])
        elif kind == OPENED:
            stream.opened()
        elif kind == END:
            if stream.end():
                self.forget(number)
        elif kind == CLOSE:
            self.forget(number)
            stream.fail(payload.decode("utf-8", "replace"))

    def _beat(self) -> None:
        """Sends what must not wait for whoever asks, and a word now and then; ends what nobody uses."""
        while True:
            try:
                data = self._posted.get(timeout=BEAT)
            except queue.Empty:
                data = self._word()
            if data is None:
                break
            try:
                self._write(data)
            except StreamBroken:
                break
        self._process.close()

    def _word(self) -> bytes | None:
        with self._lock:
            idle = not self._streams and time.monotonic() - self._used > IDLE
            self._over = self._over or idle
        return None if idle else head(ALIVE, 0, 0)

    def _end(self, reason: str) -> None:
        with self._lock:
            self._over = True
            streams, self._streams = list(self._streams.values()), {}
        for stream in streams:
            stream.fail(reason)
        self._posted.put(None)
