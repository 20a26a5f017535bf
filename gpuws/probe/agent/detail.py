"""What is read of a GPU only while somebody looks closely: some of it costs the driver tens of milliseconds."""

from .fields import Gone, short_bus_id, text

SM, MEMORY = 1, 2  # clocks
CORRECTED, UNCORRECTED, SINCE_LOADED = 0, 1, 0
SENT, RECEIVED = 0, 1
# Why the clocks are throttled; an idle GPU's low clocks are no such thing.
REASONS = (
    (0x2, "application clocks"),
    (0x4, "power cap"),
    (0x8, "hardware slowdown"),
    (0x10, "sync boost"),
    (0x20, "software thermal"),
    (0x40, "hardware thermal"),
    (0x80, "power brake"),
    (0x100, "display clocks"),
)
NUMBERS = {
    "clock_sm": ("nvmlDeviceGetClockInfo", SM),
    "clock_sm_max": ("nvmlDeviceGetMaxClockInfo", SM),
    "clock_memory": ("nvmlDeviceGetClockInfo", MEMORY),
    "clock_memory_max": ("nvmlDeviceGetMaxClockInfo", MEMORY),
    "performance_state": ("nvmlDeviceGetPerformanceState",),
    "ecc_corrected": ("nvmlDeviceGetTotalEccErrors", CORRECTED, SINCE_LOADED),
    "ecc_uncorrected": ("nvmlDeviceGetTotalEccErrors", UNCORRECTED, SINCE_LOADED),
    "pcie_generation": ("nvmlDeviceGetCurrPcieLinkGeneration",),
    "pcie_generation_max": ("nvmlDeviceGetMaxPcieLinkGeneration",),
    "pcie_width": ("nvmlDeviceGetCurrPcieLinkWidth",),
    "pcie_width_max": ("nvmlDeviceGetMaxPcieLinkWidth",),
}
UNKNOWN_STATE = 32
ANCESTORS = {0: "PIX", 10: "PIX", 20: "PXB", 30: "PHB", 40: "NODE", 50: "SYS"}
NVLINK_CAPABILITY, POSSIBLE = 2, 0
MOST_LINKS = 36
TO_SWITCH = 2


def read_detail(fields, handle, memory):
    """`memory`: what NVML said of it in this reading."""
    row = {name: fields.ask(call[0], handle, *call[1:]) for name, call in NUMBERS.items()}
    if row["performance_state"] == UNKNOWN_STATE:
        row["performance_state"] = None
    row.update(
        throttle=throttle(fields, handle),
        memory_reserved=getattr(memory, "reserved", None),
        encoder=first(fields.ask("nvmlDeviceGetEncoderUtilization", handle)),
        decoder=first(fields.ask("nvmlDeviceGetDecoderUtilization", handle)),
        pcie_received=throughput(fields, handle, RECEIVED),
        pcie_sent=throughput(fields, handle, SENT),
    )
    remapped = fields.ask("nvmlDeviceGetRemappedRows", handle)
    if remapped is not None:  # corrected, uncorrected, waiting for a reset, failed
        row.update(remap_pending=bool(remapped[2]), remap_failed=bool(remapped[3]))
    return row


def throttle(fields, handle):
    """Reasons, none where the clocks are free. The call was renamed with driver 535."""
    bits = fields.ask("nvmlDeviceGetCurrentClocksEventReasons", handle)
    if bits is None:
        bits = fields.ask("nvmlDeviceGetCurrentClocksThrottleReasons", handle)
    return None if bits is None else [name for bit, name in REASONS if bits & bit]


def throughput(fields, handle, direction):
    """Bytes a second, measured over 20 ms in which the call does not return."""
    kilobytes = fields.ask("nvmlDeviceGetPcieThroughput", handle, direction)
    return None if kilobytes is None else kilobytes * 1000


def first(pair):
    return None if pair is None else pair[0]


def read_links(gpus):
    """Fill in `links` of every GPU that answers: how it reaches the others, which does not change."""
    present = [gpu for gpu in gpus if gpu.gone is None]
    for gpu in present:
        try:
            lanes, switched = nvlinks(gpu)
            found = [link(gpu, other, lanes, switched) for other in present if other is not gpu]
        except Gone:
            continue  # the next reading says so
        gpu.links = [row for row in found if row is not None]


def link(gpu, other, lanes, switched):
    """[index, kind, lanes]; None where the driver does not tell."""
    if lanes or switched:
        status = gpu.fields.ask("nvmlDeviceGetP2PStatus", gpu.handle, other.handle, NVLINK_CAPABILITY)
        if status == POSSIBLE:
            return [other.index, "NVLINK", lanes.get(other.fixed.get("bus_id")) or switched or None]
    level = gpu.fields.ask("nvmlDeviceGetTopologyCommonAncestor", gpu.handle, other.handle)
    return None if level not in ANCESTORS else [other.index, ANCESTORS[level], None]


def nvlinks(gpu):
    """Bus id of another GPU → lanes that lead straight to it; and how many lead to a switch."""
    ask, direct, switched = gpu.fields.ask, {}, 0
    for number in range(MOST_LINKS):
        active = ask("nvmlDeviceGetNvLinkState", gpu.handle, number)
        if active is None:
            break  # no more links, or none at all
        if not active:
            continue
        if ask("nvmlDeviceGetNvLinkRemoteDeviceType", gpu.handle, number) == TO_SWITCH:
            switched += 1
            continue
        pci = ask("nvmlDeviceGetNvLinkRemotePciInfo", gpu.handle, number)
        if pci is not None:
            bus_id = short_bus_id(text(pci.busId))
            direct[bus_id] = direct.get(bus_id, 0) + 1
    return direct, switched
