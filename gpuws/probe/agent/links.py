"""How the GPUs of a host reach each other. It does not change: read once."""

from .fields import Gone, text
from .gpu import short_bus_id

ANCESTORS = {0: "PIX", 10: "PIX", 20: "PXB", 30: "PHB", 40: "NODE", 50: "SYS"}
NVLINK_CAPABILITY, POSSIBLE = 2, 0
MOST_LINKS = 36
TO_SWITCH = 2


def read_links(gpus):
    """Fill in `links` of every GPU that answers."""
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
