"""logs: what containers wrote, each output to ours."""

from __future__ import annotations

import heapq
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from gpuws.cli.inside.log_output import LogOutput, NamedOutput
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.host_back import host_back
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import container_of, find_all, hosts_of, parse_all
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.fleet.reading import Edge, LogReading, followed, page_before
from gpuws.model.errors import GpuwsError
from gpuws.model.host.naming import labelled
from gpuws.model.units import duration
from gpuws.model.workspace.log_messages import Message, Whole
from gpuws.model.workspace.logs import LogWindow
from gpuws.model.workspace.workspace import Workspace

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet

WAITING = 256
"""Lines of one log that wait to be written: what floods waits at its source."""


def show_logs(options: Options, words: Sequence[str], window: LogWindow, *, raw: bool) -> int:
    """Byte by byte as the containers wrote it, into a file or with `raw`; a terminal gets no sequences that steer
    it."""
    setup = set_up(options)
    targets = parse_all(words, setup.names())
    with open_fleet(setup, hosts_of(setup, *targets)) as fleet:
        found = [container_of(one) for one in find_all(fleet, targets, options.timeout)]
        chosen = list({one.ref: one for one in found}.values())
        logs = [_Log(fleet, one, window, together=len(chosen) > 1) for one in chosen]
        output = LogOutput(raw=raw, stamps=window.timestamps)
        try:
            if len(logs) == 1:
                _one(logs[0], output)
            else:
                _several(logs, NamedOutput(output, _names(chosen)), output.flush, follow=window.follow)
        finally:
            for log in logs:
                log.close()
            output.end()
    if window.previous and not output.wrote:
        note("nothing is kept from before the last start")
    return 0


def _names(chosen: Sequence[Workspace]) -> list[str]:
    """With the host, where that is needed to tell them apart."""
    names = [one.name for one in chosen]
    return [one.name if names.count(one.name) == 1 else labelled(one.ref.host, one.name) for one in chosen]


class _Log:
    """One of them, being read. What is there of several is put in the order of its times; only then comes what is
    followed: `together`."""

    def __init__(self, fleet: Fleet, container: Workspace, window: LogWindow, *, together: bool) -> None:
        self.name = labelled(container.ref.host, container.name)
        self._fleet, self._host, self._together = fleet, container.ref.host, together
        self._open_log, self._window = partial(fleet.logs, container.ref), window
        self._reading = LogReading(self._open_log, window)
        if together:
            self._reading.pauses()
        self._whole = Whole()
        self._over = threading.Event()
        self._cut = 0.0

    def pages(self) -> Iterator[list[Message]]:
        """All that is wanted of it, as it comes. Engines count the last lines of a log before they look at its end:
        where both are given, they are looked for."""
        window = self._window
        if window.tail is not None and not window.follow and (window.previous or window.until is not None):
            yield page_before(self._open_log, Edge(), window.tail, window)
        else:
            yield from followed(self._reading, self._over, self._told, self._wait)

    def lines(self) -> Iterator[Message]:
        """Whole ones, but for the last."""
        for page in self.pages():
            for message in page:
                if (line := self._whole.feed(message)) is not None:
                    yield line
        if not self._window.follow:
            yield from self._whole.rest()

    def numbered(self, number: int) -> Iterator[tuple[int, Message]]:
        return ((number, line) for line in self.lines())

    def later(self) -> Iterator[Message]:
        """Those behind `lines`."""
        self._reading.goes_on()
        yield from self.lines()
        yield from self._whole.rest()

    def close(self) -> None:
        self._over.set()
        self._reading.close()

    def _wait(self) -> None:
        """Where this is the only one, a person is asked what its host asks."""
        if not self._together:
            host_back(self._fleet, self._host, given_up=self._over.is_set)

    def _told(self, error: GpuwsError | None) -> None:
        if error is not None:
            self._cut = time.monotonic()
            note(f"{self.name}: {error.message}; its log goes on once the host is back, ctrl+c ends")
        else:
            note(f"{self.name}: back after {duration(time.monotonic() - self._cut)}")


def _one(log: _Log, output: LogOutput) -> None:
    for page in log.pages():
        for message in page:
            output.write(message)
        output.flush()


def _several(logs: Sequence[_Log], output: NamedOutput, flush: Callable[[], None], *, follow: bool) -> None:
    """What is there, in the order of its times; then what comes, as it comes."""
    past = [log.numbered(number) for number, log in enumerate(logs)]
    for number, line in heapq.merge(*past, key=lambda one: one[1].stamp):
        output.write(number, line)
    flush()
    if follow:
        _following(logs, output, flush)


def _following(logs: Sequence[_Log], output: NamedOutput, flush: Callable[[], None]) -> None:
    lines: queue.Queue[tuple[int, Message | GpuwsError | None]] = queue.Queue(WAITING)

    def read(number: int, log: _Log) -> None:
        try:
            for line in log.later():
                lines.put((number, line))
            lines.put((number, None))
        except GpuwsError as error:
            lines.put((number, error))

    for number, log in enumerate(logs):
        threading.Thread(target=read, args=(number, log), name="log-reader", daemon=True).start()
    left, failed = len(logs), None
    while left:
        number, line = lines.get()
        if isinstance(line, Message):
            output.write(number, line)
        else:
            left, failed = left - 1, line or failed
        if lines.empty():
            flush()
    if failed is not None:
        raise failed
