"""GPUs of `nvidia-smi` in the readings of an agent that can't read them itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.link.place import Place
from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.reading import HostFacts, HostReading
from gpuws.model.host.host import Host

if TYPE_CHECKING:
    from gpuws.probe.smi.client import SmiProbe

UNABLE = ("no-library", "unread")
"""The agent can't read GPUs that may be there."""


class SmiSupplement:
    """Idle until the agent gives a reason. Ends with `close`, or when the agent can read them again."""

    def __init__(self, place: Place, host: Host) -> None:
        self._place = place
        self._host = host
        self._probe: SmiProbe | None = None
        self._newest: HostReading | None = None

    def joined(self, reading: HostReading) -> HostReading:
        """The agent's reading, with GPUs where only nvidia-smi has them; its error stays."""
        if reading.error is None or reading.error.kind not in UNABLE:
            self.close()
            return reading
        if self._probe is None:
            self._probe = self._started(reading.error)
        newest = self._newest
        if newest is None:
            return replace(reading, coverage="waiting")
        if newest.source is None:
            warnings = reading.warnings if newest.error is None else (newest.error,)
            return replace(reading, coverage=newest.coverage, warnings=warnings)
        return replace(
            reading,
            source=newest.source,
            coverage=newest.coverage,
            driver=newest.driver,
            gpus=newest.gpus,
            processes=newest.processes,
        )

    def close(self) -> None:
        probe, self._probe, self._newest = self._probe, None, None
        if probe is not None:
            probe.close()

    def _started(self, reason: Fault) -> SmiProbe:
        from gpuws.probe.smi.client import SmiProbe

        probe = SmiProbe(self._place, self._host, _unheard, self._keep, self._end, reason=reason)
        probe.start()
        return probe

    def _keep(self, reading: HostReading) -> None:
        self._newest = reading

    def _end(self, _: Fault) -> None:
        """Begun anew with the next reading."""
        self._probe = self._newest = None


def _unheard(_: HostFacts) -> None:
    """The agent has told them."""
