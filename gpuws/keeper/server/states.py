"""What became of each host, a line in the log whenever it is another."""

from __future__ import annotations

import logging

from gpuws.model.host import HostState
from gpuws.model.snapshot import HostSnapshot

log = logging.getLogger(__name__)


class States:
    def __init__(self) -> None:
        self._last: dict[str, HostState] = {}

    def note(self, snapshot: HostSnapshot) -> None:
        """From the thread that brings the change of this host."""
        if self._last.get(snapshot.name) is not snapshot.state:
            self._last[snapshot.name] = snapshot.state
            log.info("%s: %s%s", snapshot.name, snapshot.state.value, f": {snapshot.error}" if snapshot.error else "")
