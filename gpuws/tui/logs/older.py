"""What was written before the lines that are held, read when it is wanted: a page of each log, then all by time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gpuws.fleet.reading import Edge, OpenLog, page_before
from gpuws.model.workspace.logs import LogWindow
from gpuws.tui.logs.merge import Backwards
from gpuws.tui.logs.text import LineMaker, LogLine

if TYPE_CHECKING:
    from gpuws.tui.logs.store import LogStore

PAGE = 2000


class Older:
    """`reading`: a page is on its way. Lines that fell off the top of `store` meanwhile are read again. `start`: the
    time before which it is, of a log of which nothing is held."""

    def __init__(self, logs: Sequence[OpenLog], store: LogStore, start: str = "") -> None:
        self._logs, self._store, self._start = logs, store, start
        self._pages = Backwards(len(logs))
        self._dropped = store.dropped
        self.reading = False

    @property
    def at_start(self) -> bool:
        """Nothing is older."""
        return self._pages.at_start and not self.stale

    @property
    def stale(self) -> bool:
        """Since it was asked what is wanted, lines fell off the top: what was read does not join them."""
        return self._dropped != self._store.dropped

    def wanted(self) -> dict[int, Edge]:
        """Where pages are needed, and before what."""
        if self.stale:
            self._pages, self._dropped = Backwards(len(self._logs)), self._store.dropped
        edges = {source: self._store.edge(source) for source in self._pages.missing}
        return {source: edge if edge.stamp else Edge(self._start) for source, edge in edges.items()}

    def read(self, wanted: Mapping[int, Edge], window: LogWindow | None = None) -> dict[int, list[LogLine]]:
        """Blocks. `window`: of which part of the logs."""
        found = {}
        for source, edge in wanted.items():
            maker = LineMaker(source)
            lines = maker.feed(page_before(self._logs[source], edge, PAGE, window))
            found[source] = lines + maker.end()
        return found

    def take(self, pages: Mapping[int, Sequence[LogLine]]) -> list[LogLine]:
        """The lines that come on top."""
        for source, lines in pages.items():
            self._pages.put(source, lines)
        return self._pages.take(PAGE)
