"""Which processes hold memory of a GPU, and how busy each keeps it."""

import time

from .fields import NOWHERE

UNKNOWN_PIDS = frozenset([0, 0xFFFFFFFF])
WORK = ("Compute", "MPSCompute")
WINDOW = 2.0  # seconds: what a process did before is past
LATELY = 16.0  # seconds between two long looks, about
STILL = 2  # readings without load on end: nobody has worked within WINDOW
REST = 5  # percent; less does not count as work
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
        self.pids = frozenset()  # of those that were told last
        self.now = None  # pid → percent; who is missing was at rest, None where the driver does not tell
        self.looked = None  # when the last long look was, in microseconds
        self.busiest = 0  # percent of the GPU, since then
        self.still = 0  # readings without load on end

    def read(self, handle, instances, refresh=True):
        """Rows of processes. `instances`: those of a divided GPU, whose processes are asked for one by one.

        `refresh`: those that draw are asked for, too."""
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
        return [
            {
                "gpu_uuid": self.uuid,
                "pid": pid,
                "memory": size,
                "utilization": None,
                "lately": None,
                "mig_uuid": mig,
            }
            for pid, mig, size in found
        ]

    def weigh(self, handle, rows, load, long):
        """Write into each of `rows` how busy its process keeps the GPU and, in a long look, kept it since the last one.

        `load`: percent of the whole GPU, None where that is not told. It is that of a process that is alone; asking
        the driver for each one is the dearest question of all, so it is asked only of those that share a GPU which
        works. A long look misses nothing."""
        pids = frozenset(row["pid"] for row in rows)
        others, self.pids = pids != self.pids, pids
        self.still = 0 if load is None or load > 0 else self.still + 1
        self.busiest = max(self.busiest, load or 0)
        if not pids:
            return
        alone = len(pids) == 1 and load is not None and not self.gaps and not self.garbled
        if others:  # a load of before was somebody else's
            self.now = self._shares(handle, WINDOW)
        elif alone:
            self.now = dict.fromkeys(pids, load)
        elif self.still >= STILL:
            self.now = self.now and {}
        else:
            self.now = self._shares(handle, WINDOW)
        lately = self._since_last_look(handle, pids, alone) if long else None
        for row in rows:
            row["utilization"] = None if self.now is None else self.now.get(row["pid"], 0)
            row["lately"] = None if lately is None else lately.get(row["pid"], 0)

    def _since_last_look(self, handle, pids, alone):
        """pid → percent; of one that was alone and seen at work the most that was seen."""
        since, busiest = self.looked, self.busiest
        self.looked, self.busiest = int(time.time() * 1e6), 0
        return dict.fromkeys(pids, busiest) if alone and busiest > REST else self._shares(handle, LATELY, since)

    def _shares(self, handle, seconds, since=None):
        """pid → mean percent of the last `seconds`, or since that time in microseconds; None where it is not told.

        The driver gives one mean a process, over what is newer than the time that it is asked with (seen with driver
        580), and leaves out who was at rest."""
        if since is None:
            since = int((time.time() - seconds) * 1e6)
        found = self.fields.attempt("process utilization", lambda: self._samples(handle, since))
        if found is None:
            return None
        fresh = sorted((one for one in found if one.timeStamp > since), key=lambda one: one.timeStamp)
        return {one.pid: min(max(one.smUtil, 0), 100) for one in fresh}

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
