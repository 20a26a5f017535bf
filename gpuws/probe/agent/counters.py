"""What the parts of a GPU did: its counters, where it has them (NVML's GPM: Hopper and later, for anybody)."""

import time

MIB = 1 << 20
# NVML's numbers: percent of the time, or of what is possible; MiB a second.
PARTS = (
    ("active", 1),
    ("sm_active", 2),
    ("sm_occupancy", 3),
    ("tensor", 5),
    ("dram", 10),
    ("fp64", 11),
    ("fp32", 12),
    ("fp16", 13),
)
TRAFFIC = (("pcie_sent", 20), ("pcie_received", 21), ("nvlink_received", 60), ("nvlink_sent", 61))


class Counters:
    """They only grow, so two readings give what was done between them, however long that was."""

    def __init__(self, fields, gpu_instance=None):
        """`gpu_instance`: the number of the one that they are of; None: of the whole GPU, which has none once it is
        divided."""
        self.fields, self.gpu_instance = fields, gpu_instance
        self.supported = None
        self.before = self.spare = self.at = None

    def read(self, handle):
        """`handle`: the GPU's. Means since the call before; None at the first, and where there are none."""
        if self.supported is None:
            told = self.fields.ask("nvmlGpmQueryDeviceSupport", handle)
            self.supported = bool(told and told.isSupportedDevice)
        return self.fields.attempt("counters", lambda: self._since(handle)) if self.supported else None

    def forget(self):
        """It may have been away."""
        self.before = None

    def _since(self, handle):
        nvml = self.fields.nvml
        sample = self.spare or nvml.nvmlGpmSampleAlloc()
        self.spare = None
        if self.gpu_instance is None:
            nvml.nvmlGpmSampleGet(handle, sample)
        else:
            nvml.nvmlGpmMigSampleGet(handle, self.gpu_instance, sample)
        before, at = self.before, self.at
        self.before, self.at, self.spare = sample, time.monotonic(), before
        if before is None:
            return None
        asked = nvml.c_nvmlGpmMetricsGet_t()
        asked.version = nvml.NVML_GPM_METRICS_GET_VERSION
        asked.sample1, asked.sample2 = before, sample
        parts = PARTS + TRAFFIC
        asked.numMetrics = len(parts)
        for place, (_, number) in enumerate(parts):
            asked.metrics[place].metricId = number
        nvml.nvmlGpmMetricsGet(asked)
        told = {name: value(asked.metrics[place]) for place, (name, _) in enumerate(parts)}
        for name, _ in TRAFFIC:
            told[name] = None if told[name] is None else int(told[name] * MIB)
        return dict(told, seconds=round(self.at - at, 3))


def value(metric):
    """None where this GPU has no such counter. NaN is no number."""
    return round(metric.value, 2) if metric.nvmlReturn == 0 and metric.value == metric.value else None
