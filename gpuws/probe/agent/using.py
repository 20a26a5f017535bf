"""Which processes hold memory of a GPU, and how busy each keeps it."""

import time

from .fields import NOWHERE

UNKNOWN_PIDS = frozenset([0, 0xFFFFFFFF])
WORK = ("Compute", "MPSCompute")
GRAPHICS = "Graphics"  # a hundred times as dear as the others, and a display server is there for days
CALLS = {  # version 3, else version 2: what an unversioned name means changed with the library
    kind: ["nvmlDeviceGet%sRunningProcesses_%s" % (kind, version) for version in ("v3", "v2")]
    for kind in WORK + (GRAPHICS,)
}


class Using:
    def __init__(self, fields, uuid):
        self.fields = fields
        self.uuid = uuid
        self.garbled = False  # the driver named processes that can't be
        self.graphics = None
        self.gaps = {}  # UUID of the GPU or of an instance → why its processes could not all be listed
        self.seen = None  # time of the newest sample of process utilization, microseconds
        self.shares = None
        self.shared_by = frozenset()  # the pids when the shares were read

    def read(self, handle, instances, refresh=True, shares=True):
        """Rows of processes. `instances`: those of a divided GPU, whose processes are asked for one by one.

        `refresh`: those that draw are asked for, too. `shares`: how busy each is, which is the dearest question of
        all; asked, too, when there are other processes than before."""
        if refresh or self.graphics is None:
            self.graphics = ask(self.fields, handle, GRAPHICS)
        memory = {}  # (pid, UUID of the instance) → bytes
        gaps = {}
        for instance in instances:
            lists = {kind: ask(instance.fields, instance.handle, kind) for kind in WORK}
            gaps[instance.uuid] = gap(instance.fields, lists)
            for process in joined(lists):
                keep(memory, (process.pid, instance.uuid), process.usedGpuMemory)
        placed = {pid for pid, _ in memory}
        lists = {kind: ask(self.fields, handle, kind) for kind in WORK}
        lists[GRAPHICS] = self.graphics
        whole = gap(self.fields, lists)
        for process in joined(lists):
            if process.pid not in placed:
                keep(memory, (process.pid, instance_of(process, instances)), process.usedGpuMemory)
        self.gaps = dict(gaps, **{self.uuid: whole}) if whole else {}  # what lists the whole GPU lists its instances
        self.garbled = any(pid in UNKNOWN_PIDS for pid, _ in memory)
        found = sorted(
            ((pid, mig, size) for (pid, mig), size in memory.items() if pid not in UNKNOWN_PIDS),
            key=lambda row: (row[0], row[1] or ""),
        )
        pids = frozenset(pid for pid, _, _ in found)
        if pids and (shares or pids != self.shared_by):
            self.shares, self.shared_by = self._shares(handle), pids
        return [
            {
                "gpu_uuid": self.uuid,
                "pid": pid,
                "memory": size,
                "utilization": None if self.shares is None else self.shares.get(pid, 0),
                "mig_uuid": mig,
            }
            for pid, mig, size in found
        ]

    def _shares(self, handle):
        """pid → percent of the newest sample; None where the driver does not tell."""
        since = self.seen or int((time.time() - 2) * 1e6)
        found = self.fields.attempt("process utilization", lambda: self._samples(handle, since))
        if found is None:
            return None
        newest = {}
        for sample in sorted(found, key=lambda sample: sample.timeStamp):
            if sample.timeStamp > since:
                newest[sample.pid] = min(max(sample.smUtil, 0), 100)
                self.seen = max(self.seen or 0, sample.timeStamp)
        return newest

    def _samples(self, handle, since):
        nvml = self.fields.nvml
        try:
            return nvml.nvmlDeviceGetProcessUtilization(handle, since)
        except nvml.NVMLError as error:
            if error.value in (0, nvml.NVML_ERROR_NOT_FOUND):  # nobody was busy
                return []
            raise


def ask(fields, handle, kind):
    """The processes of one kind; None where they are not told."""
    for call in CALLS[kind]:
        found = fields.ask(call, handle)
        if found is not None:
            return found
    return None


def joined(lists):
    return [process for found in lists.values() for process in found or ()]


def gap(fields, lists):
    """Why not all of `lists` were told; None where they were. A kind of process that a GPU does not have can't be
    missing, but some that compute it has, or it tells of no process at all."""
    whys = {kind: fields.gap(*CALLS[kind]) for kind in lists if lists[kind] is None}
    return next((why for why in whys.values() if why != NOWHERE), whys.get(WORK[0]))


def keep(memory, key, size):
    """A process may stand in several lists; what one of them knows counts."""
    if memory.get(key) is None:
        memory[key] = size


def instance_of(process, instances):
    """The instance that a process of the whole GPU's list names."""
    for instance in instances:
        if (process.gpuInstanceId, process.computeInstanceId) == (instance.gpu_instance, instance.compute_instance):
            return instance.uuid
    return None
