"""A GPU that is divided into instances (MIG)."""

from .counters import Counters
from .fields import FORBIDDEN, NOWHERE, Fields, text

ENABLED = 1
GIB = 1 << 30


class Instance:
    """Its memory and processes are its own; utilization, temperature and power are told of the whole GPU only."""

    def __init__(self, nvml, index, handle, uuid):
        self.index, self.handle, self.uuid = index, handle, uuid
        self.fields = Fields(nvml)
        self.gpu_instance = self.fields.ask("nvmlDeviceGetGpuInstanceId", handle)
        self.compute_instance = self.fields.ask("nvmlDeviceGetComputeInstanceId", handle)
        self.profile = self._profile()
        self.counters = Counters(self.fields, self.gpu_instance)
        self.told = None  # what they told last

    def row(self, processes_gap):
        """`processes_gap`: why its processes could not be listed, None where they were."""
        memory = self.fields.memory(self.handle)
        gaps = {} if memory else {"memory": self.fields.memory_gap()}
        if processes_gap:
            gaps["processes"] = processes_gap
        return {
            "uuid": self.uuid,
            "index": self.index,
            "profile": self.profile,
            "gpu_instance": self.gpu_instance,
            "compute_instance": self.compute_instance,
            "memory_used": memory and memory.used,
            "memory_total": memory and memory.total,
            "counters": self.told,
            "gaps": gaps,
        }

    def _profile(self):
        """1g.10gb, from the name `NVIDIA H200 MIG 1g.10gb`; old drivers leave it out of the name."""
        words = text(self.fields.ask("nvmlDeviceGetName", self.handle) or "").split()
        if "MIG" in words[:-1]:
            return words[words.index("MIG") + 1]
        size = self.fields.ask("nvmlDeviceGetAttributes_v2", self.handle)
        if size is None:
            return None
        shared = "" if size.computeInstanceSliceCount == size.gpuInstanceSliceCount else "c."
        slices = (
            "%d%s" % (size.computeInstanceSliceCount, shared) if shared else ""
        ) + "%dg" % size.gpuInstanceSliceCount
        return "%s.%dgb" % (slices, (size.memorySizeMB + 1023) // 1024)


class Mig:
    """The instances of one GPU. They come and go without any notice."""

    def __init__(self, fields):
        self.fields = fields
        self.instances = []
        self.enabled = False
        self.known = False

    def rows(self, handle, gaps):
        """Of the instances; None where the GPU is not divided. `gaps`: UUID of one → why its processes are not told."""
        if not self.enabled:
            return None
        rows = [instance.row(gaps.get(instance.uuid)) for instance in self.instances]
        if any(row["gaps"].get("memory", NOWHERE) not in (NOWHERE, FORBIDDEN) for row in rows):
            self.look(handle)  # one of them was destroyed
            rows = [instance.row(gaps.get(instance.uuid)) for instance in self.instances]
        return rows

    def count(self, handle):
        """What the parts of each did. Those of one GPU instance share its counters."""
        for instance in self.instances:
            known = instance.gpu_instance is not None
            instance.told = instance.counters.read(handle) if known else None

    def look(self, handle):
        """Which there are."""
        mode = self.fields.ask("nvmlDeviceGetMigMode", handle)  # none on a GPU that can't be divided
        enabled = mode is not None and mode[0] == ENABLED
        if self.known and enabled != self.enabled:
            self.fields.never.clear()  # what a divided GPU does not tell, a whole one does
        self.enabled, self.known = enabled, True
        count = (self.fields.ask("nvmlDeviceGetMaxMigDeviceCount", handle) or 0) if enabled else 0
        before = {instance.uuid: instance for instance in self.instances}
        found = (self._instance(handle, index, before) for index in range(count))
        self.instances = [instance for instance in found if instance is not None]

    def _instance(self, handle, index, before):
        """None for a hole: an instance that was destroyed leaves one."""
        nvml = self.fields.nvml
        try:
            instance = nvml.nvmlDeviceGetMigDeviceHandleByIndex(handle, index)
            uuid = text(nvml.nvmlDeviceGetUUID(instance))
        except nvml.NVMLError:
            return None
        if uuid not in before:
            return Instance(nvml, index, instance, uuid)
        before[uuid].index, before[uuid].handle = index, instance
        return before[uuid]
