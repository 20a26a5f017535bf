"""One GPU: every field by itself, since any of them may be missing."""

import time

SELDOM = 2  # readings from one reading of the dear values to the next
RARELY = 30
UNKNOWN_PIDS = frozenset([0, 0xFFFFFFFF])
LOST, RESET_REQUIRED, UNINITIALIZED = 15, 16, 1
NEVER = frozenset([3, 13, 21])  # not supported, function not found, no data: not asked again
NO_PERMISSION = 4
KINDS = ("Compute", "Graphics", "MPSCompute")
GARBLED = "the driver misreports processes (known fault of 535.43 to 535.86): upgrade it to 535.104 or later"


class Gone(Exception):
    """The GPU answers no more: NVML's error number."""

    def __init__(self, number):
        Exception.__init__(self, number)
        self.number = number

    @property
    def health(self):
        return "reset-required" if self.number == RESET_REQUIRED else "lost"

    @property
    def reason(self):
        reasons = {
            LOST: "GPU is lost: it has fallen off the bus",
            RESET_REQUIRED: "GPU requires a reset or a reboot",
            NO_PERMISSION: "no permission to use this GPU",
        }
        return reasons.get(self.number, "GPU does not answer (NVML error %d)" % self.number)


class Stale(Exception):
    """NVML was shut down under us: the driver was reloaded."""


class Gpu:
    def __init__(self, nvml, index, handle, uuid, name):
        self.nvml, self.index, self.handle, self.uuid, self.name = nvml, index, handle, uuid, name
        self.gone = None
        self.never = set()
        self.kept = {}  # values of the dear fields, from one reading of them to the next
        self.processes = []
        self.seen = None  # time of the newest sample of process utilization, microseconds

    def read(self, turn):
        """A row for the sample, and the processes that hold memory of this GPU."""
        row = {"index": self.index, "uuid": self.uuid, "name": self.name, "health": "ok", "error": None}
        try:
            if self.gone is not None:
                raise self.gone
            row.update(self._fields(turn))
        except Gone as gone:
            self.gone = gone
            self.processes = []
            row.update(health=gone.health, error=gone.reason)
        return row, self.processes

    def _fields(self, turn):
        row = self._memory()
        row["utilization"] = self._ask("utilization", lambda: self.nvml.nvmlDeviceGetUtilizationRates(self.handle).gpu)
        if turn % SELDOM == 0 or not self.kept:
            self.kept.update(temperature=self._temperature(), power=self._watts(self.nvml.nvmlDeviceGetPowerUsage))
            self.processes, self.kept["error"] = self._processes()
        if turn % RARELY == 0 or "power_limit" not in self.kept:
            self.kept["power_limit"] = self._watts(self.nvml.nvmlDeviceGetEnforcedPowerLimit)
        row.update(self.kept)
        if row["memory_total"] is None and "memory" in self.never:
            row["unified"] = True
        return row

    def _ask(self, field, call):
        """A field's value; None where it is not to be had."""
        if field in self.never:
            return None
        try:
            return call()
        except self.nvml.NVMLError as error:
            if error.value in (LOST, RESET_REQUIRED):
                raise Gone(error.value) from error
            if error.value == UNINITIALIZED:
                raise Stale() from error
            if error.value in NEVER:
                self.never.add(field)
        except Exception:  # a library too old for a call: no NVMLError, see pynvml.NVMLLibraryMismatchError
            self.never.add(field)
        return None

    def _memory(self):
        """Version 2 leaves out what the driver keeps for itself, as nvidia-smi does."""
        version = getattr(self.nvml, "nvmlMemory_v2", None)
        found = self._ask("memory v2", lambda: self.nvml.nvmlDeviceGetMemoryInfo(self.handle, version=version))
        found = found or self._ask("memory", lambda: self.nvml.nvmlDeviceGetMemoryInfo(self.handle))
        if found is not None and not found.total:
            self.never.update(["memory v2", "memory"])  # it shares the host's memory
            found = None
        return {"memory_used": found and found.used, "memory_total": found and found.total}

    def _temperature(self):
        found = self._ask("temperature v", lambda: self.nvml.nvmlDeviceGetTemperatureV(self.handle, 0))
        return (
            found
            if found is not None
            else self._ask("temperature", lambda: self.nvml.nvmlDeviceGetTemperature(self.handle, 0))
        )

    def _watts(self, call):
        milliwatts = self._ask(call.__name__, lambda: call(self.handle))
        return None if milliwatts is None else round(milliwatts / 1000.0, 1)

    def _processes(self):
        """Processes with their memory and utilization, and what is wrong with the list."""
        memory = {}
        for kind in KINDS:
            for process in self._list(kind):
                if memory.get(process.pid) is None:
                    memory[process.pid] = process.usedGpuMemory
        garbage = UNKNOWN_PIDS.intersection(memory)
        pids = sorted(pid for pid in memory if pid not in garbage)
        shares = self._shares() if pids else {}
        rows = [
            {
                "gpu_uuid": self.uuid,
                "pid": pid,
                "memory": memory[pid],
                "utilization": None if shares is None else shares.get(pid, 0),
            }
            for pid in pids
        ]
        return rows, GARBLED if garbage else None

    def _list(self, kind):
        """Version 3, else version 2: what an unversioned name means changed with the library."""
        for version in ("v3", "v2"):
            name = "nvmlDeviceGet%sRunningProcesses_%s" % (kind, version)
            found = self._ask(name, lambda name=name: getattr(self.nvml, name)(self.handle))
            if found is not None:
                return found
        return []

    def _shares(self):
        """pid → percent of the newest sample; None where the driver does not tell."""
        since = self.seen or int((time.time() - 2) * 1e6)
        found = self._ask("process utilization", lambda: self._samples(since))
        if found is None:
            return None
        newest = {}
        for sample in sorted(found, key=lambda sample: sample.timeStamp):
            if sample.timeStamp > since:
                newest[sample.pid] = min(max(sample.smUtil, 0), 100)
                self.seen = max(self.seen or 0, sample.timeStamp)
        return newest

    def _samples(self, since):
        try:
            return self.nvml.nvmlDeviceGetProcessUtilization(self.handle, since)
        except self.nvml.NVMLError as error:
            if error.value in (0, self.nvml.NVML_ERROR_NOT_FOUND):  # nobody was busy
                return []
            raise


def text(value):
    """Names are bytes in old bindings."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
