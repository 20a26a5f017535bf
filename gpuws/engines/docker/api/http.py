"""One HTTP exchange on a stream: short ones, long replies that can be cancelled, connections the engine hands over.

docker-py's own calls can't be used: it loses the bytes that come right behind the header of a handed-over connection,
half of its streams can't be cancelled, and loading it takes longer than logging in to a host."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from types import TracebackType
from typing import Any

from gpuws.engines.docker.api.frames import Chunks, Malformed
from gpuws.link.place import Stream
from gpuws.link.watched import asking
from gpuws.model.errors import Cancelled, GpuwsError
from gpuws.model.text import plain

Dial = Callable[[], Stream]
"""A connection to the engine's socket on which a request can be sent."""

LARGEST_HEAD = 64 << 10
LARGEST_JSON = 64 << 20
LONGEST_LINE = 4 << 20
NO_BODY = (204, 304)


def _decoded(data: bytes | bytearray) -> Any:
    """JSON; half a character in it, which could not be sent on to anybody, as a question mark."""
    told = json.loads(data)
    if b"\\ud" in data or b"\\uD" in data:
        told = json.loads(json.dumps(told, ensure_ascii=False).encode(errors="replace"))
    return told


class Reply:
    """The body of a reply as it arrives. `close` from any thread ends it at once."""

    def __init__(self, stream: Stream, status: int, headers: Mapping[str, str], rest: bytes) -> None:
        self.stream = stream
        self.status = status
        self.headers = headers
        self._rest = rest
        self._chunks = Chunks() if headers.get("transfer-encoding", "").lower() == "chunked" else None
        length = headers.get("content-length", "")
        self._left = int(length) if length.isdecimal() and self._chunks is None and status != 101 else None
        if status in NO_BODY:
            self._left = 0
        self.closed = False

    @property
    def reusable(self) -> bool:
        """Its body has come to an end that is not the connection's: another request may follow."""
        return self._ended and not self._rest and self.headers.get("connection", "").lower() != "close"

    @property
    def cut_short(self) -> bool:
        """The connection ended before the end that the body had announced."""
        announced = self._chunks is not None or self._left is not None
        return announced and not self._ended

    @property
    def _ended(self) -> bool:
        return self._chunks.ended if self._chunks else self._left == 0

    def recv(self, limit: int = 65536) -> bytes:
        """The next bytes of the body; b"" at its end."""
        while self._left != 0 and not (self._chunks and self._chunks.ended):
            data, self._rest = (self._rest, b"") if self._rest else (self.stream.recv(limit), b"")
            if not data:
                return b""
            if self._chunks:
                data = self._chunks.feed(data)
            elif self._left is not None:
                data = data[: self._left]
                self._left -= len(data)
            if data:
                return data
        return b""

    def json(self) -> Any:
        body = bytearray()
        while data := self.recv():
            body += data
            if len(body) > LARGEST_JSON:
                raise Malformed(f"a reply of more than {LARGEST_JSON >> 20} MiB")
        return _decoded(body or b"null")

    def objects(self) -> Iterator[dict[str, Any]]:
        """The body as JSON objects, one a line, as the engine streams events and progress."""
        buffer = bytearray()
        while data := self.recv():
            buffer += data
            *lines, buffer = buffer.split(b"\n")
            if len(buffer) > LONGEST_LINE:
                raise Malformed("a line without end")
            for line in lines:
                if line.strip() and isinstance(told := _decoded(line), dict):
                    yield told
        if buffer.strip() and isinstance(told := _decoded(buffer), dict):
            yield told

    def end(self) -> None:
        """No body comes, whatever was announced."""
        self._left, self._chunks = 0, None

    def close(self) -> None:
        self.closed = True
        self.stream.close()

    def __enter__(self) -> Reply:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def request(
    dial: Dial,
    method: str,
    target: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | Iterable[bytes] = b"",
    length: int | None = None,
    timeout: float | None = None,
    cancelling: Cancelling | None = None,
) -> Reply:
    """Send one request and read the reply's head. `timeout`, seconds for each step, stays on the stream.

    `length`: bytes of an iterable body; None: it is sent in chunks. A refusal of the engine becomes a `Refusal`."""
    stream = dial()
    if cancelling:
        cancelling.watch(stream)
    try:
        with asking(stream, method, target, body if isinstance(body, bytes) else b"") as outcome:
            stream.settimeout(timeout)
            size = len(body) if isinstance(body, bytes) else length
            framing = (
                {"Transfer-Encoding": "chunked"} if size is None else {"Content-Length": str(size)} if size else {}
            )
            head = {"Host": "docker", **(headers or {}), **framing}
            lines = [f"{method} {target} HTTP/1.1", *(f"{key}: {value}" for key, value in head.items()), "", ""]
            stream.sendall("\r\n".join(lines).encode())
            reply = _answered(stream, [body] if isinstance(body, bytes) else body, chunked=size is None)
            outcome.status = reply.status
        if method == "HEAD":
            reply.end()  # its length is that of a body which does not come
        if reply.status >= 400:
            raise Refusal(reply.status, _message(reply))
    except BaseException:
        stream.close()
        raise
    return reply


class Refusal(Exception):
    """The engine answered with an error; `status` as in HTTP."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Cancelling:
    """Closes what it watches once an event is set: a thread blocked in it comes free. Then raises `Cancelled`."""

    def __init__(self, event: threading.Event) -> None:
        self._event = event
        self._done = threading.Event()
        self._streams: list[Stream] = []

    def watch(self, stream: Stream) -> None:
        self._streams.append(stream)
        if self._event.is_set():
            stream.close()

    def __enter__(self) -> Cancelling:
        threading.Thread(target=self._wait, name="docker-cancel", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._close()
        if self._event.is_set() and (error is None or isinstance(error, Exception)):
            raise Cancelled("cancelled") from None

    def _wait(self) -> None:
        while not self._done.is_set():
            if self._event.wait(0.2):
                self._close()
                return

    def _close(self) -> None:
        for stream in self._streams:
            stream.close()


def _answered(stream: Stream, body: Iterable[bytes], *, chunked: bool) -> Reply:
    """Send the body and read the head of the reply. An engine that refuses does not wait for all of a body: what it
    says then tells more than the connection that broke."""
    broke = _sent(stream, body, chunked=chunked)
    try:
        reply = _read_head(stream)
    except Exception:
        if broke is not None:
            raise broke from None
        raise
    if broke is not None and reply.status < 400:
        raise broke
    return reply


def _sent(stream: Stream, body: Iterable[bytes], *, chunked: bool) -> OSError | None:
    """What broke on the way; what the body itself raises goes on."""
    end = [b"0\r\n\r\n"] if chunked else []
    for piece in chain((_chunk(piece) if chunked else piece for piece in body if piece), end):
        try:
            stream.sendall(piece)
        except TimeoutError:
            raise
        except OSError as error:
            return error
    return None


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def _read_head(stream: Stream) -> Reply:
    buffer = bytearray()
    while b"\r\n\r\n" not in buffer:
        data = stream.recv()
        if not data:
            raise ConnectionResetError("the connection ended before a reply")
        buffer += data
        if len(buffer) > LARGEST_HEAD:
            raise Malformed("a reply without end of header")
    head, _, rest = bytes(buffer).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/1.") or not words[1].isdecimal():
        raise Malformed("no HTTP reply")
    pairs = (line.partition(":") for line in lines)
    return Reply(stream, int(words[1]), {key.strip().lower(): value.strip() for key, _, value in pairs}, rest)


def _message(reply: Reply) -> str:
    try:
        told = reply.json()
    except (ValueError, OSError, GpuwsError):
        told = None
    text = told.get("message") if isinstance(told, dict) else None
    return plain(str(text)) if text else f"HTTP status {reply.status}"
