"""GPUs through NVML: the library once, its GPUs, and how its errors read to a person."""

import ctypes
import time

from .gpu import Gone, Gpu, Stale, text

RESCAN = 60  # seconds: indices and handles move after a reset
TRY_AGAIN = 30
OTHER_ERRORS = "NVML: %s"
START_ERRORS = {
    9: "NVIDIA driver not loaded (modprobe nvidia?)",
    12: "no NVIDIA driver",
    4: "no permission to use the NVIDIA driver",
    18: "driver upgraded, reboot pending; running jobs unaffected",
}
MISMATCH = 18


class DriverChanged(Exception):
    """The library in this process is older than the driver now loaded: only a new process can load the new one."""


class Nvml:
    """One reading after another; never raises for what the driver or a GPU does."""

    def __init__(self):
        self.nvml = None
        self.error = "NVML not read yet"
        self.next_start = self.next_scan = 0.0
        self.served = False  # it has worked in this process
        self.gpus = []
        self.versions = {}

    def read(self, turn):
        """`turn` counts the readings: dear values are read in some of them only."""
        try:
            if not self._started() or not self._scanned():
                return self._nothing()
            return self._sample(turn)
        except Stale:
            self.nvml, self.next_start = None, 0.0  # the driver was reloaded: begin anew
            self.error = "NVML starts anew"
            return self._nothing()

    def _sample(self, turn):
        rows, processes = [], []
        for gpu in self.gpus:
            row, held = gpu.read(turn)
            rows.append(row)
            processes.extend(held)
            if row["health"] != "ok":
                self.next_scan = min(self.next_scan, time.monotonic() + TRY_AGAIN)
        return dict(self.versions, source="nvml", error=None, gpus=rows, processes=processes)

    def _nothing(self):
        return {"source": None, "error": self.error, "gpus": [], "processes": []}

    def _started(self):
        if self.nvml is not None:
            return True
        if time.monotonic() < self.next_start:
            return False
        self.next_start = time.monotonic() + TRY_AGAIN
        try:
            ctypes.CDLL("libnvidia-ml.so.1")  # without a driver the dear import of pynvml is never made
        except OSError:
            self.error = START_ERRORS[12]
            return False
        import pynvml

        give_memory_back()
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError as error:
            if error.value == MISMATCH and self.served:
                raise DriverChanged() from error
            self.error = START_ERRORS.get(error.value, OTHER_ERRORS % error)
            return False
        self.nvml, self.served, self.next_scan = pynvml, True, 0.0
        self.versions = {"driver": self._version(self._driver), "cuda": self._version(self._cuda)}
        return True

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
            self.error = OTHER_ERRORS % error
            self.next_scan = 0.0
            return False
        before = {gpu.index: gpu for gpu in self.gpus}
        self.gpus = [self._gpu(index, before.get(index)) for index in range(count)]
        return True

    def _gpu(self, index, before):
        """The GPU at `index`: the object known before where it is the same one, so that it keeps what it learnt."""
        try:
            handle = self.nvml.nvmlDeviceGetHandleByIndex(index)
            uuid, name = text(self.nvml.nvmlDeviceGetUUID(handle)), text(self.nvml.nvmlDeviceGetName(handle))
        except self.nvml.NVMLError as error:
            gone = before or Gpu(self.nvml, index, None, "unknown-%d" % index, "GPU %d" % index)
            gone.gone = Gone(error.value)
            return gone
        if before is None or before.uuid != uuid:
            return Gpu(self.nvml, index, handle, uuid, name)
        before.handle, before.gone = handle, None
        return before


def give_memory_back():
    """What compiling pynvml took: a third of this process. Only glibc can."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except AttributeError:
        pass
