"""Logs read in messages: through cuts, and backwards a page at a time. For any stream that frames them."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gpuws.model.errors import GpuwsError, Unreachable
from gpuws.model.secret import without_tokens
from gpuws.model.workspace.log_messages import Message, Messages, Output, Whole, epoch_of
from gpuws.model.workspace.log_reached import SLACK, Overlap, Reached
from gpuws.model.workspace.logs import LogWindow

if TYPE_CHECKING:
    from gpuws.fleet.base import Stream

OpenLog = Callable[["LogWindow"], "Stream"]
Key = tuple[str, str]
"""A message's time and output."""

AGAIN = 1.0  # seconds until a log that was cut off is tried again
OVERLAP, GROWTH, LARGEST = 1000, 16, 300_000
"""Last messages that are read again after a cut, so many times more where all of them are new, and the most of them:
then the engine looks for the time, which takes it long in a long log."""


class LogReading:
    """One log, read by one thread; `close` is for any. `begun`: it was there once."""

    def __init__(self, open_log: OpenLog, window: LogWindow) -> None:
        self._open_log = open_log
        self._window = replace(window, framed=True)
        self._reached = Reached()
        self._stream: Stream | None = None
        self._closed = False
        self.begun = False
        self._messages = Messages()
        self._overlap: Overlap | None = None
        self._checked = False
        self._tail: int | None = OVERLAP

    def more(self) -> list[Message]:
        """What came; [] at the end. What the stream raises goes on to the caller: asked again then, or after the end,
        it goes on behind the last message that it gave."""
        while not self._closed:
            try:
                stream = self._stream or self._begin()
                found = self._fresh(data) if (data := stream.recv()) else None
            except ValueError as error:
                self._leave()
                raise GpuwsError(f"the log makes no sense: {error}") from error
            except Exception:
                self._leave()
                if self._closed:
                    break
                raise
            if found is None:
                self._leave()
                break
            if found:
                for message in found:
                    self._reached.take(message)
                return _shown(found)
        return []

    def knows(self, stamp: str, output: Output, times: int) -> None:
        """So many messages of that moment were read before: it begins behind them."""
        for _ in range(times):
            self._reached.take(Message(output, stamp, b""))

    def pauses(self) -> None:
        """It ends with what is there now."""
        self._window = replace(self._window, follow=False)

    def goes_on(self) -> None:
        """Once what was there has been read: whatever comes behind it."""
        self._window = replace(self._window, follow=True, since=None if self._reached.last else self._window.since)

    def close(self) -> None:
        """Frees whoever reads."""
        self._closed = True
        self._leave()

    def _leave(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def _begin(self) -> Stream:
        self._messages, self._overlap, self._checked = Messages(), None, False
        window = self._window
        if window.follow and window.tail == 0 and not self.begun:
            self._learn()
        if self._reached.last:
            self._overlap = self._reached.overlap()
            since = None if self._tail else epoch_of(self._reached.last) - SLACK
            window = replace(window, tail=self._tail, since=since)
        elif window.tail == 0:
            window = replace(window, tail=None)  # it was empty
        self._stream = self._open_log(window)
        self.begun = True
        if self._closed:
            self._stream.close()
        return self._stream

    def _learn(self) -> None:
        """Where a log ends of which nothing is wanted but what follows."""
        last = LogReading(self._open_log, LogWindow(tail=1))
        while found := last.more():
            for message in found:
                self._reached.take(message)

    def _fresh(self, data: bytes) -> list[Message]:
        found = self._messages.feed(data)
        if self._overlap is None or not found:
            return found
        if not self._checked and self._tail is not None and self._overlap.beyond(found[0]):
            more = self._tail * GROWTH
            self._tail = more if more <= LARGEST else None
            self._leave()
            return []
        if not self._checked:
            self._checked, self._tail = True, OVERLAP
        overlap = self._overlap
        return [message for message in found if overlap.new(message)]


def followed(
    reading: LogReading,
    over: threading.Event,
    told: Callable[[GpuwsError | None], None],
    wait: Callable[[], object] = lambda: None,
) -> Iterator[list[Message]]:
    """All of it to its end or until `over` is set. Where its host is lost, it is tried again until it is back; `told`
    what cut it off, and None once it goes on. `wait`: for the host, before each attempt, as long as that takes. What
    has never been there is an error at once."""
    cut = False
    while not over.is_set():
        try:
            found = reading.more()
        except Unreachable as error:
            if not reading.begun:
                raise
            if not cut:
                told(error)
            cut = True
            if not over.wait(AGAIN):
                wait()
            continue
        if cut:
            told(None)
        cut = False
        if not found:
            return
        yield found


def whole_lines(pages: Iterable[list[Message]]) -> Iterator[Message]:
    """The lines that the messages make."""
    whole = Whole()
    for page in pages:
        for message in page:
            if (line := whole.feed(message)) is not None:
                yield line
    yield from whole.rest()


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a page ends. `stamp`: of the first message behind it; "": the log's end. `known`: how often those behind
    it that are near have each time and output. `count`: messages from there to the log's end, as far as is known.
    `last`: the newest time among the known, where what is newer is not held any more; "": all is."""

    stamp: str = ""
    known: Mapping[Key, int] = field(default_factory=dict)
    count: int = 0
    last: str = ""


def page_before(open_log: OpenLog, edge: Edge, most: int, window: LogWindow | None = None) -> list[Message]:
    """The last `most` messages before `edge`, the oldest first; [] where the log begins there. `window`: of which part
    of the log.

    Engines find the last messages of a log quickly and a time in it slowly, so it is asked for more and more of the
    last ones before it is asked for all."""
    base = replace(window or LogWindow(), framed=True, follow=False)
    if edge.stamp:
        base = replace(base, until=epoch_of(edge.stamp) + SLACK)
    for tail in (edge.count + most, GROWTH * (edge.count + most), None):
        found = _last(open_log(replace(base, tail=tail)), edge, most)
        if len(found) >= most:
            break
    return _shown(found)


def _shown(messages: list[Message]) -> list[Message]:
    """Without the tokens that notebook servers print."""
    return [message._replace(data=without_tokens(message.data)) for message in messages]


def _last(stream: Stream, edge: Edge, most: int) -> list[Message]:
    """Those of the known ones come last."""
    kept: deque[Message] = deque(maxlen=most + sum(edge.known.values()))
    messages = Messages()
    try:
        while data := stream.recv():
            kept.extend(one for one in messages.feed(data) if one.stamp and (not edge.last or one.stamp <= edge.last))
    except ValueError as error:
        raise GpuwsError(f"the log makes no sense: {error}") from error
    finally:
        stream.close()
    found: list[Message] = []
    known = Counter(edge.known)
    for message in reversed(kept):
        if known[message.stamp, message.output] > 0:
            known[message.stamp, message.output] -= 1
        else:
            found.append(message)
    return found[most - 1 :: -1] if len(found) >= most else found[::-1]
