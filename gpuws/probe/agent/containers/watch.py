"""Containers are looked for now and then, and read when somebody asks."""

import time

from .figures import figures, first_process, network
from .places import Places, Trees

LOOK_EVERY = 15.0  # seconds; groups beside known ones are seen at once
MOST = 512


class Containers:
    def __init__(self, trees=None, proc="/proc"):
        self.places = Places(trees or Trees())
        self.proc = proc
        self.looked = None
        self.pids = {}  # id → one of its processes

    def read(self):
        """Each with its id, and `at`: the host's clock, as its engine tells it."""
        now = time.monotonic()
        if self.looked is None or now - self.looked >= LOOK_EVERY or self.places.changed():
            self.places.look()
            self.looked = now
            self.pids = {one: pid for one, pid in self.pids.items() if one in self.places.found}
        trees, found = self.places.trees, self.places.found
        return [self._row(one, path, trees) for one, path in sorted(found.items())[:MOST]]

    def _row(self, identity, path, trees):
        row = figures(trees, path)
        received, sent = self._network(identity, trees.walked + path)
        return dict(row, id=identity, at=round(time.time(), 3), received=received, sent=sent)

    def _network(self, identity, group):
        """The process that was asked last may have ended, and its number be another's."""
        pid = self.pids.get(identity)
        if pid is None or not self._in(identity, pid):
            pid = self.pids[identity] = first_process(group)
        return (None, None) if pid is None else network(pid, self.proc)

    def _in(self, identity, pid):
        try:
            with open("%s/%s/cgroup" % (self.proc, pid), "rb", buffering=0) as file:
                return identity.encode() in file.read(65536)
        except OSError:
            return False
