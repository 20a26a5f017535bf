"""GPUs of `nvidia-smi` in the readings of an agent that can't read them itself."""

from __future__ import annotations

from dataclasses import replace

from gpuws.link.place import Place
from gpuws.model.host import Host
from gpuws.model.reading import HostFacts, HostReading
from gpuws.probe.agent.main import FAILED
from gpuws.probe.agent.nvml import NO_LIBRARY
from gpuws.probe.smi.client import SmiProbe

REASONS = (NO_LIBRARY, FAILED)


class Beside:
    """Idle until the agent gives a reason. Ends with `close`, or when the agent can read them again."""

    def __init__(self, place: Place, host: Host) -> None:
        self._place = place
        self._host = host
        self._probe: SmiProbe | None = None
        self._newest: HostReading | None = None

    def joined(self, reading: HostReading) -> HostReading:
        """The agent's reading, with GPUs where only nvidia-smi has them; its error stays."""
        if reading.error not in REASONS:
            self.close()
            return reading
        if self._probe is None:
            self._probe = SmiProbe(self._place, self._host, _unheard, self._keep, self._end, reason=reading.error)
            self._probe.start()
        newest = self._newest
        if newest is None or newest.source is None:
            return reading if newest is None or newest.error is None else replace(reading, warnings=(newest.error,))
        return replace(
            reading, source=newest.source, driver=newest.driver, gpus=newest.gpus, processes=newest.processes
        )

    def close(self) -> None:
        probe, self._probe, self._newest = self._probe, None, None
        if probe is not None:
            probe.close()

    def _keep(self, reading: HostReading) -> None:
        self._newest = reading

    def _end(self, _: str) -> None:
        """Begun anew with the next reading."""
        self._probe = self._newest = None


def _unheard(_: HostFacts) -> None:
    """The agent has told them."""
