"""Faults that the driver tells whoever listens, without any privilege: NVML's events."""

import ctypes
import time

from ..fields import FORBIDDEN, NOWHERE

XID = 0x8
# What else is a fault: NVML's type → what it is. That clocks change is none.
OTHERS = {
    0x2: "uncorrected memory error (ECC)",
    0x200: "many corrected memory errors (ECC)",
    0x400: "bad memory is replaced at the next reset",
    0x800: "bad memory could not be replaced",
    0x1000: "poisoned data: what used it is ended",
    0x2000: "poisoned data: the GPU is to be reset",
    0x4000: "GPU unavailable",
}
WANTED = XID | sum(OTHERS)
NO_INSTANCE = 0xFFFFFFFF
TIMEOUT = 10
MOST = 20  # kept, the newest
MOST_AT_ONCE = 64  # taken in one reading
NONE_TOLD = "the driver tells no events: %s"


class Events:
    """A queue in the driver, emptied at each reading without waiting: a call of microseconds where it is empty."""

    def __init__(self):
        self.nvml = None
        self.found = []  # (when the queue was last empty, fault), the newest, oldest first
        self.heard = 0  # how many there were
        self.since = None  # epoch seconds: who listened, but none before, knows none before
        self.why = None  # nothing is heard
        self.taken = 0.0  # when the queue was emptied last, epoch seconds
        self.forget()

    def forget(self):
        """NVML begins anew, and what it told us to listen with is gone."""
        self.set = self.since = None
        self.places = {}  # address of a handle → the GPU

    def listen(self, nvml, gpus):
        """To each GPU that is there: those that moved, too."""
        self.nvml, self.why = nvml, None
        there = {address(gpu.handle): gpu for gpu in gpus if gpu.gone is None}
        self.places = {place: gpu for place, gpu in self.places.items() if there.get(place) is gpu}
        new = [gpu for place, gpu in there.items() if place not in self.places]
        if new and self.set is None:
            self.set = self._asked(nvml.nvmlEventSetCreate)
        if self.set is not None:
            for gpu in new:
                self._register(gpu)
        if self.places and self.since is None:
            self.since = self.taken = time.time()

    def read(self):
        """Take what came since the reading before."""
        if not self.places:
            return
        now = time.time()
        for _ in range(MOST_AT_ONCE):
            try:
                event = self.nvml.nvmlEventSetWait_v2(self.set, 0)
            except self.nvml.NVMLError as error:
                if error.value != TIMEOUT:
                    self.why = NONE_TOLD % error  # a GPU that was lost; the next scan listens anew
                break
            self._keep(event, now)
        self.taken = now

    def _register(self, gpu):
        types = gpu.fields.ask("nvmlDeviceGetSupportedEventTypes", gpu.handle)
        told = (types or 0) & WANTED
        if not told:
            self.why = NONE_TOLD % gpu.fields.gap("nvmlDeviceGetSupportedEventTypes")
        elif self._asked(lambda: self.nvml.nvmlDeviceRegisterEvents(gpu.handle, told, self.set) or True):
            self.places[address(gpu.handle)] = gpu

    def _asked(self, call):
        """None where the driver declines, which `why` says."""
        try:
            return call()
        except self.nvml.NVMLError as error:
            words = {3: NOWHERE, 4: FORBIDDEN, 13: NOWHERE}.get(error.value, str(error))
        except Exception:  # a library too old for the call
            words = NOWHERE
        self.why = NONE_TOLD % words
        return None

    def _keep(self, event, now):
        gpu = self.places.get(address(event.device))
        bus_id = gpu and gpu.fixed.get("bus_id")
        number = event.eventData if event.eventType == XID else None
        if not bus_id or (number is None and event.eventType not in OTHERS):
            return
        self.heard += 1
        fault = {
            "number": number,
            "bus_id": bus_id,
            "text": (OTHERS.get(event.eventType, "") + instance(event)).strip(),
            "at": round(now, 1),
        }
        self.found = (self.found + [(self.taken, fault)])[-MOST:]


def address(handle):
    return ctypes.cast(handle, ctypes.c_void_p).value


def instance(event):
    number = event.gpuInstanceId
    return "" if number == NO_INSTANCE else " on GPU instance %d" % number
