"""The workstation's end of the fallback: the probe's callbacks, fed by `nvidia-smi`."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from gpuws.link.place import Place, Process
from gpuws.model.errors import GpuwsError
from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.reading import HostFacts, HostReading
from gpuws.model.host.busiest import LoadTold
from gpuws.model.host.host import Host
from gpuws.model.text import plain
from gpuws.probe.lines import LineReader, paced, unhurried
from gpuws.probe.run import ProbeRun
from gpuws.probe.smi import rows
from gpuws.probe.smi.facts import shell_facts
from gpuws.probe.smi.picture import Picture
from gpuws.probe.smi.script import BEAT, MARK, argv, describe_argv

HEARTBEAT = 10.0  # seconds
DESCRIBED = 5.0  # seconds from one look at what nvidia-smi does not tell to the next
AT_FIRST = 0.2  # seconds between two looks at what nvidia-smi does not tell, before all was told once
SILENCE = 20.0  # seconds without a line from the host
PATIENCE = 15.0  # seconds for what is asked of it besides
LOOK_AGAIN = 60.0  # seconds from one listing of MIG instances to the next
MOST_PIDS = 256  # described at a time
LONGEST_LINE = 1 << 14


class SmiProbe(ProbeRun):
    """As `Probe`, without its details: no clocks, links, sessions, disks, kernels or faults.

    `reason`: why it is needed; the readings carry it. Their `source` is "nvidia-smi"."""

    def __init__(
        self,
        place: Place,
        host: Host,
        on_facts: Callable[[HostFacts], None],
        on_reading: Callable[[HostReading], None],
        on_end: Callable[[Fault], None],
        *,
        reason: Fault,
    ) -> None:
        super().__init__(host, on_end, "smi")
        self._place = place
        self._on_facts = on_facts
        self._on_reading = on_reading
        self._heard = time.monotonic()
        self._picture = Picture(reason, host.telemetry_interval, self._heard)
        self._said: deque[str] = deque(maxlen=5)
        self._looking = threading.Lock()  # at the picture
        self._listed_at = -LOOK_AGAIN

    def start(self) -> None:
        """Returns at once."""
        self._thread("read", self._run)
        self._thread("beat", self._beat)
        self._thread("describe", self._describe)

    def look(self, on: bool) -> None:
        """nvidia-smi tells no more for it."""

    def busiest(self) -> LoadTold:
        """Which processes load the host most, asked now; GpuwsError where it does not tell."""
        from gpuws.probe.smi.load import read_load

        return read_load(self._place)

    def _run(self) -> None:
        try:
            facts = shell_facts(self._place)
            if not self._over.is_set():
                self._on_facts(facts)
                self._follow()
            self._end(Fault("other", "; ".join(self._said) or "the shell that asks nvidia-smi ended"))
        except GpuwsError as error:
            self._end(Fault("other", error.message, error.remedy))

    def _follow(self) -> None:
        process = self._place.popen(argv(self._host.telemetry_interval))
        self._process = process
        if self._over.is_set():  # closed while the host was starting it
            process.close()
            return
        self._thread("stderr", lambda: self._drain(process))
        started = False
        for line in paced(LineReader(unhurried(process.read, self._over), LONGEST_LINE), self._over):
            self._heard = time.monotonic()
            text = plain(line.decode("utf-8", "replace"), LONGEST_LINE)
            started = started or text.startswith(f"{MARK} start")  # start files of a shell may say anything before
            with self._looking:
                if started and self._picture.feed(text, self._heard):
                    self._tell()

    def _tell(self) -> None:
        reading = self._picture.reading(time.monotonic(), time.time())
        if self._picture.undescribed or self._due():
            self._roused.set()
        if not self._over.is_set():
            self._on_reading(reading)

    def _due(self) -> bool:
        """Instances come and go without any notice."""
        return self._picture.divided and time.monotonic() - self._listed_at > LOOK_AGAIN

    def _drain(self, process: Process) -> None:
        try:
            for line in paced(LineReader(process.read_stderr), self._over):
                self._said.append(plain(line.decode("utf-8", "replace"), 200))
        except GpuwsError:
            return  # the reader of stdout reports it

    def _beat(self) -> None:
        while not self._over.wait(HEARTBEAT):
            silent = time.monotonic() - self._heard
            if silent > max(SILENCE, 4 * self._host.telemetry_interval):
                self._end(Fault("other", f"the host's shell fell silent for {silent:.0f} s"))
            elif self._process is not None:
                try:
                    self._process.write(BEAT)
                except GpuwsError:
                    return  # the reader sees the end

    def _describe(self) -> None:
        """What nvidia-smi does not tell of processes and instances, asked apart so that it delays nothing."""
        while not self._over.is_set():
            self._roused.wait()
            self._roused.clear()
            if self._over.is_set():
                return
            try:
                self._describe_processes()
                self._list_instances()
            except GpuwsError:
                pass  # the values go on without
            self._over.wait(DESCRIBED if self._picture.whole(time.monotonic()) else AT_FIRST)

    def _describe_processes(self) -> None:
        pids = self._picture.undescribed[:MOST_PIDS]
        if not pids:
            return
        told = self._place.run(describe_argv(pids), timeout=PATIENCE).stdout.decode("utf-8", "replace")
        prefix = f"{MARK} pid "
        found = (
            rows.described(line[len(prefix) :], time.time()) for line in told.splitlines() if line.startswith(prefix)
        )
        with self._looking:
            untold: dict[int, rows.Row] = {pid: {} for pid in pids}
            self._picture.described |= untold | dict(pair for pair in found if pair is not None)
            self._tell()

    def _list_instances(self) -> None:
        if self._due():
            self._listed_at = time.monotonic()
            listing = self._place.run([self._picture.program, "-L"], timeout=PATIENCE).stdout
            with self._looking:
                self._picture.instances = rows.instances(listing.decode("utf-8", "replace"))
                self._tell()
