"""One copy from a directory of one end to the other, gone on with where it was cut."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from gpuws.files.unpack import special
from gpuws.files.walk import Tally, Walk
from gpuws.fleet.copying.end import End, Pairs
from gpuws.model.errors import Cancelled, GpuwsError, Unreachable
from gpuws.model.files.destination import Copy, shown
from gpuws.model.files.files import Listed, Listing, whole
from gpuws.model.meter import Meter

STAGE = b".gpuws-cp-"
KEPT = 32 << 20
"""Bytes: so much is kept for the next time where it was broken off; less is sent anew as quickly."""


@dataclass(slots=True)
class Transfer:
    """`copies` lie in one directory of `source`, and arrive in one stage of `target`."""

    source: End
    target: End
    copies: tuple[Copy, ...]
    meter: Meter
    tally: Tally = field(default_factory=Tally)
    resumed: int = 0
    _before: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def directory(self) -> bytes:
        return self.copies[0].source.path.rpartition(b"/")[0] or b"/"

    @property
    def stage_in(self) -> bytes:
        return self.copies[0].stage_in

    @property
    def names(self) -> tuple[bytes, ...]:
        return tuple(one.name for one in self.copies)

    @property
    def pairs(self) -> Pairs:
        return [(one.name, one.final) for one in self.copies]

    @property
    def entry(self) -> str:
        """What is on its way, for people."""
        return shown(self.tally.entry or self.names[0])

    def size(self) -> int | None:
        """Bytes, about; None where that can't be told."""
        seen = [one.source for one in self.copies]
        if all(one.kind == "file" and one.size is not None for one in seen):
            return sum(one.size or 0 for one in seen)
        return self.source.size(self.directory, self.names)

    @property
    def stage(self) -> bytes:
        """The same for the same command; where one file is copied, for that file as it is now: what is there of it is
        its beginning."""
        words = [self.source.label.encode(), *(word for one in self.copies for word in (one.source.path, one.final))]
        if self._single:
            seen = self.copies[0].source
            words += [str(seen.size).encode(), str(seen.modified).encode()]
        return STAGE + hashlib.sha256(b"\0".join(words)).hexdigest()[:12].encode()

    @property
    def _single(self) -> bool:
        return len(self.copies) == 1 and self.copies[0].source.kind == "file"

    def run(self, back: Callable[[Unreachable], None], cancel: threading.Event) -> None:
        """`back` waits until the hosts are there again. What was not to be had stands in `faults` in the end; raises
        where nothing came to its name, and what arrived is kept where that is much."""
        self._before = self.meter.done
        try:
            while not self._tried(back, cancel):
                pass
            if self.target.road is not None and self.target.road.kind == "tar":  # else who unpacks it says so
                self.faults += [special(path) for path in self.tally.special]
            self.faults += self.target.finish(self.stage_in, self.stage, self.pairs)
        except GpuwsError as error:
            raise self._kept(Cancelled("cancelled") if cancel.is_set() else error) from error

    def _tried(self, back: Callable[[Unreachable], None], cancel: threading.Event) -> bool:
        try:
            self._send(self._taken_up())
        except Unreachable as error:
            if cancel.is_set():
                raise
            back(error)
            if cancel.is_set():
                raise
            return False
        return True

    def _taken_up(self) -> frozenset[bytes]:
        """What need not be sent any more; a file that came in part is completed."""
        arrived = self.target.arrived(self.stage_in, self.stage)
        self.resumed, self.meter.done = 0, self._before
        self.tally.files = self.tally.content = 0
        if not arrived:
            return frozenset()
        there = self.source.listed(self.directory, self.names)
        done = whole(there, arrived)
        self.resumed = sum(arrived[path].size for path in done)
        self.meter.done = self._before + self.resumed
        self.tally.files, self.tally.content = len(done), self.resumed
        half = next((path for path in arrived if path not in done and self._beginning(path, there, arrived)), None)
        if half is None:
            return done
        self._complete(half, there[half], arrived[half].size)
        return done | {half}

    def _beginning(self, path: bytes, there: Listing, arrived: Listing) -> bool:
        """What arrived is how that file begins: it was on its way, and has not changed since."""
        of, came = there.get(path), arrived[path]
        if of is None or came.links != 1 or came.size >= of.size:
            return False
        sent = path == self.tally.entry and (of.size, of.modified) == (self.tally.size, self.tally.modified)
        seen = self.copies[0].source
        return sent or (self._single and path == self.names[0] and (of.size, of.modified) == (seen.size, seen.modified))

    def _complete(self, path: bytes, of: Listed, came: int) -> None:
        self.resumed += came
        self.meter.done += came
        pieces = self.meter.counted(self.source.rest(self.directory, path, came))
        self.tally.files, self.tally.content = self.tally.files + 1, self.tally.content + of.size
        self.target.append(self.stage_in, self.stage, path, _exactly(pieces, of.size - came), of)

    def _send(self, done: frozenset[bytes]) -> None:
        pieces = self.source.tree(self.directory, self.names, done, self.target.road)
        counted = Walk(self.tally).passed(self.meter.counted(pieces))
        self.target.take(self.stage_in, self.stage, counted, self.pairs, done)
        if not self.tally.ended:
            raise GpuwsError(f"{self.source.label or 'here'} its archive ended early", "the same command goes on")

    def _kept(self, error: GpuwsError) -> GpuwsError:
        """`error`, with what became of what arrived: a disk that has no room is not left full."""
        if self.target.road is not None and self.target.road.kind == "engine":
            return _said(error, f"{self.entry} may be there in part: copy it again")
        if isinstance(error, Cancelled | Unreachable) and self.meter.done - self._before >= KEPT:
            where = f"{self.target.label}{(self.stage_in.rstrip(b'/') + b'/' + self.stage).decode(errors='replace')}"
            return _said(error, f"what arrived is in {where}: the same command goes on from there")
        try:
            self.target.drop(self.stage_in, self.stage)
        except GpuwsError:
            return error
        return error


def _said(error: GpuwsError, remedy: str) -> GpuwsError:
    both = f"{error.remedy}; {remedy}" if error.remedy else remedy
    return type(error)(error.message, both)


def _exactly(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    """What is written to a file while it is read is not part of it."""
    for piece in pieces:
        yield piece[:size]
        size -= min(size, len(piece))
