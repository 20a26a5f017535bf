"""GPUs through NVML: the library once, its GPUs, and how its errors read to a person."""

import ctypes
import os
import time

from .detail import read_links
from .faults.events import Events
from .fields import Gone, Stale, text
from .gpu import Gpu
from .silicon import drivers

RESCAN = 60  # seconds: indices and handles move after a reset
TRY_AGAIN = 30
OTHER_ERRORS = "NVML: %s"
START_ERRORS = {  # kinds as the model has them, and words
    9: ("not-loaded", "NVIDIA driver not loaded (modprobe nvidia?)"),
    12: ("no-driver", "no NVIDIA driver"),
    4: ("no-permission", "no permission to use the NVIDIA driver"),
    18: ("reboot-pending", "driver upgraded, reboot pending; running jobs unaffected"),
}
MISMATCH = 18
NONE_TO_READ = frozenset([4, 9, 12])  # of these: there is no driver that we may ask, and waiting brings none
NO_LIBRARY = "python3 on the host can't load libnvidia-ml.so.1, though the NVIDIA driver is there"
AMD = "AMD's driver is loaded: its GPUs are not read yet"
DRIVER = "/proc/driver/nvidia/version"
# Where it is no system library: WSL, NixOS, GKE. Loaded once by its place, pynvml finds it by its name.
LIBRARIES = (
    "libnvidia-ml.so.1",
    "/usr/lib/wsl/lib/libnvidia-ml.so.1",
    "/run/opengl-driver/lib/libnvidia-ml.so.1",
    "/usr/local/nvidia/lib64/libnvidia-ml.so.1",
)
SLOW = 1.0  # seconds to the first sample, above which the driver had to be loaded for us
COLD = "persistence mode is off, so the first reading took %.1f s: run `nvidia-smi -pm 1` as root on the host"
GARBLED = "the driver names processes that can't be, so some may be missing"
GARBLED_535 = (
    "the driver misreports processes (known fault of 535.43 to 535.86), so some are missing: "
    "upgrade it to 535.104 or later"
)


class DriverChanged(Exception):
    """The library in this process is older than the driver now loaded: only a new process can load the new one."""


class Nvml:
    """One reading after another; never raises for what the driver or a GPU does."""

    def __init__(self):
        self.nvml = None
        self.unread = nothing("waiting", "starting", "NVML not read yet")
        self.next_start = self.next_scan = 0.0
        self.served = False  # it has worked in this process
        self.gpus = []
        self.events = Events()
        self.versions = {}
        self.linked = False
        self.began = None
        self.first_sample = None  # seconds from the start of NVML to the first sample

    def read(self, turn, looking=False):
        """`turn` says which dear values are due; some are read only while `looking`."""
        try:
            if not self._started() or not self._scanned():
                return dict(self.unread)
            return self._sample(turn, looking)
        except Stale:
            self.nvml, self.next_start = None, 0.0  # the driver was reloaded: begin anew
            self.events.forget()
            return nothing("waiting", "starting", "NVML starts anew")

    def reread(self, rows, uuids):
        """Of a reading's `rows` those of `uuids`, once more: what they held when it was taken has ended."""
        try:
            for gpu in self.gpus:
                if gpu.uuid in uuids and gpu.gone is None:
                    gpu.reread(next(row for row in rows if row["uuid"] == gpu.uuid))
        except Stale:
            pass  # the next reading begins anew

    def _sample(self, turn, looking):
        rows, processes = [], []
        for gpu in self.gpus:
            row, held = gpu.read(turn, looking)
            rows.append(row)
            processes.extend(held)
            if row["health"] != "ok":
                self.next_scan = min(self.next_scan, time.monotonic() + TRY_AGAIN)
        self.events.read()
        if looking and not self.linked:  # seen from the next reading on
            read_links(self.gpus)
            self.linked = True
        if self.first_sample is None:
            self.first_sample = time.monotonic() - self.began
            give_memory_back()
        found = dict(self.versions, source="nvml", coverage="read", error=None, gpus=rows, processes=processes)
        return dict(found, warnings=self._warnings(rows))

    def _warnings(self, rows):
        cold = self.first_sample > SLOW and any(row.get("persistence") is False for row in rows)
        warnings = [fault("persistence", COLD % self.first_sample)] if cold else []
        if any(gpu.using.garbled for gpu in self.gpus):
            warnings.append(fault("misreports", GARBLED_535 if misreports(self.versions.get("driver")) else GARBLED))
        return warnings

    def _started(self):
        if self.nvml is not None:
            return True
        if time.monotonic() < self.next_start:
            return False
        self.next_start = time.monotonic() + TRY_AGAIN
        if not load():  # without a driver the dear import of pynvml is never made
            there = os.path.exists(DRIVER)
            if there:
                self.unread = nothing("failed", "no-library", NO_LIBRARY)
            elif drivers.amd():
                self.unread = nothing("failed", "amd-driver", AMD)
            else:
                self.unread = nothing("none", *START_ERRORS[12])
            return False
        import pynvml

        self.began = time.monotonic()
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError as error:
            if error.value == MISMATCH and self.served:
                raise DriverChanged() from error
            self._blame(error)
            return False
        self.nvml, self.served, self.next_scan = pynvml, True, 0.0
        self.versions = {"driver": self._version(self._driver), "cuda": self._version(self._cuda)}
        return True

    def _blame(self, error):
        coverage = "none" if error.value in NONE_TO_READ else "failed"
        self.unread = nothing(coverage, *START_ERRORS.get(error.value, ("other", OTHER_ERRORS % error)))

    def _version(self, ask):
        try:
            return ask()
        except Exception:
            return None

    def _driver(self):
        return text(self.nvml.nvmlSystemGetDriverVersion())

    def _cuda(self):
        number = self.nvml.nvmlSystemGetCudaDriverVersion()
        return "%d.%d" % (number // 1000, number % 1000 // 10)

    def _scanned(self):
        """Look which GPUs there are; a handle that was lost may be back."""
        if time.monotonic() < self.next_scan:
            return True
        self.next_scan = time.monotonic() + RESCAN
        try:
            count = self.nvml.nvmlDeviceGetCount()
        except self.nvml.NVMLError as error:
            if error.value == MISMATCH:
                raise DriverChanged() from error
            if error.value == self.nvml.NVML_ERROR_UNINITIALIZED:
                raise Stale() from error
            self._blame(error)
            self.next_scan = 0.0
            return False
        before = self.gpus
        self.gpus = [self._gpu(index, before) for index in range(count)]
        self.linked = self.linked and self.gpus == before
        self.events.listen(self.nvml, self.gpus)
        return True

    def _gpu(self, index, before):
        """The GPU at `index`: the object known `before` where it is the same one, so that it keeps what it learnt."""
        try:
            handle = self.nvml.nvmlDeviceGetHandleByIndex(index)
            uuid, name = text(self.nvml.nvmlDeviceGetUUID(handle)), text(self.nvml.nvmlDeviceGetName(handle))
        except self.nvml.NVMLError as error:
            there = next((gpu for gpu in before if gpu.index == index), None)
            gone = there or Gpu(self.nvml, index, None, "unknown-%d" % index, "GPU %d" % index)
            gone.gone = Gone(error.value)
            return gone
        known = next((gpu for gpu in before if gpu.uuid == uuid), None)
        if known is None:
            return Gpu(self.nvml, index, handle, uuid, name)
        known.moved(index, handle)
        return known


def nothing(coverage, kind, words):
    """A reading without GPUs. `coverage`, as the model has it: whether there are none, or they may still come."""
    return {"source": None, "coverage": coverage, "error": fault(kind, words), "gpus": [], "processes": []}


def fault(kind, words):
    """What is wrong. `kind`, as the model has it."""
    return {"kind": kind, "text": words}


def misreports(driver):
    """Releases whose library hands out another structure than it declares."""
    numbers = [int(word) for word in (driver or "").split(".") if word.isdigit()]
    return [535, 43] <= numbers[:2] <= [535, 86]


def load():
    """Whether NVML's library is to be had."""
    for path in LIBRARIES:
        try:
            ctypes.CDLL(path)
            return True
        except OSError:
            pass
    return False


def give_memory_back():
    """What the library needed to start and has freed. Only glibc can."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except AttributeError:
        pass
