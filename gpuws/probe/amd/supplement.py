"""AMD's GPUs in the readings of an agent that found no NVIDIA."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.link.place import Place
from gpuws.model.errors import GpuwsError
from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.reading import HostReading

if TYPE_CHECKING:
    from gpuws.probe.amd.values import Row

PACE = 10.0  # seconds between two looks: each starts two Pythons on the host
PATIENCE = 100.0  # seconds for one look
NO_TOOL = Fault(
    "no-driver",
    "AMD's driver is loaded, but neither amd-smi nor rocm-smi is there to read its GPUs",
    "install amd-smi-lib of ROCm there",
)
SILENT = "amd-smi tells of no GPU"


class AmdSupplement:
    """Idle until the agent says that AMD's driver is loaded. Ends with `close`."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._newest: HostReading | None = None
        self._fixed: dict[str, str] = {}  # what was said of what does not change
        self._described: dict[int, Row] = {}

    def joined(self, reading: HostReading) -> HostReading:
        """The agent's reading, with AMD's GPUs as they were told last."""
        if reading.error is None or reading.error.kind != "amd-driver":
            return reading
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="amd", daemon=True)
            self._thread.start()
        newest = self._newest
        if newest is None:
            return replace(reading, coverage="waiting")
        return replace(
            reading,
            source=newest.source,
            coverage=newest.coverage,
            error=newest.error,
            driver=newest.driver,
            gpus=newest.gpus,
            processes=newest.processes,
        )

    def close(self) -> None:
        self._over.set()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self._newest = self.look()
            except GpuwsError as error:
                self._newest = _without(Fault("other", error.message, error.remedy))
            self._over.wait(PACE)

    def look(self) -> HostReading:
        """What the tools say now. GpuwsError where the host does not answer."""
        from gpuws.probe.amd import newer, older, script
        from gpuws.probe.parse import parse_reading

        done = self._place.run(script.argv(first=not self._fixed), timeout=PATIENCE)
        parts = script.parts(done.stdout.decode("utf-8", "replace"))
        tool = parts.get("tool", "")
        if tool not in ("amd-smi", "rocm-smi"):
            return _without(NO_TOOL if "end" in parts else Fault("other", SILENT))
        parts = self._fixed | parts
        found = newer.rows(parts) if tool == "amd-smi" else older.rows(parts.get("cards", ""))
        if not found["gpus"]:
            return _without(Fault("other", SILENT.replace("amd-smi", tool)))
        if tool == "amd-smi":
            self._fixed = {name: parts[name] for name in ("list", "static") if name in parts}
        found["processes"] = self._with_people(found["processes"])
        return parse_reading({**found, "source": tool, "coverage": "read"}, time.time())

    def _with_people(self, processes: list[Row]) -> list[Row]:
        """With what /proc tells of each, as far as it tells it to me."""
        from gpuws.probe.smi import rows
        from gpuws.probe.smi.script import MARK, describe_argv

        pids = {row["pid"] for row in processes}
        new = sorted(pids - self._described.keys())[:256]
        self._described = {pid: row for pid, row in self._described.items() if pid in pids}
        if new:
            told = self._place.run(describe_argv(new), timeout=PATIENCE).stdout.decode("utf-8", "replace")
            prefix = f"{MARK} pid "
            lines = (line[len(prefix) :] for line in told.splitlines() if line.startswith(prefix))
            self._described |= {pid: {} for pid in new} | dict(
                pair for line in lines if (pair := rows.described(line, time.time()))
            )
        return [{**row, **self._described.get(row["pid"], {})} for row in processes]


def _without(why: Fault) -> HostReading:
    return HostReading(time.time(), coverage="none" if why.kind == "no-driver" else "failed", error=why)
