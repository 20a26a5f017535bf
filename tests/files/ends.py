"""A stand-in for a fleet whose one host is this machine: its sh and its tar, without a link; and links that are cut."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from gpuws.files import scripts
from gpuws.fleet.copying.here import Here
from gpuws.fleet.copying.running import Programs
from gpuws.fleet.copying.sources import seen_sources, seen_target, transfers_of
from gpuws.fleet.copying.there import There
from gpuws.link.local.local import LocalLink
from gpuws.model.files.destination import copies
from gpuws.model.files.spot import Spot
from gpuws.model.meter import Meter
from gpuws.model.workspace.workspace import PlaceRef


class Cut:
    """A process whose link is lost after so many bytes of its output, or of its input."""

    def __init__(self, process, after):
        self._process, self._left, self._lost = process, after, False

    def _went(self, size):
        self._left -= size
        self._lost = self._lost or self._left < 0
        return not self._lost

    def read(self, limit=65536):
        data = self._process.read(min(limit, 65536))
        return data if self._went(len(data)) else b""

    def write(self, data):
        if not self._went(len(data)):
            self._process.close()
            raise OSError("cut")
        self._process.write(data)

    def wait(self, timeout=None):
        return None if self._lost else self._process.wait(timeout)

    def __getattr__(self, name):
        return getattr(self._process, name)


@dataclass
class OneHost:
    """`cuts`: after how many bytes each next tree or rest is cut; `asked`: the kinds that were asked for."""

    cuts: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    link: LocalLink = field(default_factory=LocalLink)

    def look_at_files(self, place, paths, *, writing=False, user=None):
        done = self.link.run(scripts.look(paths))
        return scripts.looked(done.stdout, done.status, "alpha", user)

    def read_files(self, place, ask):
        return self._maybe_cut(ask, self.link.popen(scripts.reading(ask)))

    def write_files(self, place, ask):
        return self._maybe_cut(ask, self.link.popen(scripts.writing(ask)))

    def _maybe_cut(self, ask, process):
        self.asked.append(ask.kind)
        fits = ask.kind in ("tree", "rest", "append") and self.cuts
        return Cut(process, self.cuts.pop(0)) if fits else process


@dataclass
class Copying:
    """One copy by hand: `up`: from here to the host."""

    source: str
    target: str
    up: bool
    fleet: OneHost = field(default_factory=OneHost)
    left: list[str] = field(default_factory=list)
    waits: int = 0
    cancel: threading.Event = field(default_factory=threading.Event)
    transfers: list = field(default_factory=list)

    def run(self):
        here, programs = Here(self.left.append), Programs()
        there = There(self.fleet, PlaceRef("alpha"), "alpha", self.left.append, programs)
        source, target = (here, there) if self.up else (there, here)
        named = Spot(self.source, None if self.up else "alpha", self.source)
        spot = Spot(self.target, "alpha" if self.up else None, self.target)
        sources = seen_sources([(named, source)])
        found, above = seen_target(target, spot, writing=True)
        planned = copies([(one.seen, one.contents) for one in sources], found, above, slash=spot.slash, word=spot.word)
        pairs = list(zip(sources, planned, strict=True))
        self.transfers = transfers_of(pairs, target, Meter(lambda _: None, lambda *_: None))
        for one in self.transfers:
            one.run(self._back, self.cancel)
            self.left += one.faults
        return self

    def _back(self, error):
        self.waits += 1
        assert self.waits < 5, error
